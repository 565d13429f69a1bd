"""A document as one HTML page that prints: a sheet on pages of its own, on A4 and on Letter.

The page says no size of paper, so that the printer's holds; its tables are as narrow as what stands in them, and no
printer parts a table, a picture or the rows of one blank of a key.  Pictures are SVG, in the colours of ink.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from bpstep.worksheets.blocks import Block, Entry, Heading, Room, Table
from bpstep.worksheets.picture import RADIUS, Drawing, Node, Wire, label_width
from bpstep.worksheets.writer import Writer

__all__ = ["as_html"]

_STYLE = """
@page { margin: 15mm 16mm; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.35 "DejaVu Sans", "Segoe UI", Arial, sans-serif; color: #000; background: #fff;
       max-width: 178mm; margin: 0 auto; overflow-wrap: anywhere; orphans: 1; widows: 1; }
h1 { font-size: 14pt; margin: 0 0 1mm; break-after: avoid; }
h2 { font-size: 11.5pt; margin: 5mm 0 1mm; break-after: avoid; }
header { break-after: avoid; border-bottom: 0.5pt solid #000; padding-bottom: 1.5mm; margin-bottom: 3mm; }
header p { margin: 0; display: flex; justify-content: space-between; }
p { margin: 1.5mm 0; }
pre { font: 9.5pt/1.4 "DejaVu Sans Mono", Consolas, monospace; white-space: pre-wrap; margin: 2mm 0;
      break-inside: avoid; }
svg { display: block; max-width: 100%; height: auto; max-height: 75mm; margin: 1mm auto; break-inside: avoid; }
table { border-collapse: collapse; margin: 1.5mm 6mm 2.5mm 0; font-size: 9.5pt; font-variant-numeric: tabular-nums; }
table.short { display: inline-table; vertical-align: top; break-inside: avoid; max-width: 100%; }
caption { text-align: left; font-weight: bold; padding: 0 0 0.8mm; }
th, td { border: 0.4pt solid #666; padding: 0.7mm 1.8mm; text-align: left; }
th { background: #f0f0f0; font-weight: 600; }
thead { display: table-header-group; }
tr, tbody { break-inside: avoid; }
td.gap { min-width: 25mm; height: 7.5mm; color: #555; font-size: 8pt; vertical-align: top; background: #fff; }
table.long { width: 100%; font-size: 8.5pt; }
table.long td { vertical-align: top; padding: 0.4mm 1.5mm; }
.one { white-space: nowrap; }
.room { border-bottom: 0.4pt solid #666; height: 8mm; }
.new { break-before: page; height: 0; }
@media screen { body { padding: 8mm; } .new { border-top: 1pt dashed #999; margin: 10mm 0; } }
@media print { th { print-color-adjust: exact; } }
""".strip()

#: What is no longer than this is not broken into lines.
_SHORT = 18


def as_html(blocks: Iterable[Block], title: str) -> Iterator[str]:
    """The page, block by block."""
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
    )
    writer = _Html()
    for block in blocks:
        yield writer.block(block) + "\n"
    yield "</body>\n</html>\n"


class _Html(Writer):
    def heading(self, heading: Heading) -> str:
        if heading.level > 1:
            return f"<h{heading.level}>{escape(heading.text)}</h{heading.level}>"
        name = "<span>Name: ______________________________</span>" if heading.signed else ""
        below = f"<p><span>{escape(heading.aside)}</span>{name}</p>"
        return f"<header><h1>{escape(heading.text)}</h1>{below}</header>"

    def paragraph(self, text: str) -> str:
        return f"<p>{escape(text)}</p>"

    def lines(self, lines: Sequence[str]) -> str:
        return f"<pre>{escape(chr(10).join(lines))}</pre>"

    def picture(self, drawing: Drawing) -> str:
        return _svg(drawing)

    def room(self, room: Room) -> str:
        return '<div class="room"></div>' * room.lines

    def new_page(self) -> str:
        return '<div class="new"></div>'

    def table(self, table: Table) -> str:
        if table.long:  # groups of rows stay together: each blank of a key with its wrong values
            body = "".join(("</tbody><tbody>" if row[0] else "") + self._row(row) for row in table.rows)
            body = body.removeprefix("</tbody>")
            return f'<table class="long">{_heads(table)}{body}</tbody></table>'
        caption = (
            _cell("caption", escape(table.title), is_short=len(table.title) <= 2 * _SHORT)
            if table.title
            else ""
        )
        body = "".join(map(self._row, table.rows))
        return f'<table class="short">{caption}{_heads(table)}<tbody>{body}</tbody></table>'

    def _row(self, entries: Iterable[Entry]) -> str:
        return f"<tr>{''.join(map(self.entry, entries))}</tr>"

    def gap(self, number: int) -> str:
        return f'<td class="gap">({number})</td>'

    def filled(self, text: str) -> str:
        return _cell("td", f"<b>{escape(text)}</b>", is_short=len(text) <= _SHORT)

    def plain(self, text: str) -> str:
        return _cell("td", escape(text), is_short=len(text) <= _SHORT)


def _heads(table: Table) -> str:
    heads = [_cell("th", escape(head), is_short=len(head) <= _SHORT) for head in table.heads]
    return f"<thead><tr>{''.join(heads)}</tr></thead>"


def _cell(tag: str, inside: str, *, is_short: bool) -> str:
    return f"<{tag}{' class=one' if is_short else ''}>{inside}</{tag}>"


# --- the picture --------------------------------------------------------------------------------------


def _svg(drawing: Drawing) -> str:
    width, height = drawing.width, drawing.height
    body = [
        *(_wire(wire, drawing.nodes) for wire in drawing.wires),
        *map(_label, _labels(drawing)),
        *map(_node, drawing.nodes),
    ]
    return (
        f'<svg role="img" aria-label="the network" viewBox="0 0 {width:g} {height:g}" width="{width:g}pt" '
        f'height="{height:g}pt" font-family="DejaVu Sans, Arial, sans-serif" font-size="9" text-anchor="middle">'
        f"{''.join(body)}</svg>"
    )


def _wire(wire: Wire, nodes: tuple[Node, ...]) -> str:
    """A line from the edge of a node to that of another; a bent one is an arc above what lies between."""
    a, b = nodes[wire.start], nodes[wire.end]
    length = math.hypot(b.x - a.x, b.y - a.y) or 1.0
    dx, dy = (b.x - a.x) / length * RADIUS, (b.y - a.y) / length * RADIUS
    start, end = f"{a.x + dx:.1f} {a.y + dy:.1f}", f"{b.x - dx:.1f} {b.y - dy:.1f}"
    middle = f"Q {(a.x + b.x) / 2:.1f} {(a.y + b.y) / 2 - 46:.1f} " if wire.bent else "L "
    return f'<path d="M {start} {middle}{end}" fill="none" stroke="#777" stroke-width="0.7"/>'


def _labels(drawing: Drawing) -> Iterator[tuple[float, float, str]]:
    """Where the weights stand."""
    for wire in drawing.wires:
        a, b = drawing.nodes[wire.start], drawing.nodes[wire.end]
        bend = 4 * wire.at * (1 - wire.at) * 23 if wire.bent else 0.0
        if wire.label:
            yield a.x + (b.x - a.x) * wire.at, a.y + (b.y - a.y) * wire.at - bend, wire.label


def _label(at: tuple[float, float, str]) -> str:
    x, y, text = at
    wide = label_width(text)
    box = f'<rect x="{x - wide / 2:.1f}" y="{y - 5.5:.1f}" width="{wide:.1f}" height="11" fill="#fff"/>'
    return f'{box}<text x="{x:.1f}" y="{y + 3:.1f}">{escape(text)}</text>'


def _node(node: Node) -> str:
    shape = (
        f'<rect x="{node.x - RADIUS:.1f}" y="{node.y - 12:.1f}" width="{2 * RADIUS:g}" height="24" rx="3"'
        if node.is_given
        else f'<circle cx="{node.x:.1f}" cy="{node.y:.1f}" r="{RADIUS:g}"'
    )
    name = node.name if len(node.name) <= 6 else f"{node.name[:5]}…"
    below = (
        f'<text x="{node.x:.1f}" y="{node.y + RADIUS + 10:.1f}" font-size="8.5">{escape(node.below)}</text>'
    )
    return (
        f'{shape} fill="#fff" stroke="#000"/><text x="{node.x:.1f}" y="{node.y + 3:.1f}">{escape(name)}</text>'
        f"{below if node.below else ''}"
    )
