"""What is done to files is seen as it happens, whoever does it: Python tells of it before it does it (PEP 578).

    with watched() as seen:
        session.execute("load net.toml")
    seen.paths                     # every path that was opened, listed, made, renamed or removed

It can not be missed by a command that opens files in a way of its own, and it tells of a file even where it is not
there.  Links are looked through when a path is seen, before whatever is done to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.audited import heard

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


@contextmanager
def watched() -> Iterator[Seen]:
    """While this lasts, what is done to files is seen."""
    seen = Seen()

    def see(event: tuple[str, tuple[object, ...]]) -> None:
        name, arguments = event
        for path in arguments[: _DONE.get(name, 0)]:
            if isinstance(path, str | bytes | os.PathLike):
                seen.paths.add(os.path.realpath(os.fsdecode(path)))

    with heard(see):
        yield seen


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
