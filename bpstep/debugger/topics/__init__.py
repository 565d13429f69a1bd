"""What can be read about more than one command: the topics of the help.

A topic is a page of Markdown in this folder, read when somebody asks for it.  What lists something that a table has
(operations, notations, rules, functions, mistakes, commands) is not written there but made, by a line such as
``<!-- made: rules -->``, so that it is as long as the table is (`bpstep.debugger.topics.made`).

Of Markdown there is what a plain prompt can show: a title, headings, paragraphs, tables of two columns and blocks of
code.  Marks within a line (backticks, stars, links) are left out.

    >>> parts_of("Press `w`.\\n\\n| key | does |\\n|---|---|\\n| `w` | why |\\n", {})
    [Part(sort='text', left='Press w.', right=''), Part(sort='row', left='w', right='why')]
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping

from bpstep.debugger.topics.part import Part

TYPE_CHECKING = (
    False  # the help names the topics at once: `typing`, `dataclasses` and `pathlib` are slow to load
)
if TYPE_CHECKING:
    from bpstep.debugger.command import Command

__all__ = ["TOPICS", "parts_of", "text_of", "title_of"]

#: The topics, in the order of the help: looking, learning, writing, showing, teaching.
TOPICS = (
    "screen", "keys", "commands", "cells", "steps", "training", "rules", "notations", "numbers", "settings",
    "exercises", "compare",
    "scenarios", "samples", "arrays", "models", "python",
    "scripts", "pictures", "serve", "shell",
    "teaching", "worksheets", "marks", "authoring",
)  # fmt: skip

_MADE = re.compile(r"<!-- made: (.+) -->")
_BETWEEN = re.compile(r"(?<!\\)\|")
#: Code, words that are stressed, and links.
_MARKED = re.compile(r"`([^`]+)`|\*\*?(\w[\w ]*)\*\*?|\[([^][]+)\]\([^()\s]+\)")


def text_of(name: str) -> str:
    """The page of a topic, as it was written."""
    with open(os.path.join(os.path.dirname(__file__), f"{name}.md"), encoding="utf-8") as page:
        return page.read()


def title_of(name: str) -> str:
    """What a topic is about, in a few words."""
    return text_of(name).partition("\n")[0].removeprefix(f"# {name}: ")


def parts_of(text: str, commands: Mapping[str, Command]) -> list[Part]:
    """A page in parts; what is made of tables, and of this table of commands, stands in its place."""
    parts: list[Part] = []
    for is_code, block in _blocks(text):
        if is_code:
            parts += [Part("code", line) for line in block.split("\n")]
        elif made := _MADE.fullmatch(block):
            from bpstep.debugger.topics.made import made_of

            parts += made_of(made[1], commands)
        elif block.startswith("|"):
            parts += _table(block.split("\n"))
        elif block.startswith("#"):
            marks, _, words = block.partition(" ")
            parts.append(Part("title" if marks == "#" else "heading", _plain(words)))
        else:
            parts.append(Part("text", _plain(" ".join(block.split()))))
    return parts


def _blocks(text: str) -> Iterator[tuple[bool, str]]:
    """Whether it is code, and what it is: the lines between fences, or those up to a blank one."""
    for at, chunk in enumerate(re.split(r"^```.*\n", text, flags=re.MULTILINE)):
        if at % 2:
            yield True, chunk.rstrip("\n")
        else:
            yield from ((False, block) for block in re.split(r"\n\s*\n", chunk.strip()) if block)


def _table(lines: Iterable[str]) -> Iterator[Part]:
    """The rows of a table, without its head."""
    for line in list(lines)[2:]:
        left, right = (_plain(cell.strip()) for cell in _BETWEEN.split(line.strip())[1:3])
        yield Part("row", left, right)


def _plain(words: str) -> str:
    """Words without marks."""
    return _MARKED.sub(lambda found: found[found.lastindex or 0], words.replace(r"\|", "|"))
