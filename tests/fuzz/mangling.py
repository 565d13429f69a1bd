"""Texts that are nearly right: a good one with a few things in it replaced, dropped, doubled or moved.

Most of what people get wrong is a value of the wrong sort, a line too many, a letter too few; so values are replaced
by others of any sort, lines are moved about, and characters are flipped.  What is put in instead comes from a list of
things that programs stumble over.
"""

from __future__ import annotations

import random
import re

__all__ = ["NASTY_NUMBERS", "NASTY_TEXTS", "NASTY_WORDS", "mangled", "nasty_toml"]

NASTY_NUMBERS = (
    "0", "-0.0", "1", "-1", "2", "0.5", "1e-300", "5e-324", "1e308", "-1e308", "1e309", "nan", "inf", "-inf",
    "9" * 400, "-" + "9" * 400, "1" + "0" * 30, "1000000000", "10000001", "2147483648", "9223372036854775808",
    "18446744073709551616", "1_000", "0x10", "0.1e1000", "3.0", "1e3", "007", "٣", "²", "½", "1e", ".5", "5.", "−1",
)  # fmt: skip
NASTY_WORDS = (
    "w", "e", "y", "d", "pi", "lr", "step", "loss", "cost", "inputs", "output", "hidden", "true", "false", "null",
    "sigmoid", "softmax", "adam", "nan", "inf", "x" * 300, "ж", "π", "ﬁ", "__class__", "__import__", "lambda", "self",
    "h1", "x1", "o1", "v", "m", "exp", "2x", "a-b", "a b", "", "%s", "{0}", "{x}", "{", "}", "[bold]", "[/]", "\\", "/",
    "../..", "/dev/null", ".", "nul", "~",
)  # fmt: skip
#: With what a terminal would obey, or what turns text around: as TOML writes it, and as it is.
NASTY_TEXTS = (
    r"\u001b[31mred\u001b[0m", r"\u202Eabc", r"\u0000", r"\u0007", r"\u0085", r"\u200B", r"\uFEFF", r"\U0001F600",
    r"\t", r"\n", r"\r", r"\u0301", r"\U000E0041", r"\u2028",
)  # fmt: skip
NASTY_CHARACTERS = (
    "\x00\x07\x1b\x7f\x85\u200b\u202e\u2028\ufeff\U000e0041\t\r\n\\\"'`$%{}[]()<>=#,;:|&^~!?*+-/.0eπж½²→−"
)

_VALUE = re.compile(
    r'"""(?:.|\n)*?"""|"[^"\n]*"|\[[^\[\]\n]*\]|\{[^{}\n]*\}|-?\d[\d_.eE+-]*|\btrue\b|\bfalse\b'
)
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def nasty_toml(chance: random.Random, depth: int = 0) -> str:
    """A value of any sort, as TOML writes it."""
    what = chance.random()
    if what < 0.35:
        return chance.choice(NASTY_NUMBERS[:21])
    if what < 0.6:
        return f'"{chance.choice(NASTY_WORDS[:-6])}"'
    if what < 0.7:
        return f'"{chance.choice(NASTY_TEXTS)}"'
    if what < 0.78:
        return chance.choice(("true", "false", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "''", '""'))
    if depth > 3:
        return "[]"
    if what < 0.92:
        return f"[{', '.join(nasty_toml(chance, depth + 1) for _ in range(chance.randrange(4)))}]"
    keys = [
        chance.choice(("low", "seed", "name", "x", "scheme", "value", "k"))
        for _ in range(chance.randrange(3))
    ]
    return "{ " + ", ".join(f"{key} = {nasty_toml(chance, depth + 1)}" for key in dict.fromkeys(keys)) + " }"


def mangled(text: str, chance: random.Random, *, values: bool = True) -> str:
    """A text with some things changed; most often one or two.  With ``values`` it is TOML, and its values may be
    replaced by others."""
    for _ in range(min(chance.choice((1, 1, 1, 2, 2, 3, 8)), 8)):
        changes = (
            (_value, _value, _value, _value, _line, _line, _token, _character) if values else _WITHOUT_VALUES
        )
        text = chance.choice(changes)(text, chance)
    return text


def _value(text: str, chance: random.Random) -> str:
    found = list(_VALUE.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    new = nasty_toml(chance) if chance.random() < 0.8 else chance.choice(found)[0]
    return text[: one.start()] + new + text[one.end() :]


def _line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    what = chance.randrange(4)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(other, lines[at])
    elif what == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines[at : at + 2] = ["".join(lines[at : at + 2])]
    return "\n".join(lines)


def _token(text: str, chance: random.Random) -> str:
    found = list(_TOKEN.finditer(text))
    if not found:
        return text
    one, other = chance.choice(found), chance.choice(found)
    new = chance.choice((other[0], "", one[0] * 2, chance.choice(NASTY_WORDS), chance.choice(NASTY_NUMBERS)))
    return text[: one.start()] + new + text[one.end() :]


def _character(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    what = chance.randrange(3)
    if what == 0:
        return text[:at] + text[at + 1 :]
    return text[:at] + chance.choice(NASTY_CHARACTERS) + text[at + (what == 1) :]


_WITHOUT_VALUES = (_line, _token, _token, _character)
