"""The help: the commands of a table, one of them, or a topic, in lines as wide as there are columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap

from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.debugger.topics import TOPICS, parts_of, text_of, title_of
from bpstep.debugger.topics.part import Part
from bpstep.visible import quoted

__all__ = ["help_text", "topic_lines", "topics_listed"]

#: Where the right part of the help begins; as a share of the columns, where there are many.
_MARGIN, _SHARE = 26, 4
#: What stands line under line, without a gap; and what code is set in by.
_TOGETHER, _INDENT = ("row", "code"), "    "


def help_text(commands: Mapping[str, Command], word: str = "", column: int = 0, columns: int = 80) -> str:
    """All commands, or the one that a word names, or a topic; `CommandError` for another word.

    A word that is both is the command and the topic.
    """
    width = columns - 2
    if not word:
        every = [
            *_rows(((row.usage, row.says) for row in commands.values()), width),
            "",
            *topics_listed(width),
        ]
        return "\n".join(every)
    found = [row for row in commands.values() if word == row.name or word in row.aliases]
    lines = [line for command in found for line in _one_command(command, width)]
    if word in TOPICS:
        lines += [*([""] if lines else []), *topic_lines(commands, word, width)]
    if not lines:
        known = [*commands, *TOPICS]
        raise CommandError(f"unknown command or topic {quoted(word)}{did_you_mean(word, known)}", column)
    return "\n".join(lines)


def topics_listed(width: int) -> list[str]:
    """The topics, and what each is about, in lines of this width."""
    return _rows(((f"help {name}", title_of(name)) for name in TOPICS), width)


def topic_lines(commands: Mapping[str, Command], name: str, width: int) -> list[str]:
    """The text of a topic in lines of this width: paragraphs, lists in two columns, and code."""
    lines: list[str] = []
    before = "title"
    for part in parts_of(text_of(name), commands):
        if lines and (part.sort not in _TOGETHER or part.sort != before):
            lines.append("")
        lines += _lines_of(part, width)
        before = part.sort
    return lines


def _lines_of(part: Part, width: int) -> list[str]:
    if part.sort == "row":
        return _rows([(part.left, part.right)], width)
    if part.sort == "code":
        return _code(part.left, width)
    if part.sort == "heading":
        return [f"-- {part.left} --"]
    return wrap(part.left, width, break_on_hyphens=False)


def _code(line: str, width: int) -> list[str]:
    """A line as it stands; what is too long goes on below, further in."""
    below = _INDENT + " " * (len(line) - len(line.lstrip()) + 4)
    folded = wrap(line, width, initial_indent=_INDENT, subsequent_indent=below, break_on_hyphens=False)
    return folded or [""]


def _one_command(command: Command, width: int) -> list[str]:
    also = [f"also: {', '.join(command.aliases)}"] if command.aliases else []
    usage = wrap(command.usage, width, subsequent_indent="    ", break_on_hyphens=False)
    return [*usage, *wrap(command.says, width), f"for example: {command.example}", *also]


def _rows(rows: Iterable[tuple[str, str]], width: int) -> list[str]:
    """What it is at the left, what it says at the right; what is long has lines of its own."""
    margin = max(_MARGIN, width // _SHARE)
    lines = []
    for left, right in rows:
        name = wrap(left, width, subsequent_indent="    ", break_on_hyphens=False)
        says = wrap(right, width - margin, break_on_hyphens=False)
        beside = len(name) == 1 and len(name[0]) < margin - 1
        first = [f"{name.pop():<{margin}}{says.pop(0)}"] if beside else []
        lines += [*name, *first, *(" " * margin + line for line in says)]
    return lines
