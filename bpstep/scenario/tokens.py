"""A text cut into tokens, and a place among them.

    w[i1->h1] · δ(o1) − 3x²      becomes      w [ i1 -> h1 ] * δ ( o1 ) - 3 x ²

What a book writes and what a keyboard has are the same token: − is -, · and × are *, ≤ is <=, → is ->.  Of arrays
there are ``@``, ``..`` between two indices, and ``.T`` as one token.
"""

from __future__ import annotations

import re

from bpstep.lazily import dataclass
from bpstep.visible import quoted

__all__ = ["MOST_CHARACTERS", "MOST_LEVELS", "ArithmeticSyntaxError", "Token", "Tokens"]

MOST_CHARACTERS = 20_000
MOST_LEVELS = 100

#: What else may be written for a sign.
_SAME = {
    "−": "-",
    "·": "*",
    "⋅": "*",
    "×": "*",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "'": "′",
    "**": "^",
}

_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][-+−]?[0-9]+)?|½)"
    rf"|(?P<raised>⁻?[{_RAISED}]+)"
    rf"|(?P<name>(?:(?![0-9{_RAISED}½])\w)(?:(?![{_RAISED}½])\w)*)"
    r"|(?P<sign>->|\*\*|<=|>=|==|!=|(?<=\w)['′]|\.\.|\.T(?!\w)|[-+*/^@(),<>\[\]=∂−·⋅×÷≤≥≠→])"
    r"|(?P<other>\S))"
)
_IN_LINE = str.maketrans(_RAISED + "⁻" + _LOWERED, "0123456789-0123456789")


class ArithmeticSyntaxError(ValueError):
    """A text that is no arithmetic.  ``column`` is the place, from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Token:
    """A number, a name, a sign, a raised number (²), or the end; ``end`` is the column behind it."""

    kind: str
    text: str
    column: int
    end: int


def _cut(text: str) -> list[Token]:
    if len(text) > MOST_CHARACTERS:
        raise ArithmeticSyntaxError(
            f"an expression has at most {MOST_CHARACTERS} characters", MOST_CHARACTERS
        )
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        word, column = match.group(kind), match.start(kind)
        if kind in ("raised", "name"):  # β₁ is beta1, and x² is x^2
            word = word.translate(_IN_LINE)
        if kind == "other" or (kind == "name" and not word.isidentifier()):
            raise ArithmeticSyntaxError(f"unexpected character {quoted(word[0])}", column)
        if kind == "number":
            word = word.replace("½", "0.5").replace("−", "-")
        elif kind == "sign":
            word = _SAME.get(word, word)
        found.append(Token(kind, word, column, match.end(kind)))
    found.append(Token("end", "", len(text), len(text)))
    return found


class Tokens:
    """The tokens of a text, and the one that is read next."""

    def __init__(self, text: str) -> None:
        self.text, self.all = text, _cut(text)
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The next one."""
        return self.all[self.at]

    def ahead(self, by: int = 1) -> Token:
        """One that comes later; the end where there is none."""
        return self.all[min(self.at + by, len(self.all) - 1)]

    def next(self) -> Token:
        """Take the next one, which is not the end."""
        token = self.token
        self.at += 1
        return token

    def take(self, *texts: str) -> Token | None:
        """The next one, if it is one of these signs or words; else None, and nothing is taken."""
        token = self.token
        return self.next() if token.kind in ("sign", "name") and token.text in texts else None

    def expect(self, text: str, where: str) -> None:
        """Take a sign that must stand here."""
        if self.take(text) is None:
            raise self.error(f'expected "{text}" {where}')

    def name(self, what: str) -> str:
        """Take a name."""
        if self.token.kind != "name":
            raise self.error(f"expected {what}")
        return self.next().text

    def error(self, expected: str) -> ArithmeticSyntaxError:
        """What was expected here, and what is there."""
        token = self.token
        found = quoted(self.text[token.column : token.end]) if token.kind != "end" else "the end"
        return ArithmeticSyntaxError(f"{expected}, found {found}", token.column)

    def deeper(self) -> None:
        """One level of nesting more."""
        self.depth += 1
        if self.depth > MOST_LEVELS:
            raise ArithmeticSyntaxError(f"more than {MOST_LEVELS} levels of nesting", self.token.column)
