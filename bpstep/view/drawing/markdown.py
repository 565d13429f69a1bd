"""Markdown as rows of runs: the stories of scenarios, without its marks.

Rich reads and wraps it (paragraphs, lists, tables, headings); here its styles become roles.  Indented lines, which in
a story are commands with what they show, keep their columns: what is too long goes on below its second column.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator

__all__ = ["Row", "markdown_rows", "plain_rows"]

#: A row: what stands in it, each with its role.
Row = list[tuple[str, str]]

#: Where the second column of a line begins.
_SECOND = re.compile(r"\S {2,}(?=\S)")

#: Text between backticks; and, from the private use area, a blank in it (no line ends there) and a backtick that stays.
_CODE = re.compile(r"`([^`\n]+)`")
_BLANK, _TICK = "\ue000", "\ue001"

#: What Rich has glyphs for that not every font has.
_GLYPHS = str.maketrans({"•": "·", "▌": "┃", "━": "─", _BLANK: " "})


def markdown_rows(text: str, width: int) -> list[Row]:
    """The rows of a text, each at most ``width`` columns wide.

    >>> markdown_rows("Press `w`, *now*.", 40)
    [[('Press ', 'text'), ('w', 'key'), (', ', 'text'), ('now', 'strong'), ('.', 'text')]]
    """
    width = max(8, width)
    rows: list[Row] = []
    for is_verbatim, chunk in _chunks(text):
        if rows:
            rows.append([])
        rows += _verbatim(chunk, width) if is_verbatim else _flowing(chunk, width)
    return rows


def plain_rows(text: str, width: int) -> list[str]:
    """The same where there are no roles: what is typed stands between backticks.

    >>> plain_rows("Press `w`, *now*.", 40)
    ['Press `w`, now.']
    """
    marked = _CODE.sub(lambda found: f"{_TICK}{found[1]}{_TICK}", text)
    return ["".join(part for part, _ in row).replace(_TICK, "`") for row in markdown_rows(marked, width)]


def _chunks(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces: indented lines that stand by themselves, and all else."""
    held: list[str] = []
    verbatim = False
    for block in re.split(r"\n[ \t]*\n", text.strip("\n")):
        is_verbatim = all(line.startswith("    ") for line in block.split("\n"))
        if held and (is_verbatim or verbatim):
            yield verbatim, "\n\n".join(held)
            held = []
        held, verbatim = [*held, block], is_verbatim
    if held:
        yield verbatim, "\n\n".join(held)


def _verbatim(block: str, width: int) -> list[Row]:
    found: list[Row] = []
    for line in block.split("\n"):
        text = line[2:]
        second = _SECOND.search(text)
        hang = second.end() if second is not None and second.end() < 0.6 * width else 6
        wrapped = textwrap.wrap(
            text, width, subsequent_indent=" " * hang, break_long_words=False, replace_whitespace=False
        )
        found += [
            [(row, "value" if place == 0 and second is None else "text")] for place, row in enumerate(wrapped)
        ]
    return found


def _flowing(text: str, width: int) -> list[Row]:
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.style import Style
    from rich.theme import Theme

    roles = {"code": "key", "strong": "strong", "em": "strong", **{f"h{k}": "title" for k in range(1, 7)}}
    theme = Theme({f"markdown.{name}": Style.from_meta({"role": role}) for name, role in roles.items()})
    text = _CODE.sub(lambda found: found[0].replace(" ", _BLANK), text)
    text = re.sub(rf"{_TICK}[^{_TICK}\n]+{_TICK}", lambda found: found[0].replace(" ", _BLANK), text)
    console = Console(width=width, file=io.StringIO(), theme=theme, color_system=None, legacy_windows=False)
    rows: list[Row] = []
    for segments in console.render_lines(Markdown(text, hyperlinks=False), console.options, pad=False):
        row: Row = []
        for segment in segments:
            role = str(segment.style.meta.get("role", "text")) if segment.style else "text"
            row.append((segment.text.translate(_GLYPHS), role))
        rows.append(_tidy(row))
    return _trimmed(rows)


def _tidy(row: Row) -> Row:
    """Runs of one role together, and no blanks at the end."""
    found: Row = []
    for text, role in row:
        if found and (found[-1][1] == role or not text.strip()):
            found[-1] = found[-1][0] + text, found[-1][1]
        else:
            found.append((text, role))
    while found and not found[-1][0].strip():
        found.pop()
    return [*found[:-1], (found[-1][0].rstrip(), found[-1][1])] if found else []


def _trimmed(rows: list[Row]) -> list[Row]:
    """Without empty rows at both ends, and never two of them together."""
    found: list[Row] = []
    for row in rows:
        if row or (found and found[-1]):
            found.append(row)
    while found and not found[-1]:
        found.pop()
    return found
