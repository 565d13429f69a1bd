"""The gradients that every mistake gives, a file each: for those who write autograders: which does theirs let pass?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

import numpy as np

from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.mistakes import Hypothesis
from bpstep.comparison.population import Key
from bpstep.comparison.precision import Tolerance
from bpstep.comparison.scalars import scalar_mistakes
from bpstep.comparison.search import numbers_of
from bpstep.comparison.sheet import DERIVATIVES, DERIVATIVES_BY_SAMPLE, Sheet, Slot
from bpstep.comparison.walk import Walk
from bpstep.engine.specs import Array
from bpstep.lazily import dataclass

__all__ = ["Mutant", "mutants", "right_gradients"]

_NEAR = Tolerance(1e-9)


@dataclass(frozen=True, eq=False)
class Mutant:
    """A mistake and its gradients, by the names that learners use; ``file`` is a name that a file can have."""

    hypothesis: Hypothesis
    file: str
    gradients: Mapping[str, Array]


def right_gradients(sheet: Sheet) -> dict[str, Array]:
    """The right gradients: ``dW1 db1 …``; of an expression ``d(x) …``, whole arrays, over a batch with the samples in
    front of what each of them has."""
    return _named(sheet, {key: slot.right for key, slot in sheet.slots.items()})


def mutants(sheet: Sheet) -> Iterator[Mutant]:
    """Every mistake that shows in the gradients of a batch; of those that give the same ones, the first."""
    right = right_gradients(sheet)
    seen: list[Mapping[str, Array]] = [right]
    names: set[str] = set()
    for hypothesis, numbers in _every(sheet):
        gradients = _named(sheet, numbers)
        finite = all(bool(np.isfinite(array).all()) for array in gradients.values())
        if finite and not any(_same(gradients, other) for other in seen):
            seen.append(gradients)
            slug = re.sub(r"[^a-z0-9]+", "-", hypothesis.title.lower()).strip("-")
            file = slug if slug not in names else f"{slug}-{len(names)}"
            names.add(file)
            yield Mutant(hypothesis, file, gradients)


def _every(sheet: Sheet) -> Iterator[tuple[Hypothesis, Mapping[Key, Array]]]:
    if sheet.net is None:
        walk = Walk(sheet)
        # In a program over arrays a single place is one cell of many: nobody makes a mistake there alone.
        every = scalar_mistakes(walk, places=0) if walk.has_arrays else scalar_mistakes(walk)
        yield from ((one.hypothesis, one.by_slot) for one in every)
    else:
        for one in hypotheses(sheet.net):
            yield one, numbers_of(sheet.net, [one])


def _named(sheet: Sheet, numbers: Mapping[Key, Array]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    if sheet.net is None:
        for key in (DERIVATIVES, DERIVATIVES_BY_SAMPLE):
            if key in numbers:
                found |= _arrays(sheet, sheet.slots[key], numbers[key])
        return found
    for k, layer in enumerate(sheet.net.layers):
        found[f"dW{k + 1}"] = numbers["d(w)", k]
        if layer.bias is not None:
            found[f"db{k + 1}"] = numbers["d(b)", k]
    return found


def _arrays(sheet: Sheet, slot: Slot, numbers: Array) -> dict[str, Array]:
    """The derivatives by each array of an expression: its cells lie beside each other in the slot."""
    every = numbers if slot.by_sample else numbers[np.newaxis]
    names = [str(slot.cell((0, k) if slot.by_sample else (k,)).of) for k in range(every.shape[1])]
    found: dict[str, Array] = {}
    for name, columns in groupby(range(len(names)), key=lambda k: names[k].partition("[")[0]):
        part = every[:, list(columns)].reshape(len(every), *sheet.shapes.get(name, ()))
        found[f"d({name})"] = part if slot.by_sample else part[0]
    return found


def _same(a: Mapping[str, Array], b: Mapping[str, Array]) -> bool:
    return all(
        bool(_NEAR.agree(a[name], b[name], float(np.abs(b[name]).max(initial=0.0))).all()) for name in a
    )
