"""Glyphs: which character stands for what, and what to draw where a font or an encoding lacks it.

Strokes are not characters.  A cell of the canvas knows how heavy the stroke is that leaves it upwards, to the
right, downwards and to the left (its four *arms*: 0 none, 1 light, 2 heavy), and the character follows from
the arms.  The table is read from the Unicode names of the box-drawing block, so there is no list of special
cases to get wrong:

    >>> STROKES[arms(up=HEAVY, down=LIGHT, left=HEAVY)]      # a heavy wire turns off a light lane
    '┩'
    >>> STROKES[arms(down=LIGHT, right=LIGHT)]               # light corners are rounded
    '╭'
    >>> STROKES[arms(left=LIGHT)]                            # half a stroke, before a label
    '╴'

Everything is drawn with the full set and translated, character by character, when it leaves the canvas.  So
nobody who draws has to care about fonts:

    >>> SAFE.translate("┏━━╸0.4000━┓ ◆ ╭─")
    '╔═══0.4000═╗ ■ ┌─'
    >>> ASCII.translate("┏━━╸0.4000━┓ ◀ ∂y −0.2171…")
    '+===0.4000=+ < dy -0.2171_'

Text from files passes through `printable`, which keeps the length of a text and lets nothing reach a terminal
that is not one visible character in one cell.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from rich.cells import cell_len

from bpstep.lazily import dataclass
from bpstep.scenario.notations import ASCII_LETTERS, ASCII_NAMES

__all__ = ["ASCII", "FULL", "GLYPH_SETS", "HEAVY", "LIGHT", "SAFE", "STROKES",
           "GlyphSet", "arms", "arms_of", "glyphs_for_encoding", "printable"]  # fmt: skip

LIGHT, HEAVY = 1, 2
_DOUBLE = 3

_WEIGHTS = {"LIGHT": LIGHT, "SINGLE": LIGHT, "HEAVY": HEAVY, "DOUBLE": _DOUBLE}
_DIRECTIONS = {
    "UP": ("up",), "DOWN": ("down",), "LEFT": ("left",), "RIGHT": ("right",),
    "VERTICAL": ("up", "down"), "HORIZONTAL": ("left", "right"),
}  # fmt: skip


def arms(up: int = 0, right: int = 0, down: int = 0, left: int = 0) -> int:
    """Pack four weights into the index of `STROKES`, two bits each."""
    return up | right << 2 | down << 4 | left << 6


def _unpack(packed: int) -> tuple[int, int, int, int]:
    return packed & 3, packed >> 2 & 3, packed >> 4 & 3, packed >> 6 & 3


def _arms_of_name(name: str) -> int:
    """Read the arms off a Unicode name; 0 for dashes and diagonals.

    A name is one or two clauses joined by AND.  A clause names directions and, before or after them, a
    weight; where it has none, it shares the weight of the clause before it.

        >>> _unpack(_arms_of_name("BOX DRAWINGS UP HEAVY AND DOWN HORIZONTAL LIGHT"))
        (2, 1, 1, 1)
    """
    found = dict.fromkeys(("up", "right", "down", "left"), 0)
    weight = 0
    for clause in name.removeprefix("BOX DRAWINGS ").replace(" ARC", "").split(" AND "):
        words = clause.split()
        weight = next((_WEIGHTS[word] for word in words if word in _WEIGHTS), weight)
        for word in words:
            if word in _DIRECTIONS:
                found.update(dict.fromkeys(_DIRECTIONS[word], weight))
            elif word not in _WEIGHTS:
                return 0
    return arms(**found)


_BOX = {chr(code): _arms_of_name(unicodedata.name(chr(code))) for code in range(0x2500, 0x2580)}
#: Characters by arms. The rounded corners come last in the block, so they replace the square ones here.
_BY_ARMS = {packed: char for char, packed in _BOX.items() if packed}

#: The character for every combination of arms: `STROKES[arms(...)]`.
STROKES: tuple[str, ...] = tuple(_BY_ARMS.get(packed, " ") for packed in range(256))


def arms_of(char: str) -> tuple[int, int, int, int] | None:
    """How heavy the arms of a stroke are (up, right, down, left); None for what is no stroke.

    >>> arms_of("┩"), arms_of("a")
    ((2, 0, 1, 2), None)
    """
    packed = _BOX.get(char)
    return _unpack(packed) if packed else None


def _double_for(packed: int) -> str:
    """Stand in for a stroke in fonts without heavy strokes: heavy becomes double, half strokes whole ones.

    The block has a mixed single and double character only where both arms of a direction are alike, so a
    direction is double as soon as one of its arms is heavy.
    """
    up, right, down, left = _unpack(packed)
    across, along = max(left, right), max(up, down)
    if not (along and across):  # a straight stroke, whole or half
        up = down = along
        left = right = across
    doubled = [(_DOUBLE if weight > LIGHT else LIGHT) for weight in (along, across)]
    fitted = arms(up and doubled[0], right and doubled[1], down and doubled[0], left and doubled[1])
    return _SQUARE[fitted]


_SQUARE = {packed: char for char, packed in reversed(_BOX.items()) if packed}


def _ascii_for(packed: int) -> str:
    up, right, down, left = _unpack(packed)
    if not (up or down):
        return "=" if max(left, right) > LIGHT else "-"
    if not (left or right):
        return "#" if max(up, down) > LIGHT else "|"
    return "+"


_UPPER_DOTS, _LOWER_DOTS = 0x1B, 0xE4


def _halves(code: int, upper: str, lower: str, both: str) -> str:
    """Say which halves of a cell a braille pattern touches: two dots down a cell where braille has four."""
    dots = code - 0x2800
    if not dots & _LOWER_DOTS:
        return upper if dots else " "
    return both if dots & _UPPER_DOTS else lower


class _Table(dict[int, str]):
    """A table for `str.translate` that works out and keeps what it does not list."""

    def __init__(self, known: dict[str, str], otherwise: Callable[[int], str]) -> None:
        super().__init__({ord(char): stand_in for char, stand_in in known.items()})
        self._otherwise = otherwise

    def __missing__(self, code: int) -> str:
        self[code] = self._otherwise(code)
        return self[code]


def _safe(code: int) -> str:
    packed = _BOX.get(chr(code), 0)
    if packed:
        return _double_for(packed)
    if 0x2800 <= code < 0x2900:
        return _halves(code, "▀", "▄", "█")
    return chr(code)


def _ascii(code: int) -> str:
    char = chr(code)
    if code < 0x80:
        return char
    if _BOX.get(char, 0):
        return _ascii_for(_BOX[char])
    if 0x2800 <= code < 0x2900:
        return _halves(code, "'", ".", ":")
    plain = unicodedata.normalize("NFKD", char)[0]  # é is e and an accent
    return plain if plain.isascii() and plain.isprintable() else "?"


@dataclass(frozen=True)
class GlyphSet:
    """A set of glyphs: how a drawn text is written with what a font or an encoding has.

    `translate` keeps the length of a text, so it can be done last.  `spell` does not: it is for formulas
    *before* they are laid out, and writes out what one character cannot say (`½`, `²`).
    """

    name: str
    says: str
    _table: _Table | None = None
    _spelling: tuple[tuple[str, str], ...] = ()

    def translate(self, text: str) -> str:
        """Write a text with the glyphs of this set, one character for one."""
        return text if self._table is None else text.translate(self._table)

    def spell(self, text: str) -> str:
        """Write out what this set has no single character for; the text may become longer."""
        for char, spelled in self._spelling:
            text = text.replace(char, spelled)
        return text

    def write(self, text: str) -> str:
        """Write a line that nothing stands beneath: spelled where that says more, then translated."""
        return self.translate(self.spell(text))


#: What the screen is drawn with. In the six fonts named in the help, braille aside.
FULL = GlyphSet("full", "box drawing with heavy strokes, rounded corners, braille curves")

#: For Liberation Mono and the Linux console. Everything here is in that font.
SAFE = GlyphSet(
    "safe",
    "square corners, double strokes for heavy, block columns for curves",
    _Table(
        {"▶": "►", "◀": "◄", "◆": "■", "┄": "-", "╱": "/", "╲": "\\", "₁": "1", "₂": "2", "✓": "v", "✗": "X"},
        _safe,
    ),
)

# The letters of mathematics become the letter that they look or sound like, no two letters of one notation the same
# one: ∂ and δ are d and D, and the capitals keep α from the outputs a. The mark of a partial sum is `_`
# (a blank to be filled in), since `~` says stale, `*` overridden and `.` unset.
ASCII = GlyphSet(
    "ascii",
    "+-| and = # for heavy, > < o, d for ∂, D for δ, _ for a sum that is not complete",
    _Table(
        {
            **ASCII_LETTERS,
            "·": ".", "×": "x", "−": "-", "…": "_", "½": "h", "²": "2", "₁": "1", "₂": "2", "⟨": "<", "⟩": ">",
            "▶": ">", "◀": "<", "►": ">", "◄": "<", "←": "<", "↑": "^", "↓": "v",
            "‹": "<", "›": ">", "◆": "o", "■": "o", "●": "@", "█": "#", "▐": "#", "▀": "'", "▄": ".",
            "┄": "-", "╱": "/", "╲": "\\", "✓": "v", "✗": "X",
        },
        _ascii,
    ),
    (
        ("½ ", "1/2 "), ("½", "1/2 "), ("²", "^2"), ("³", "^3"), ("→", "->"), ("√", "sqrt"), ("≤", "<="), ("≥", ">="),
        ("Σ ", "sum "), ("Σ", "sum_"), ("β₁", "beta1"), ("β₂", "beta2"), *ASCII_NAMES.items(),
    ),
)  # fmt: skip

#: The glyph sets by name, as `set glyphs = NAME` knows them.
GLYPH_SETS: dict[str, GlyphSet] = {glyphs.name: glyphs for glyphs in (FULL, SAFE, ASCII)}


def glyphs_for_encoding(encoding: str | None) -> GlyphSet:
    """Choose the glyphs for an output: ASCII wherever the encoding is not UTF-8."""
    return FULL if (encoding or "").lower().replace("_", "-") in ("utf-8", "utf8") else ASCII


@lru_cache(maxsize=4096)
def _visible(char: str) -> str:
    if char.isprintable() and cell_len(char) == 1:
        return char
    return " " if unicodedata.category(char) == "Zs" and cell_len(char) == 1 else "?"


@lru_cache(maxsize=8192)
def printable(text: str) -> str:
    """Replace whatever is not one visible character in one cell, keeping the length.

    Control characters, characters that are two cells wide or none, unassigned and private ones, and those
    that change the direction of writing become `?`; the odd spaces of Unicode become a space.

        >>> printable("w\\x1b[31m\\t漢"), printable("ŵ é 1\\u00a0000")
        ('w?[31m??', 'ŵ é 1 000')
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))
