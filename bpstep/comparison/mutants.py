"""The gradients that every mistake gives, a file each: for those who write autograders: which does theirs let pass?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from bpstep.comparison.hypotheses import hypotheses
from bpstep.comparison.mistakes import Hypothesis
from bpstep.comparison.population import Key
from bpstep.comparison.precision import Tolerance
from bpstep.comparison.scalars import scalar_mistakes
from bpstep.comparison.search import numbers_of
from bpstep.comparison.sheet import DERIVATIVES, Sheet
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
    """The right gradients: ``dW1 db1 …``; of an expression ``d(x) …``."""
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
        yield from ((one.hypothesis, {DERIVATIVES: one.numbers}) for one in scalar_mistakes(Walk(sheet)))
    else:
        for one in hypotheses(sheet.net):
            yield one, numbers_of(sheet.net, [one])


def _named(sheet: Sheet, numbers: Mapping[Key, Array]) -> dict[str, Array]:
    if sheet.net is None:
        slot = sheet.slots[DERIVATIVES]
        return {str(slot.cell((k,))): np.asarray(value) for k, value in enumerate(numbers[DERIVATIVES])}
    found: dict[str, Array] = {}
    for k, layer in enumerate(sheet.net.layers):
        found[f"dW{k + 1}"] = numbers["d(w)", k]
        if layer.bias is not None:
            found[f"db{k + 1}"] = numbers["d(b)", k]
    return found


def _same(a: Mapping[str, Array], b: Mapping[str, Array]) -> bool:
    return all(
        bool(_NEAR.agree(a[name], b[name], float(np.abs(b[name]).max(initial=0.0))).all()) for name in a
    )
