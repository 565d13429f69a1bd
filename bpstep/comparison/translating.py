"""The arithmetic of the tables in the languages of skeletons: what a function or a cost is, as a definition.

    {a} * tanh(softplus({a}))       def mish(z):                              mish(z) = @. z * tanh(softplus(z))
                                        return z * np.tanh(softplus(z))

So a function that is a row of the table alone can be called in every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bpstep.comparison.languages import Language
from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS, called

__all__ = ["definitions_of"]

_CALL = re.compile(r"([a-z_][a-z_0-9]*)\(")
#: A number that is an operand of a function, alone.
_ALONE = re.compile(r"(?<=[a-z]\()-?[\d.]+(?=[,)])|(?<=, )-?[\d.]+(?=[,)])")
#: No target: one at which no term of a cost vanishes.
_ANY_TARGET = 0.5


def definitions_of(to: Language, used: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """The definitions of all functions and costs that are used, and of those that these are made of, which come first.

    ``known`` are those that are written by hand, "" where the language has the function itself.
    """
    found: dict[str, str] = {}
    for name in used:
        _define(to, name, known, found)
    return [text for text in found.values() if text]


def _define(to: Language, name: str, known: Mapping[str, str], found: dict[str, str]) -> None:
    if name in found:
        return
    text, rows = _text(name, to.count), called()
    if name in known or name in to.calls or not text:
        found[name] = known.get(name, "")
        return
    for call in dict.fromkeys(_CALL.findall(text)):
        if call in rows:
            _define(to, rows[call].name, known, found)
    say = to.define_cost if name in COSTS else to.define
    found[name] = say.format(name=name.replace("-", "_"), text=_translated(to, text))


def _text(name: str, count: str) -> str:
    """What a function or a cost is, over z, or over y and t; "" where nothing says it."""
    if name in COSTS:
        return COSTS[name].texts(_ANY_TARGET)[0].format(y="y", t="t", K=count)
    return FUNCTIONS[name].definition.format(a="z") if name in FUNCTIONS else ""


def _translated(to: Language, text: str) -> str:
    """A text of the tables in a language; [p] is 1 where p holds, else 0."""
    rows = called()

    def call(found: re.Match[str]) -> str:
        name = rows[found[1]].name if found[1] in rows else found[1]
        return f"{to.calls.get(name, found[1])}("

    text = _ALONE.sub(lambda found: to.scalar.format(value=repr(float(found[0]))), text)
    text = _CALL.sub(call, re.sub(r"\[([^\[\]]+)\]", r"(1.0 * (\1))", text))
    for sign, written in ({"^": to.power} | dict(to.signs)).items():
        text = text.replace(sign, written)
    return text
