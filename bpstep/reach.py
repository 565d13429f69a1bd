"""How far names lead: which files may be read and written by whoever names them.  One place decides, and it is this.

A person who types a name reads and writes whatever the system lets them.  A script may be a stranger's, mailed or
downloaded, and nobody reads each line of it before it runs: it reads and writes only below its own folder, the one in
which the script lies that the person named, and the scripts that it sources are held to the same folder.  So is a
scenario that it loads, which may name a file of samples.  A visitor, who sits at a screen that another machine serves,
names no file at all.  The scenarios that bpstep comes with are open to everybody.

    >>> mine = Reach()
    >>> str(mine.to_read("/etc/hosts"))
    '/etc/hosts'
    >>> a_script = mine.of_script(Path("week3/demo.bps"))
    >>> a_script.to_read("net.toml") == Path("week3/net.toml")
    True
    >>> a_script.to_read("../net.toml")
    Traceback (most recent call last):
        ...
    bpstep.reach.OutOfReachError: ../net.toml: it leads out of the script's folder, and a script reads only below that \
(if you trust it: --trust)

Where a name leads is asked of the file system, links included: a link that lies in the folder and leads out of it is
no way out.  What a script writes is what bpstep writes, so that it can be told from what others read and obey: it has
one of the endings of its formats, and is not hidden.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from bpstep.lazily import dataclass

__all__ = ["ANYWHERE", "WRITTEN", "OutOfReachError", "Reach"]

#: The endings of what a script may write: those of scripts, of pictures and pages, and of traces.
WRITTEN = (
    ".bps", ".svg", ".html", ".htm", ".txt", ".text", ".md", ".tex", ".log", ".cast", ".csv", ".jsonl", ".ndjson",
)  # fmt: skip

#: How a person lets a script do what it may not do by itself.
_TRUST = "(if you trust it: --trust)"


class OutOfReachError(Exception):
    """A file that may not be read or written by whoever named it, and why; the message is one line."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.why = why


@dataclass(frozen=True)
class Reach:
    """Where names begin, and how far they lead.

    ``folder`` is where a relative name begins.  ``ground`` is the real path of the folder that no name leads out of;
    "" where there is none, which is how it is for a person.  ``is_closed`` where no name leads anywhere: then there are
    the built-in scenarios, and nothing else.  ``is_trusted`` where a script is carried out as if a person typed it, and
    so are those that it sources.
    """

    folder: Path = Path()
    ground: str = ""
    is_closed: bool = False
    is_trusted: bool = False

    @classmethod
    def closed(cls) -> Reach:
        """That of a visitor: no file is read, and none is written."""
        return cls(is_closed=True)

    @classmethod
    def below(cls, folder: Path) -> Reach:
        """That of a script in a folder."""
        return cls(folder, os.path.realpath(folder))

    @property
    def is_limited(self) -> bool:
        """Whether there are files that whoever names them may not have."""
        return self.is_closed or self.ground != ""

    def of_script(self, path: Path, *, trusted: bool = False) -> Reach:
        """That of a script which is named within this one: what one script may, those may that it sources.  One that a
        person names has its own folder, unless it is trusted."""
        if self.is_limited or self.is_trusted:
            return self.beside(path)
        return Reach(path.parent, is_trusted=True) if trusted else Reach.below(path.parent)

    def beside(self, path: Path) -> Reach:
        """That of a file which was read within this one, for what it names in its turn."""
        return replace(self, folder=path.parent)

    def to_read(self, name: str) -> Path:
        """The file of a name, to be read.  Raises `OutOfReachError`."""
        self._enter(name, "read", "reads")
        return self.folder / name

    def to_write(self, name: str) -> Path:
        """The file of a name, to be written.  Raises `OutOfReachError`."""
        inside = self._enter(name, "written", "writes")
        if not self.ground:
            return self.folder / name
        if any(part.startswith(".") and part != ".." for part in (*inside.parts, *Path(name).parts)):
            raise OutOfReachError(name, f"it is hidden, and a script writes no hidden file {_TRUST}")
        if inside.suffix.lower() not in WRITTEN:
            endings = ", ".join(WRITTEN)
            raise OutOfReachError(name, f"a script writes only what ends in {endings} {_TRUST}")
        return Path(self.ground) / inside

    def holds(self, path: Path) -> bool:
        """Whether a path leads to what may be had, however it is called."""
        return not self.is_closed and (not self.ground or self._inside(str(path)) is not None)

    def _enter(self, name: str, done: str, does: str) -> Path:
        """Where a name leads from the ground on; the name itself, where there is no ground."""
        if self.is_closed:
            raise OutOfReachError(name, f"no file is {done} here; there are the built-in scenarios")
        if not self.ground:
            return Path(name)
        if "\0" in name:
            raise OutOfReachError(name, "no file can have this name")
        inside = self._inside(os.path.join(self.folder, name))
        if inside is None:
            where = "it leads out of the script's folder"
            raise OutOfReachError(name, f"{where}, and a script {does} only below that {_TRUST}")
        if _is_special(os.path.join(self.ground, inside)):
            raise OutOfReachError(name, f"it is no plain file {_TRUST}")
        return inside

    def _inside(self, path: str) -> Path | None:
        """Where a path leads from the ground on; None where it leads anywhere else, or nowhere."""
        try:
            real = os.path.realpath(path)
            if os.path.commonpath([self.ground, real]) != self.ground:
                return None
            return Path(os.path.relpath(real, self.ground))
        except (OSError, ValueError):  # a name that no file can have; on Windows, another drive
            return None


def _is_special(path: str) -> bool:
    """Whether it is there and neither a file nor a folder, but a pipe, say, at which one may wait for ever."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


#: That of a person, whose names begin in the folder that they are in.
ANYWHERE = Reach()
