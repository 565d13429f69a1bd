"""The optimizers: what becomes of a gradient, one row each.

An optimizer looks at all parameters at once, as one flat array, so that an update is a handful of
operations however many layers there are.  Its state, if it has any, is a flat array of the same shape
for each name in ``states``: ``m`` is the momentum buffer or first moment, ``v`` the second moment.

A row also says how one parameter's share of the update reads as a formula, because a debugger steps
through it.  In these texts ``{w} {g} {m} {v} {lr}`` are cells, every other place is a setting, or
``{t}``, the number of the update, counted from 1.

Definitions and defaults are PyTorch's (``torch.optim.SGD``, ``Adam``, ``AdamW``): momentum is not
damped, Adam's epsilon stands outside the root, and AdamW's weight decay is decoupled from the gradient.
Sources: Polyak 1964 and Sutskever et al. 2013; Kingma & Ba 2015; Loshchilov & Hutter 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bpstep.engine.specs import Array, OptimizerSpec
from bpstep.lazily import dataclass

__all__ = ["OPTIMIZERS", "Optimizer", "settings_of"]

Settings = Mapping[str, float]


@dataclass(frozen=True)
class Optimizer:
    """One row.

    ``next_states(states, g, settings)`` are the new states; ``stepped(w, g, states, lr, t, settings)``
    the new parameters, from the new states.  ``state_texts`` and ``update_text(settings)`` are the same
    as text, the latter without the leading ``w -=``.  The text of a state comes in two: what is kept of the
    old state ("" where nothing is), and what is added; at the first update there is nothing to keep.  States change
    one after the other: the text of each reads those before it as they have become, and itself and those behind it
    as they were.
    """

    name: str
    defaults: Mapping[str, float]
    states: tuple[str, ...]
    next_states: Callable[[list[Array], Array, Settings], list[Array]]
    stepped: Callable[[Array, Array, list[Array], float, int, Settings], Array]
    state_texts: tuple[tuple[str, str], ...]
    update_text: Callable[[Settings], str]

    @property
    def is_plain(self) -> bool:
        """Whether it is plain gradient descent: every update is the rate times the gradient."""
        return not self.states and not self.defaults and self.update_text({}) == "{lr} * {g}"

    def is_of_squares(self, state: str) -> bool:
        """Whether a state takes in the square of the gradient."""
        return "{g}^2" in self.state_texts[self.states.index(state)][1]

    def state_text(self, place: int, *, is_first: bool = False) -> str:
        """How a state (from 0) changes; ``is_first`` is whether that is its first update."""
        kept, added = self.state_texts[place]
        return added if is_first or not kept else f"{kept} + {added}"


def settings_of(spec: OptimizerSpec) -> dict[str, float]:
    """The settings of an optimizer, defaults filled in."""
    return {**OPTIMIZERS[spec.name].defaults, **{key: float(value) for key, value in spec.settings}}


def _sgd(w: Array, g: Array, states: list[Array], lr: float, t: int, s: Settings) -> Array:
    step: Array = lr * g
    return np.subtract(w, step, out=step)  # of a large network half of the time is that of memory


def _momentum_states(states: list[Array], g: Array, s: Settings) -> list[Array]:
    return [s["momentum"] * states[0] + g]


def _momentum(w: Array, g: Array, states: list[Array], lr: float, t: int, s: Settings) -> Array:
    return w - lr * (g + s["momentum"] * states[0] if s["nesterov"] else states[0])


def _momentum_text(s: Settings) -> str:
    return "{lr} * ({g} + {momentum} * {m})" if s["nesterov"] else "{lr} * {m}"


def _adam_states(states: list[Array], g: Array, s: Settings) -> list[Array]:
    m, v = states
    return [
        s["beta1"] * m + (1.0 - s["beta1"]) * g,
        s["beta2"] * v + (1.0 - s["beta2"]) * (g * g),
    ]


def _adam(w: Array, g: Array, states: list[Array], lr: float, t: int, s: Settings) -> Array:
    first = states[0] / (1.0 - s["beta1"] ** t)
    second = states[1] / (1.0 - s["beta2"] ** t)
    return w - lr * first / (np.sqrt(second) + s["epsilon"])


def _adamw(w: Array, g: Array, states: list[Array], lr: float, t: int, s: Settings) -> Array:
    return _adam(w - lr * s["weight_decay"] * w, g, states, lr, t, s)


_ADAM_STATE_TEXTS = (("{beta1} * {m}", "(1 - {beta1}) * {g}"), ("{beta2} * {v}", "(1 - {beta2}) * {g}^2"))
_ADAM_TEXT = "{lr} * ({m} / (1 - {beta1}^{t})) / (sqrt({v} / (1 - {beta2}^{t})) + {epsilon})"
_ADAM_DEFAULTS = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}

_ROWS = (
    Optimizer("sgd", {}, (), lambda states, g, s: [], _sgd, (), lambda s: "{lr} * {g}"),
    Optimizer(
        "momentum", {"momentum": 0.9, "nesterov": False}, ("m",),
        _momentum_states, _momentum, (("{momentum} * {m}", "{g}"),), _momentum_text,
    ),
    Optimizer(
        "adam", _ADAM_DEFAULTS, ("m", "v"),
        _adam_states, _adam, _ADAM_STATE_TEXTS, lambda s: _ADAM_TEXT,
    ),
    Optimizer(
        "adamw", {**_ADAM_DEFAULTS, "weight_decay": 0.01}, ("m", "v"),
        _adam_states, _adamw, _ADAM_STATE_TEXTS,
        lambda s: "{lr} * {weight_decay} * {w} + " + _ADAM_TEXT,
    ),
)  # fmt: skip

OPTIMIZERS: dict[str, Optimizer] = {row.name: row for row in _ROWS}
