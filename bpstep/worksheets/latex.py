"""A document as LaTeX: one file for any engine, with the picture in TikZ.

Signs that are not ASCII are written as commands, so that it does not hang on fonts or on an input encoding; letters of
names (é, я) stay as they are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from bpstep.worksheets.blocks import Block, Entry, Filled, Heading, Room, Table
from bpstep.worksheets.picture import RADIUS, Drawing, Node, Wire
from bpstep.worksheets.writer import Writer

__all__ = ["as_latex"]

_BEGIN = r"""\documentclass[10pt]{article}
\usepackage[margin=16mm]{geometry}
\usepackage{amssymb,array}
\usepackage{longtable}
\usepackage{tikz}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\renewcommand{\arraystretch}{1.25}
\pagestyle{empty}
\newcommand{\blank}[1]{\rule{0pt}{15pt}{\tiny(#1)}\,\rule[-2pt]{18mm}{0.4pt}}
\begin{document}
"""

_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": "$<$", ">": "$>$", "|": "$|$", '"': "''",
    "−": "$-$", "·": r"$\cdot$", "×": r"$\times$", "→": r"$\to$", "←": r"$\leftarrow$", "≤": r"$\le$", "≥": r"$\ge$",
    "∂": r"$\partial$", "′": "$'$", "²": "$^2$", "½": r"$\frac12$", "Σ": r"$\sum$", "√": r"$\surd$", "∇": r"$\nabla$",
    "…": r"\ldots{}", "–": "--", "—": "---", "“": "``", "”": "''", "’": "'", "‖": r"$\|$", "≈": r"$\approx$",
    "✓": r"\checkmark{}", "✗": r"$\times$", "°": r"$^\circ$", "±": r"$\pm$", "Δ": r"$\Delta$", "Ω": r"$\Omega$",
    "∞": r"$\infty$", "≠": r"$\ne$", "Π": r"$\prod$", "□": r"$\square$",
}  # fmt: skip

#: A value that is no longer than this needs no column in which it is broken into lines.
_SHORT = 14

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi "
    "chi psi omega"
)


def _greek() -> dict[str, str]:
    """The small Greek letters, and capitals that LaTeX has a command for."""
    found = {}
    for name in _GREEK.split():
        letter = unicodedata.lookup(f"GREEK SMALL LETTER {'LAMDA' if name == 'lambda' else name.upper()}")
        found[letter] = "$o$" if name == "omicron" else f"$\\{name}$"
    return found


_WRITTEN = str.maketrans(_greek() | _SIGNS)


def as_latex(blocks: Iterable[Block]) -> Iterator[str]:
    """The file, block by block."""
    yield _BEGIN
    writer = _Latex()
    for block in blocks:
        yield writer.block(block) + "\n\n"
    yield "\\end{document}\n"


class _Latex(Writer):
    def heading(self, heading: Heading) -> str:
        if heading.level > 1:
            return f"\\textbf{{\\large {_text(heading.text)}}}\\nopagebreak"
        name = r"Name: \rule{50mm}{0.4pt}" if heading.signed else ""
        head = f"\\textbf{{\\Large {_text(heading.text)}}}\\par {_text(heading.aside)}\\hfill {name}\\par"
        return head + r"\vspace{-2pt}\hrule\vspace{4pt}"

    def paragraph(self, text: str) -> str:
        return _text(text)

    def lines(self, lines: Sequence[str]) -> str:
        body = r"\\".join(_spaced(line) for line in lines if line.strip())
        return f"{{\\raggedright {body}\\par}}"

    def picture(self, drawing: Drawing) -> str:
        return _tikz(drawing)

    def room(self, room: Room) -> str:
        return r"\vspace{7mm}\hrule" * room.lines

    def new_page(self) -> str:
        return r"\newpage"

    def table(self, table: Table) -> str:
        if table.long:
            return self._long_table(table)
        rows = " \\\\ \\hline\n".join(map(self._row, (table.heads, *table.rows)))
        title = f"\\textbf{{{_text(table.title)}}}\\\\[2pt]\n" if table.title else ""
        columns = "|".join("l" * len(table.heads))
        body = f"\\begin{{tabular}}{{|{columns}|}}\n\\hline\n{rows} \\\\ \\hline\n\\end{{tabular}}"
        return f"\\begin{{minipage}}{{\\linewidth}}\n{title}{body}\n\\end{{minipage}}"

    def _long_table(self, table: Table) -> str:
        """A table over several pages; a page ends before a row that begins a group, and not within one."""
        ends = [*(bool(row[0]) for row in table.rows[1:]), True]
        rows = "\n".join(
            f"{self._row(row)} {_end(is_last=last)}" for row, last in zip(table.rows, ends, strict=True)
        )
        longest = max(
            len(entry.text if isinstance(entry, Filled) else str(entry)) for _, _, entry, _ in table.rows
        )
        value, how = ("r", 0.6) if longest <= _SHORT else (r">{\raggedright}p{0.28\linewidth}", 0.42)
        columns = rf"@{{}}r@{{\ }}l@{{\ \ }}{value}@{{\ \ }}p{{{how}\linewidth}}@{{}}"
        head = f"\\begin{{longtable}}{{{columns}}}\n{self._row(table.heads)} \\\\ \\hline\n\\endhead\n"
        return f"{{\\small\n{head}{rows}\n\\end{{longtable}}}}"

    def _row(self, entries: Iterable[Entry]) -> str:
        return " & ".join(map(self.entry, entries))

    def gap(self, number: int) -> str:
        return f"\\blank{{{number}}}"

    def filled(self, text: str) -> str:
        return f"\\textbf{{{_text(text)}}}"

    def plain(self, text: str) -> str:
        return _text(text)


def _spaced(line: str) -> str:
    """A line of letters whose columns stand under each other, as near as it goes without a fixed width."""
    return _text(line).replace("  ", r"\quad{} ")


def _end(*, is_last: bool) -> str:
    """The end of a row; a star keeps the next one on its page."""
    return r"\\[3pt]" if is_last else r"\\*"


def _text(text: str) -> str:
    """A text, every sign of it as a command; letters stay."""
    return "".join(map(_sign, text.translate(_WRITTEN).replace("\n", " ")))


@cache
def _sign(char: str) -> str:
    """A sign that has no command of its own: a raised or lowered one, or a fraction, by what it is made of."""
    if char.isascii() or (char.isalpha() and not unicodedata.decomposition(char).startswith("<")):
        return char
    tag, *codes = unicodedata.decomposition(char).split() or [""]
    parts = "".join(chr(int(code, 16)) for code in codes) if tag.startswith("<") else ""
    if tag == "<fraction>" and len(parts) == 3:
        return rf"$\frac{{{parts[0]}}}{{{parts[2]}}}$"
    if tag in ("<super>", "<sub>") and parts.isascii():
        return f"${'^' if tag == '<super>' else '_'}{{{parts}}}$"
    return f"[{unicodedata.name(char, 'a sign').lower()}]"


# --- the picture --------------------------------------------------------------------------------------


def _tikz(drawing: Drawing) -> str:
    """The picture; y goes up in TikZ."""
    scale = min(1.0, 480.0 / drawing.width)
    body = [*map(_node, range(len(drawing.nodes)), drawing.nodes), *map(_wire, drawing.wires)]
    picture = "\n".join([f"\\begin{{tikzpicture}}[x=1pt,y=-1pt,scale={scale:.3f},font=\\small]", *body])
    return f"\\begin{{center}}\n{picture}\n\\end{{tikzpicture}}\n\\end{{center}}"


def _node(number: int, node: Node) -> str:
    shape = "rectangle" if node.is_given else "circle"
    below = f",label={{[font=\\footnotesize]below:{{{_text(node.below)}}}}}" if node.below else ""
    options = f"draw,{shape},inner sep=1pt,minimum size={2 * RADIUS:g}pt{below}"
    return f"\\node[{options}] (n{number}) at ({node.x:.1f},{node.y:.1f}) {{{_text(node.name)}}};"


def _wire(wire: Wire) -> str:
    bend = "[bend left=25]" if wire.bent else ""
    label = f"node[pos={wire.at:.2f},fill=white,inner sep=1pt,font=\\footnotesize] {{{_text(wire.label)}}} "
    return f"\\draw[gray] (n{wire.start}) to{bend} {label if wire.label else ''}(n{wire.end});"
