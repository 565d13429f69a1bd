"""The weights of a layer: as written, or drawn.

Draws are made per layer from ``numpy.random.default_rng(seed)`` in shape (neurons, sources), so a scenario has
the same weights wherever it is opened.  Sources of the schemes: Glorot & Bengio 2010 (xavier), He et al. 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpstep.engine.specs import Array
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report

__all__ = ["MOST_WEIGHTS", "SCHEMES", "draw", "written_bias", "written_weights"]

MOST_WEIGHTS = 20_000_000

_Draw = Callable[["np.random.Generator", tuple[int, int], Mapping[str, float]], Array]


def _uniform(rng: np.random.Generator, shape: tuple[int, int], bound: float) -> Array:
    return rng.uniform(-bound, bound, shape)


#: How each scheme draws, and the settings that it knows.
SCHEMES: dict[str, tuple[_Draw, tuple[str, ...]]] = {
    "uniform": (lambda rng, n, s: rng.uniform(s.get("low", -1.0), s.get("high", 1.0), n), ("low", "high")),
    "normal": (lambda rng, n, s: rng.normal(s.get("mean", 0.0), s.get("std", 1.0), n), ("mean", "std")),
    "xavier-uniform": (lambda rng, n, s: _uniform(rng, n, float(np.sqrt(6 / (n[0] + n[1])))), ()),
    "xavier-normal": (lambda rng, n, s: rng.normal(0.0, np.sqrt(2 / (n[0] + n[1])), n), ()),
    "he-uniform": (lambda rng, n, s: _uniform(rng, n, float(np.sqrt(6 / n[1]))), ()),
    "he-normal": (lambda rng, n, s: rng.normal(0.0, np.sqrt(2 / n[1]), n), ()),
    "constant": (lambda rng, n, s: np.full(n, s["value"]), ("value",)),
}


def draw(init: dict[str, Any], shape: tuple[int, int], path: Path, report: Report, seed: int | None) -> Array:
    """Weights by an ``init`` table; zeros where the table is wrong, which is reported."""
    scheme = init.get("scheme")
    if scheme not in SCHEMES:
        return np.zeros(shape)
    make, settings = SCHEMES[str(scheme)]
    for key in init:
        if key not in ("scheme", "seed", *settings) and key in ("low", "high", "mean", "std", "value"):
            known = ", ".join(settings) or "no settings"
            report.add((*path, key), f'the scheme "{scheme}" does not know it; it has {known}')
    if scheme == "constant":
        if "value" not in init:
            report.add(path, 'the scheme "constant" needs a value')
            return np.zeros(shape)
    elif "seed" not in init:
        report.add(path, f'the scheme "{scheme}" needs a seed, so that everybody gets the same weights')
        return np.zeros(shape)
    if init.get("low", -1.0) > init.get("high", 1.0):
        report.add((*path, "low"), "low is above high")
        return np.zeros(shape)
    chosen = init.get("seed", 0) if seed is None else seed
    try:
        return make(np.random.default_rng(chosen), shape, init)
    except (TypeError, ValueError, KeyError):
        return np.zeros(shape)  # a setting of the wrong type, which the schema has reported


def written_weights(
    rows: object, neurons: tuple[str, ...], sources: list[str], path: Path, report: Report
) -> Array:
    """Weights as they stand in the file; what does not fit is reported."""
    shape = (len(neurons), len(sources))
    if not isinstance(rows, list):
        return np.zeros(shape)
    if len(rows) != shape[0]:
        report.add(path, f"{len(rows)} rows; expected {shape[0]}, one per neuron")
    fits = len(rows) == shape[0]
    for place, row in enumerate(rows):
        if isinstance(row, list) and len(row) != shape[1]:
            names = ", ".join(sources[:6]) + (", ..." if len(sources) > 6 else "")
            report.add((*path, place), f"{len(row)} numbers; expected {shape[1]}, one per source ({names})")
        fits = fits and isinstance(row, list) and len(row) == shape[1]
    if not fits or not all(_is_number(x) for row in rows for x in row):
        return np.zeros(shape)
    return np.array(rows, dtype=np.float64).reshape(shape)


def written_bias(bias: object, neurons: tuple[str, ...], path: Path, report: Report) -> Array | None:
    """Biases: a list, one number for all, true (0) or false (none)."""
    if bias is None or bias is False:
        return None
    if bias is True:
        return np.zeros(len(neurons))
    if _is_number(bias):
        return np.full(len(neurons), float(bias))  # type: ignore[arg-type]
    if not isinstance(bias, list) or not all(_is_number(x) for x in bias):
        return np.zeros(len(neurons))
    if len(bias) != len(neurons):
        report.add(path, f"{len(bias)} numbers; expected {len(neurons)}, one per neuron")
        return np.zeros(len(neurons))
    return np.array(bias, dtype=np.float64)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
