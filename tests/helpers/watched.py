"""What is done to files is seen as it happens, whoever does it: Python tells of it before it does it (PEP 578).

    with watched() as seen:
        session.execute("load net.toml")
    seen.paths                     # every path that was opened, listed, made, renamed or removed

It can not be missed by a command that opens files in a way of its own, and it tells of a file even where it is not
there.  Links are looked through when a path is seen, before whatever is done to it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Seen", "tree", "watched"]

#: What is told of a file or a folder, and how many paths come first in what is told.
_DONE = {
    "open": 1, "os.listdir": 1, "os.scandir": 1, "os.mkdir": 1, "os.rename": 2, "os.remove": 1, "os.rmdir": 1,
    "os.link": 2, "os.symlink": 2, "os.truncate": 1, "os.chmod": 1, "os.utime": 1,
}  # fmt: skip


@dataclass
class Seen:
    """The real paths of what was done something to."""

    paths: set[str] = field(default_factory=set)

    def outside(self, ground: Path, world: Path) -> list[str]:
        """Those that lie in a world, and not in a part of it."""
        inner, outer = os.path.realpath(ground), os.path.realpath(world)
        return sorted(
            path
            for path in self.paths
            if Path(path).is_relative_to(outer) and not Path(path).is_relative_to(inner)
        )


#: Who watches now.  A hook stays as long as the program, so there is one, and mostly nobody for it to tell.
_WATCHING: list[Seen] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _WATCHING and event in _DONE:
        for argument in arguments[: _DONE[event]]:
            if isinstance(argument, str | bytes | os.PathLike):
                path = os.path.realpath(os.fsdecode(argument))
                for seen in _WATCHING:
                    seen.paths.add(path)


@contextmanager
def watched() -> Iterator[Seen]:
    """While this lasts, what is done to files is seen."""
    if not _hook.__dict__.get("is_there"):
        sys.addaudithook(_hook)
        _hook.__dict__["is_there"] = True
    seen = Seen()
    _WATCHING.append(seen)
    try:
        yield seen
    finally:
        _WATCHING.remove(seen)


def tree(folder: Path) -> dict[str, bytes | str]:
    """Everything in a folder: what is in each file, and where each link leads."""
    found: dict[str, bytes | str] = {}
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(here, name)
            key = os.path.relpath(path, folder)
            if os.path.islink(path):
                found[key] = os.readlink(path)
            else:
                found[key] = Path(path).read_bytes() if os.path.isfile(path) else ""
    return found
