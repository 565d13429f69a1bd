"""What a story proposes to do: the commands in it."""

from __future__ import annotations

import re

from bpstep.debugger.commands import COMMANDS

__all__ = ["commands_in"]

_NAMES = frozenset(COMMANDS)
_QUOTED = re.compile(r"`([^`]+)`")


def commands_in(story: str) -> list[str]:
    """The commands of a story, in order: its indented lines (two blanks begin a remark), and what is in backticks."""
    found = []
    for line in story.split("\n"):
        is_indented = line.startswith("    ")
        proposed = [re.split(r"\s{2,}", line.strip())[0]] if is_indented else _QUOTED.findall(line)
        found += [text for text in proposed if _is_command(text)]
    return found


def _is_command(text: str) -> bool:
    name, _, rest = text.partition(" ")
    return name in _NAMES and bool(rest or name in ("check", "continue", "undo", "restart"))
