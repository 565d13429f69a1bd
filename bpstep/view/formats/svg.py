"""Rows as SVG: text stays text, on a grid, and strokes are strokes.

Every program that shows SVG has another monospaced font.  So each run of text is told how wide it is, and what a canvas
draws with box characters is drawn as lines: wires meet whatever the font is like.  Colours stand at each element (not
every program reads style sheets), and nothing is loaded from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from bpstep.view.drawing.glyphs import HEAVY, arms_of
from bpstep.view.formats.html import FONTS
from bpstep.view.formats.looks import Look, looks
from bpstep.visible import visible

__all__ = ["svg"]

#: A character is so wide and so high; the line on which it stands; the size of its font; the margin around the page.
_WIDTH, _HEIGHT, _BASE, _SIZE, _MARGIN = 8.4, 17, 13, 14, 12

#: The width of a light and of a heavy stroke.
_LIGHT, _HEAVY = 1, 2.4

Row = Sequence[tuple[str, str]]


def svg(rows: Sequence[Row], theme: str, title: str) -> str:
    """A picture of rows of text in roles, in the colours of a theme; ``title`` says what it shows."""
    found = looks(theme)
    columns = max((sum(len(text) for text, _ in row) for row in rows), default=0)
    width, height = round(columns * _WIDTH + 2 * _MARGIN, 1), len(rows) * _HEIGHT + 2 * _MARGIN
    papers: list[str] = []
    texts: list[str] = []
    strokes: dict[tuple[str, float], list[tuple[float, float, float, float]]] = {}
    for y, row in enumerate(rows):
        x = 0
        for text, role in row:
            look = found.get(role, found[""])
            if look.paper and role in found and role:
                papers.append(_paper(x, y, len(text), look.paper))
            texts += _texts(text, x, y, look)
            _add_strokes(text, x, y, look, strokes)
            x += len(text)
    page = found[""]
    said = visible(title)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img" aria-label={quoteattr(said)}>',
            f"<title>{escape(said)}</title>",
            f'<rect width="100%" height="100%" fill="{page.paper}"/>',
            *papers,
            *(_path(*key, lines) for key, lines in strokes.items()),
            f'<g font-family="{FONTS}" font-size="{_SIZE}" xml:space="preserve">',
            *texts,
            "</g>",
            "</svg>\n",
        ]
    )


def _paper(x: int, y: int, length: int, colour: str) -> str:
    left, top = round(_MARGIN + x * _WIDTH, 1), _MARGIN + y * _HEIGHT
    return (
        f'<rect x="{left}" y="{top}" width="{round(length * _WIDTH, 1)}" height="{_HEIGHT}" fill="{colour}"/>'
    )


def _texts(text: str, x: int, y: int, look: Look) -> Iterable[str]:
    """The words of a run, each at its column."""
    shown = "".join(" " if arms_of(char) else char for char in visible(text))
    start = 0
    for is_blank, part in groupby(_pieces(shown), key=lambda piece: not piece.strip()):
        for piece in part:
            if not is_blank:
                left, base = round(_MARGIN + (x + start) * _WIDTH, 1), _MARGIN + y * _HEIGHT + _BASE
                bold = ' font-weight="bold"' if look.bold else ""
                yield (
                    f'<text x="{left}" y="{base}" fill="{look.ink}"{bold} '
                    f'textLength="{round(len(piece) * _WIDTH, 1)}">{escape(piece)}</text>'
                )
            start += len(piece)


def _pieces(text: str) -> list[str]:
    """A text in words and blanks; single blanks between words stay with them."""
    pieces: list[str] = []
    for k, char in enumerate(text):
        alone = char == " " and 0 < k < len(text) - 1 and text[k - 1] != " " and text[k + 1] != " "
        blank = char == " " and not alone
        if pieces and (not pieces[-1].strip()) == blank:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _add_strokes(
    text: str,
    x: int,
    y: int,
    look: Look,
    strokes: dict[tuple[str, float], list[tuple[float, float, float, float]]],
) -> None:
    """The arms of the strokes in a run, as lines from the middles of cells to their edges."""
    for k, char in enumerate(text):
        arms = arms_of(char)
        if arms is None:
            continue
        left, top = _MARGIN + (x + k) * _WIDTH, _MARGIN + y * _HEIGHT
        across, down = round(left + _WIDTH / 2, 1), top + _HEIGHT / 2
        ends = (
            (across, top),
            (round(left + _WIDTH, 1), down),
            (across, top + _HEIGHT),
            (round(left, 1), down),
        )
        for weight, end in zip(arms, ends, strict=True):
            if weight:
                key = look.ink, _HEAVY if weight >= HEAVY else _LIGHT
                strokes.setdefault(key, []).append((across, down, *end))


def _path(ink: str, weight: float, lines: Sequence[tuple[float, float, float, float]]) -> str:
    """Lines of one look, those that go on in one."""
    where = "".join(
        f"M{x:g} {y:g}{f'H{to:g}' if y == down else f'V{down:g}'}" for x, y, to, down in _joined(lines)
    )
    return f'<path fill="none" stroke="{ink}" stroke-width="{weight}" stroke-linecap="square" d="{where}"/>'


def _joined(lines: Sequence[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    """The same lines, with those that continue each other joined."""
    flat = sorted((y, min(x, to), max(x, to)) for x, y, to, down in lines if y == down)
    high = sorted((x, min(y, down), max(y, down)) for x, y, to, down in lines if x == to)
    across = [(start, at, end, at) for at, start, end in _merged(flat)]
    return across + [(at, start, at, end) for at, start, end in _merged(high)]


def _merged(spans: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    found: list[tuple[float, float, float]] = []
    for at, start, end in spans:
        if found and found[-1][0] == at and start <= found[-1][2]:
            found[-1] = at, found[-1][1], max(end, found[-1][2])
        else:
            found.append((at, start, end))
    return found
