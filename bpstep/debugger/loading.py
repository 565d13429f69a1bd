"""What a `load` asks for: a scenario, a seed, and how it shall look."""

from __future__ import annotations

from bpstep.debugger.arguments import Arguments, file_name, whole_number
from bpstep.debugger.errors import CommandError
from bpstep.debugger.looks import LOOKS
from bpstep.debugger.options import Options
from bpstep.lazily import dataclass
from bpstep.visible import quoted

__all__ = ["ToLoad", "what_to_load"]


@dataclass(frozen=True)
class ToLoad:
    """``SCENARIO [seed=N] [digits=N] ...``: what is opened, and how it shall look."""

    name: str
    seed: int | None
    options: Options


def what_to_load(arguments: Arguments, options: Options) -> ToLoad:
    """What a `load` asks for; ``options`` are those of now, which stay where it says nothing."""
    words = arguments.words
    if not words:
        raise CommandError("expected a scenario's name, or a file", arguments.column)
    seed = None
    for word, column in words[1:]:
        name, equals, text = word.partition("=")
        at = column + len(name) + 1
        if name == "seed" and equals:
            seed = whole_number(text, at, "seed=N, N a whole number")
        elif name in LOOKS and equals:
            options = LOOKS[name](options, text, at)
        else:
            known = ", ".join(f"{look}=" for look in LOOKS)
            raise CommandError(f"expected seed=N or one of {known}; found {quoted(word)}", column)
    return ToLoad(file_name(*words[0]), seed, options)
