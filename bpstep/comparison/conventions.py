"""What learners may write otherwise than bpstep and be right: the conventions of courses.

    own costs     dz1 = the derivative of each sample's own cost; the mean over the samples comes with dW1
    in the matrix dW1 with a column, or a row, more than W1: the gradients of the biases stand in it
    a list        nabla_w = [dW1, dW2]: one array a layer, without numbers in their names

Which of them a file follows is seen in its numbers and shapes, and the report says what was taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from bpstep.comparison.entries import Entry
from bpstep.comparison.naming import without_number
from bpstep.comparison.net import Net
from bpstep.comparison.population import Key
from bpstep.comparison.sheet import DERIVATIVES, DERIVATIVES_BY_SAMPLE, Mask, Sheet, Slot
from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.lazily import dataclass

__all__ = ["Joined", "joined_ways", "near", "of_layers", "take_own_costs"]

_BY_SAMPLE = ("d(cost)", "d(y)", "d(e)")
_OF_PARAMETERS = ("d(w)", "d(b)")


def near(numbers: Array, right: Array) -> Mask:
    """Where numbers are about the right ones: near enough to see which way they are meant."""
    scale = float(np.abs(right).max(initial=0.0))
    found: Mask = np.isclose(numbers, right, rtol=1e-3, atol=1e-6 * scale)
    return found


# --- one array a layer --------------------------------------------------------------------------------


def of_layers(entries: Sequence[Entry], net: Net) -> list[Entry]:
    """The entries, each list of one array a layer (``nabla_w``) taken apart: ``nabla_w[1]`` is the first layer's."""
    layers, found = len(net.layers), []
    for entry in entries:
        several = layers > 1 and entry.numbers.ndim > 0 and len(entry.numbers) == layers
        if several and without_number(entry.name):
            found += [
                replace(entry, name=f"{entry.name}[{k}]", numbers=numbers)
                for k, numbers in enumerate(entry.numbers, 1)
            ]
        else:
            found.append(entry)
    return found


# --- biases in the matrix -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Joined:
    """A way to take a matrix that has the biases in it: ``where`` they stand, and what is left of it."""

    where: str
    weights: Array
    biases: Array

    def agreement(self, slot: Slot, bias: Slot) -> int:
        """How many of its numbers are about the right ones."""
        return int(near(self.weights, slot.right).sum() + near(self.biases, bias.right).sum())


def joined_ways(array: Array, slot: Slot) -> Iterator[Joined]:
    """The ways in which a matrix is weights and biases: as first or last column where its rows are neurons, as first or
    last row where they are sources."""
    if array.ndim != 2:
        return
    neurons, sources = slot.right.shape
    for turned, matrix in ((False, array), (True, array.T)):
        if matrix.shape == (neurons, sources + 1):
            line = "row" if turned else "column"
            yield Joined(f"last {line}", matrix[:, :-1], matrix[:, -1])
            yield Joined(f"first {line}", matrix[:, 1:], matrix[:, 0])


# --- each sample's own cost ---------------------------------------------------------------------------


def take_own_costs(sheet: Sheet) -> str:
    """Where the derivatives of each sample are those of its own cost, without its share in the mean, give them their
    share; what was taken, in words ("" where they are as bpstep has them)."""
    share = _share(sheet)
    keys = [key for key in sheet.yours if key[0] in _BY_SAMPLE or key == DERIVATIVES_BY_SAMPLE]
    if share == 1.0 or not _are_own(sheet, keys, share):
        return ""
    for key in keys:
        sheet.yours[key] *= share
    each = counted(round(1.0 / share), "sample")
    return f"the derivatives of each sample are taken as those of its own cost: here divided by the {each} of the mean"


def _share(sheet: Sheet) -> float:
    if sheet.net is not None:
        return sheet.net.share
    averaged = sheet.run.setup_of(sheet.batch).training.reduction == "mean"
    return 1.0 / sheet.samples if averaged else 1.0


def _are_own(sheet: Sheet, keys: Sequence[Key], share: float) -> bool:
    """Whether more derivatives agree when they are given their share, and the gradients of the parameters are not too
    large all alike; where as many do, what the learner made of them in the gradients says it."""
    straight, shared = _agreeing(sheet, keys, 1.0), _agreeing(sheet, keys, share)
    if straight != shared:
        gradients = [key for key in sheet.yours if key[0] in _OF_PARAMETERS or key == DERIVATIVES]
        too_large = _agreeing(sheet, gradients, share) > _agreeing(sheet, gradients, 1.0)
        return shared > straight and not too_large
    votes = [_was_averaged(sheet, key[1], share) for key in keys if key[0] == "d(e)"]
    return votes.count(True) > votes.count(False)


def _agreeing(sheet: Sheet, keys: Sequence[Key], factor: float) -> int:
    """How many numbers of some slots are about the right ones, multiplied by a factor; a 0 tells nothing."""
    count = 0
    for key in keys:
        right = sheet.slots[key].right
        count += int((near(factor * sheet.yours[key], right) & (right != 0.0)).sum())
    return count


def _was_averaged(sheet: Sheet, layer: int, share: float) -> bool | None:
    """Whether a learner's gradients are the mean of what the learner's own deltas give (True) or their sum (False);
    None where neither can be seen."""
    assert sheet.net is not None
    deltas, own = sheet.yours["d(e)", layer], sheet.net.layers[layer]
    sources = np.concatenate([_outputs(sheet, source) for source in own.sources], axis=1)
    sums = {"d(b)": deltas.sum(axis=0), "d(w)": deltas.T @ sources}
    for kind, total in sums.items():
        found = sheet.yours.get((kind, layer))
        if found is None or not np.isfinite(found).all() or not np.isfinite(total).all() or not total.any():
            continue
        decay = sheet.net.l2 * own.weights if kind == "d(w)" else 0.0
        averaged, added = (bool(near(factor * total + decay, found).all()) for factor in (share, 1.0))
        if averaged != added:
            return averaged
    return None


def _outputs(sheet: Sheet, source: int) -> Array:
    """What the learner's layer gives, or where that is not known, the right outputs."""
    key = ("y", source)
    yours = sheet.yours.get(key)
    return sheet.slots[key].right if yours is None or np.isnan(yours).any() else yours
