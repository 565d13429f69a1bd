"""Mistakes in the gradients themselves: of what is given, so nothing else hears of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from bpstep.comparison.mistakes import said_constant
from bpstep.comparison.sheet import DERIVATIVES
from bpstep.comparison.walk import Walk
from bpstep.engine.specs import Array

__all__ = ["gradient_mistakes"]

Change = Callable[[Array], Array]

#: A name, the words of a value, a sentence, and what becomes of the gradient.
_WAYS: tuple[tuple[str, str, str, Change], ...] = (
    ("gradient-forgotten", "", "the gradient stays 0", lambda g: 0.0 * g),
    *(
        (
            "gradient-factor",
            said_constant(factor),
            "the gradient is multiplied by {v}",
            partial(np.multiply, factor),
        )
        for factor in (-1.0, 2.0, 0.5)
    ),
    ("gradient-transposed", "", "the gradient is transposed", np.transpose),
    ("gradient-turned", "", "the gradient is turned round, as a kernel is that was flipped", np.flip),
)


def gradient_mistakes(walk: Walk, arrays: Iterable[str]) -> Iterator[tuple[str, str, str, Array, str]]:
    """Each mistake: its name, its value in words, its sentence, all derivatives with it, and where it is made: in one
    of some arrays that are given, or in all parameters."""
    right, leaves = walk.sheet.slots[DERIVATIVES].right, walk.leaves
    places = [([name], f"at {name} only") for name in arrays if name in leaves]
    if len(walk.parameters) > 1:
        places.insert(0, (walk.parameters, "at all parameters"))
    for names, where in places:
        for name, words, says, change in _WAYS:
            found = _changed(
                right, [(leaves[array], walk.sheet.shapes.get(array, ())) for array in names], change
            )
            if found is not None:
                yield name, words, says, found, where


def _changed(
    right: Array, arrays: Sequence[tuple[list[int], tuple[int, ...]]], change: Change
) -> Array | None:
    """The derivatives with those by some arrays changed; None where that gives no gradient of their shape."""
    found = right.copy()
    for places, shape in arrays:
        gradient = change(right[places].reshape(shape)) if len(places) == np.prod(shape, dtype=int) else None
        if gradient is None or gradient.shape != shape:
            return None
        found[places] = gradient.reshape(-1)
    return None if np.array_equal(found, right) else found
