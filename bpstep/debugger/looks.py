"""What of a session's looks can be set, none of which changes a number; and the words that a setting may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bpstep.debugger.arguments import one_of, whole_number
from bpstep.debugger.options import Options
from bpstep.engine.activations import ACTIVATIONS
from bpstep.engine.costs import COSTS
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.rules import RULES
from bpstep.scenario.notations import NOTATIONS

__all__ = ["CHOICES", "LOOKS"]


def _digits(options: Options, text: str, column: int) -> Options:
    return replace(options, digits=whole_number(text, column, "2 to 12 digits", 2, 12))


#: What the settings that are no numbers may be.
CHOICES: dict[str, Iterable[str]] = {
    "cost": COSTS,
    "activation": ACTIVATIONS,
    "optimizer": OPTIMIZERS,
    "rule": RULES,
    "mode": ("reverse", "forward"),
    "notation": NOTATIONS,
    "glyphs": ("full", "safe", "ascii"),
    "theme": ("dark", "light", "high-contrast", "mono", "ansi"),
    "layout": ("columns", "rows"),
}

#: How each text becomes other options.
LOOKS: dict[str, Callable[[Options, str, int], Options]] = {
    "digits": _digits,
    "notation": lambda o, text, at: replace(o, notation=one_of(text, NOTATIONS, at)),
    "glyphs": lambda o, text, at: replace(o, glyphs=one_of(text, CHOICES["glyphs"], at)),
    "theme": lambda o, text, at: replace(o, theme=one_of(text, CHOICES["theme"], at)),
    "layout": lambda o, text, at: replace(o, layout=one_of(text, CHOICES["layout"], at)),
}
