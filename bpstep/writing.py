"""Text files that are written whole or not at all.

A file comes into being under another name beside its own and then takes its place, so that a full disk or a kill
leaves the old file or the new one, and never a part.  It is UTF-8 with plain line ends on every system, and who may
read it follows from the umask, or from the file that it replaces.  What is no plain file (``/dev/stdout``, a pipe)
can not be replaced, and is written to.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

__all__ = ["write_whole"]


def write_whole(path: Path, fill: Callable[[TextIO], object]) -> None:
    """Let ``fill`` write a file; raises `OSError`, or `ValueError` for a name that no file can have."""
    target = Path(os.path.realpath(path))  # a link stays, and what it leads to is written
    if target.exists() and not target.is_file() and not target.is_dir():
        with open(target, "w", encoding="utf-8", newline="") as to:
            fill(to)
        return
    if target.is_dir():
        raise IsADirectoryError(None, "it is a folder", str(path))
    beside = target.with_name(f".bpstep-{os.urandom(6).hex()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as to:
            fill(to)
        with suppress(OSError):
            os.chmod(beside, target.stat().st_mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise
