"""A wall around a visitor's program: it writes no file, starts no other program, and reads what it is made of.

Commands that name files are refused before they come here (`bpstep.reach`).  This is for what nobody thought of: Python
tells a hook of everything that it is about to do to a file (PEP 578), and the hook says no, which is an `OSError` like
any other to whoever asked.  A hook stays as long as the program.  It would not hold out against a visitor who runs
Python, but a visitor has no way to do that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

__all__ = ["folders_of_the_program", "raise_wall", "refuses"]

#: What changes files or folders, or starts a program: none of it is done.
_NEVER = (
    "os.chflags", "os.chmod", "os.chown", "os.exec", "os.fork", "os.link", "os.mkdir", "os.posix_spawn", "os.remove",
    "os.removexattr", "os.rename", "os.rmdir", "os.setxattr", "os.spawn", "os.startfile", "os.symlink", "os.system",
    "os.truncate", "os.utime", "pty.spawn", "shutil.", "subprocess.Popen", "tempfile.", "webbrowser.",
)  # fmt: skip
#: What reads a file or a folder whose path comes first.
_READ = ("open", "os.listdir", "os.scandir")
#: Among the flags with which a file is opened, behind its path and a mode: what may change it.
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


def raise_wall(*open_to_read: Path) -> None:
    """From now on nothing is written, and read is what the program is made of, and what lies in these folders."""
    refused = refuses(folders_of_the_program(*open_to_read))

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        why = refused(event, arguments)
        if why:
            raise PermissionError(None, why)

    sys.addaudithook(hook)


def folders_of_the_program(*more: Path) -> list[str]:
    """The folders in which and below which lies what the program is made of, and more of them."""
    folders = (*map(str, more), sys.prefix, sys.base_prefix, *filter(os.path.isdir, sys.path))
    return [os.path.realpath(folder) for folder in folders]


def refuses(folders: Iterable[str]) -> Callable[[str, tuple[object, ...]], str]:
    """What says why an event is refused, "" where it is not; in and below these folders files may be read."""
    roots = tuple(os.path.join(folder, "") for folder in folders)

    def why(event: str, arguments: tuple[object, ...]) -> str:
        if event.startswith(_NEVER):
            return "nothing is written or started here"
        if event not in _READ or not arguments or isinstance(arguments[0], int):  # what is open already
            return ""
        if event == "open" and any(isinstance(flags, int) and flags & _WRITES for flags in arguments[2:]):
            return "nothing is written here"
        return "" if _real(arguments[0]).startswith(roots) else "no file is read here"

    return why


def _real(path: object) -> str:
    """Where a path leads; a folder ends in a separator, as the roots do."""
    named = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else "."
    return os.path.join(os.path.realpath(named), "")
