"""The weights of a layer: as written, or drawn.

Draws are made per layer from ``numpy.random.default_rng(seed)`` in shape (neurons, sources), so a scenario has
the same weights wherever it is opened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from bpstep.engine.specs import Array
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report
from bpstep.scenario.schema import InitTable
from bpstep.scenario.schemes import SCHEMES

__all__ = ["MOST_WEIGHTS", "Init", "check_init", "draw", "written_bias", "written_weights"]

MOST_WEIGHTS = 20_000_000


@dataclass(frozen=True)
class Init:
    """How weights are drawn: a scheme with what it needs."""

    scheme: str
    seed: int
    settings: Mapping[str, float]


def check_init(table: InitTable, path: Path, report: Report) -> Init | None:
    """An ``init`` table that has what its scheme needs and nothing else; None where it has not."""
    scheme = table.scheme
    if scheme is None:
        return None
    known = SCHEMES[scheme][1]
    stated = {name: value for name, value in asdict(table).items() if value is not None}
    settings = {name: value for name, value in stated.items() if name not in ("scheme", "seed", "shape")}
    for name in settings:
        if name not in known:
            it_has = f"it has {', '.join(known)}" if known else "it has no settings"
            report.add((*path, name), f'the scheme "{scheme}" does not know it; {it_has}')
    if scheme == "constant":
        if "value" not in stated and not report.has((*path, "value")):
            report.add(path, 'the scheme "constant" needs a value')
    elif "seed" not in stated and not report.has((*path, "seed")):
        report.add(path, f'the scheme "{scheme}" needs a seed, so that everybody gets the same weights')
    low, high = settings.get("low", -1.0), settings.get("high", 1.0)
    if not 0.0 <= high - low < math.inf and not report.has(path):
        what = "is above" if low > high else "is too far from"
        report.add((*path, "low" if "low" in settings else "high"), f"low {what} high")
    return None if report.has(path) else Init(scheme, table.seed or 0, settings)


def draw(init: Init, shape: tuple[int, ...], seed: int | None, path: Path, report: Report) -> Array:
    """Weights in a shape such as (neurons, sources); ``seed`` replaces the one of the file."""
    rng = np.random.default_rng(init.seed if seed is None else seed)
    with np.errstate(over="ignore"):
        drawn = SCHEMES[init.scheme][0](rng, shape, init.settings)
    if not np.isfinite(drawn).all():
        report.add(path, "it draws numbers that are not finite; expected a smaller mean and std")
    return drawn


def written_weights(
    rows: list[list[float]] | None, neurons: Sequence[str], sources: Sequence[str], path: Path, report: Report
) -> Array:
    """Weights as they stand in the file; zeros where they do not fit, which is reported."""
    shape = (len(neurons), len(sources))
    if rows is None:
        return np.zeros(shape)
    if len(rows) != shape[0]:
        report.add(path, f"{counted(len(rows), 'row')}; expected {shape[0]}, one per neuron")
    for place, row in enumerate(rows):
        if len(row) != shape[1]:
            names = ", ".join(sources[:6]) + (", ..." if len(sources) > 6 else "")
            found = counted(len(row), "number")
            report.add((*path, place), f"{found}; expected {shape[1]}, one per source ({names})")
    return np.zeros(shape) if report.has(path) else np.array(rows, dtype=np.float64).reshape(shape)


def written_bias(
    bias: list[float] | float | bool | None, neurons: Sequence[str] | None, path: Path, report: Report
) -> Array | None:
    """Biases: a list, one number for all, true (0) or false (none); zeros where they do not fit."""
    if neurons is None or (bias is None and not report.has(path)) or bias is False:
        return None
    if isinstance(bias, list) and len(bias) != len(neurons):
        report.add(path, f"{counted(len(bias), 'number')}; expected {len(neurons)}, one per neuron")
    if bias is None or bias is True or report.has(path):
        return np.zeros(len(neurons))
    return np.full(len(neurons), bias, dtype=np.float64)
