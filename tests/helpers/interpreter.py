"""The values of a program over arrays, by NumPy and from nothing but its `ExpressionSpec`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS
from bpstep.engine.specs import Array, ExpressionSpec, Operation, Taken

__all__ = ["values_of"]


def values_of(spec: ExpressionSpec, sample: int = 0) -> dict[str, Array]:
    """The value of every variable, and of every other name for cells, for one of the samples."""
    values = {name: np.asarray(value, float) for name, value in zip(spec.inputs, spec.values, strict=True)}
    values |= {name: array[sample] for name, array in spec.by_sample.items()}
    with np.errstate(all="ignore"):
        for one in spec.operations:
            made = _value(one, [_operand(operand, values) for operand in one.operands])
            assert np.shape(made) == one.shape, f"{one} makes {np.shape(made)}"
            values[one.name] = np.asarray(made, float)
    return values | {name: _operand(taken, values) for name, taken in spec.aliases.items()}


def _operand(operand: str | float | Taken, values: dict[str, Array]) -> Array:
    if isinstance(operand, str):
        return values[operand]
    if isinstance(operand, float):
        return np.asarray(operand)
    found = np.full(operand.shape, np.nan)
    for which, name in enumerate(operand.arrays):
        assert (operand.which == which).any(), "every array is used"
        here = operand.which == which
        found[here] = values[name].reshape(-1)[operand.places[here]]
    return found


def _value(one: Operation, operands: list[Array]) -> Any:
    if one.function in COSTS:
        return COSTS[one.function].term(operands[0], operands[1], operands[0].size).sum()
    if one.function in _OVER_CELLS:
        return _OVER_CELLS[one.function](one, *operands)
    return FUNCTIONS[one.function].value(*np.broadcast_arrays(*operands))


def _softmax(one: Operation, a: Array) -> Array:
    powers = np.exp(a - a.max(axis=one.axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=one.axis, keepdims=True))


def _windows(one: Operation, a: Array, size: tuple[int, ...]) -> Array:
    """All windows of an array, padded with 0: (..., places, window)."""
    assert one.window is not None
    axes = tuple(range(a.ndim - len(size), a.ndim))
    around = [(0, 0)] * (a.ndim - len(size)) + [(p, p) for p in one.window.padding]
    found = np.lib.stride_tricks.sliding_window_view(np.pad(a, around), size, axis=axes)
    steps = (..., *(slice(None, None, step) for step in one.window.stride), *(slice(None) for _ in size))
    return np.asarray(found[steps])


def _conv(one: Operation, x: Array, kernel: Array) -> Array:
    assert one.window is not None
    size = one.window.size
    windows = _windows(one, x, size)
    places = "pq"[: len(size)]
    window = "ij"[: len(size)]
    if kernel.ndim == len(size):
        return np.asarray(np.einsum(f"{places}{window},{window}->{places}", windows, kernel))
    return np.asarray(np.einsum(f"c{places}{window},oc{window}->o{places}", windows, kernel))


def _pooled(one: Operation, a: Array) -> tuple[Array, tuple[int, ...]]:
    assert one.window is not None
    windows = _windows(one, a, one.window.size)
    return windows, tuple(range(-len(one.window.size), 0))


def _max_pool(one: Operation, a: Array) -> Array:
    windows, axes = _pooled(one, a)
    return np.asarray(windows.max(axis=axes))


def _sum_pool(one: Operation, a: Array) -> Array:
    windows, axes = _pooled(one, a)
    return np.asarray(windows.sum(axis=axes))


_OVER_CELLS: dict[str, Callable[..., Any]] = {
    "matmul": lambda one, a, b: a @ b,
    "sum": lambda one, a: a.sum(axis=one.axis),
    "largest": lambda one, a: a.max(axis=one.axis),
    "softmax": _softmax,
    "conv": _conv,
    "max-pool": _max_pool,
    "sum-pool": _sum_pool,
    "where": lambda one, mask, a, b: np.where(mask != 0.0, a, b),
    "detach": lambda one, a: a,
}
