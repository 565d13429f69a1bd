"""The help: the commands of a table, one of them, or a topic, in lines as wide as there are columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap

from bpstep.debugger.command import Command
from bpstep.debugger.errors import CommandError, did_you_mean
from bpstep.debugger.topics import TOPICS, Part
from bpstep.visible import quoted

__all__ = ["help_text", "topic_lines"]

#: Where the right part of the help begins; as a share of the columns, where there are many.
_MARGIN, _SHARE = 26, 4


def help_text(commands: Mapping[str, Command], word: str = "", column: int = 0, columns: int = 80) -> str:
    """All commands, or the one that a word names, or a topic; `CommandError` for another word.

    A word that is both is the command and the topic.
    """
    width = columns - 2
    if not word:
        about = (f"help TOPIC: {', '.join(TOPICS)}", "more, about more than one command")
        lines = [
            *_rows(((row.usage, row.says) for row in commands.values()), width),
            "",
            *_rows([about], width),
        ]
        return "\n".join(lines)
    found = [row for row in commands.values() if word == row.name or word in row.aliases]
    lines = [line for command in found for line in _one_command(command, width)]
    if word in TOPICS:
        lines += [*([""] if lines else []), *topic_lines(commands, word, width)]
    if not lines:
        known = [*commands, *TOPICS]
        raise CommandError(f"unknown command or topic {quoted(word)}{did_you_mean(word, known)}", column)
    return "\n".join(lines)


def topic_lines(commands: Mapping[str, Command], name: str, width: int) -> list[str]:
    """The text of a topic in lines of this width: paragraphs, and lists in two columns."""
    topic = TOPICS[name]
    lines = [f"{name}: {topic.title}"]
    before: Part | None = None
    for part in topic.parts(commands):
        if isinstance(part, str) or not isinstance(before, tuple):
            lines.append("")
        lines += wrap(part, width, break_on_hyphens=False) if isinstance(part, str) else _rows([part], width)
        before = part
    return lines


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
