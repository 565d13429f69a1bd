"""How weights and other arrays are drawn: each scheme, and the settings that it knows.

What a neuron is fed from stands along the last axis (fan-in), the neurons along the first (fan-out).

Sources: Glorot & Bengio 2010 (xavier), He et al. 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bpstep.engine.specs import Array

__all__ = ["SCHEMES"]

_Draw = Callable[["np.random.Generator", tuple[int, ...], Mapping[str, float]], Array]


def _uniform(rng: np.random.Generator, shape: tuple[int, ...], bound: float) -> Array:
    return rng.uniform(-bound, bound, shape)


#: How each scheme draws, and the settings that it knows.
SCHEMES: dict[str, tuple[_Draw, tuple[str, ...]]] = {
    "uniform": (lambda rng, n, s: rng.uniform(s.get("low", -1.0), s.get("high", 1.0), n), ("low", "high")),
    "normal": (lambda rng, n, s: rng.normal(s.get("mean", 0.0), s.get("std", 1.0), n), ("mean", "std")),
    "xavier-uniform": (lambda rng, n, s: _uniform(rng, n, float(np.sqrt(6 / (n[0] + n[-1])))), ()),
    "xavier-normal": (lambda rng, n, s: rng.normal(0.0, np.sqrt(2 / (n[0] + n[-1])), n), ()),
    "he-uniform": (lambda rng, n, s: _uniform(rng, n, float(np.sqrt(6 / n[-1]))), ()),
    "he-normal": (lambda rng, n, s: rng.normal(0.0, np.sqrt(2 / n[-1]), n), ()),
    "constant": (lambda rng, n, s: np.full(n, s["value"], dtype=np.float64), ("value",)),
}
