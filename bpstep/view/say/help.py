"""The help: every key, every command and every topic, from their tables."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.topics import TOPICS, title_of

__all__ = ["help_lines"]


def help_lines(keys: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Lines of (text, role)."""
    lines = [("Keys", "strong"), ("", "")]
    lines += [(f"{shown:<11}{says}", "text") for shown, says in keys]
    lines += [("", ""), ("Commands (behind the key : )", "strong"), ("", "")]
    for command in COMMANDS.values():
        also = f"  ({', '.join(command.aliases)})" if command.aliases else ""
        lines.append((f"{command.usage}{also}", "strong"))
        lines.append((f"    {command.says}", "text"))
        lines.append((f"    {command.example}", "dim"))
    lines += [("", ""), ("Topics (behind the key : as well)", "strong"), ("", "")]
    lines += [(f"{f'help {name}':<17}{title_of(name)}", "text") for name in TOPICS]
    lines += [
        ("", ""),
        (
            "Blue is a value and flows right (▶). Orange is a derivative, always signed, and flows left (◀).",
            "dim",
        ),
        ("If lines or boxes look broken, try: set glyphs = safe, or set glyphs = ascii.", "dim"),
    ]
    return lines
