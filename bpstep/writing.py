"""Text files that are written whole or not at all, and over nothing that is there unless that was said.

A file comes into being under another name beside its own and then takes its place, so that a full disk or a kill
leaves the old file or the new one, and never a part.  Where nothing is to be replaced, the system itself gives the
name away, once (a link to a name that is taken fails): a file that somebody else makes in the meantime stays as it is.
It is UTF-8 with plain line ends on every system, and who may read it follows from the umask, or from the file that it
replaces.  What is no plain file (``/dev/stdout``, a pipe) can not be replaced, and is written to.

All that bpstep writes under a name that a user gives is written here, so that one rule holds for it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

__all__ = ["Fill", "NotWrittenError", "check_free", "gives", "write_all", "write_whole"]

#: What writes the text of a file.
Fill = Callable[[TextIO], object]

_THERE = "it exists already, and is left as it is; with --force it is written anew"


class NotWrittenError(OSError):
    """A file or a folder that the system does not let be written; ``filename`` is its path."""

    def __init__(self, error: OSError, path: Path) -> None:
        super().__init__(error.errno, error.strerror or str(error), str(path))


def gives(pieces: Iterable[str]) -> Fill:
    """What writes a text, piece by piece."""
    return lambda to: to.writelines(pieces)


def check_free(paths: Iterable[Path], *, replace: bool) -> None:
    """Raise `FileExistsError` where a file is there that is not to go: before the work that would be for nothing."""
    for path in paths:
        if not replace and path.is_file():
            raise _taken(path)


def write_whole(path: Path, fill: Fill, *, replace: bool) -> None:
    """Let ``fill`` write a file; raises `NotWrittenError`, or `ValueError` for a name that no file can have.

    A file that is there, or comes to be there meanwhile, is a `FileExistsError` unless it may be replaced; a pipe that
    nobody reads any more a `BrokenPipeError`.
    """
    check_free([path], replace=replace)
    try:
        _write(path, fill, replace=replace)
    except FileExistsError as error:
        error.filename, error.filename2 = str(path), None
        raise
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NotWrittenError(error, path) from None


def write_all(files: Sequence[tuple[Path, Fill]], *, replace: bool, folder: Path | None = None) -> None:
    """Write several files, none of them where one is there that is not to go; a ``folder`` is made for them where there
    is none.  Raises what `write_whole` raises."""
    check_free((path for path, _ in files), replace=replace)
    if folder is not None and files:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NotWrittenError(error, folder) from None
    for path, fill in files:
        write_whole(path, fill, replace=replace)


def _write(path: Path, fill: Fill, *, replace: bool) -> None:
    if path.is_dir():
        raise IsADirectoryError(None, "it is a folder")
    # What /dev/stdout leads to has no path of its own where it is a pipe.
    if path.exists() and not path.is_file():
        with open(path, "w", encoding="utf-8", newline="") as to:
            fill(to)
        return
    target = Path(os.path.realpath(path))  # a link stays, and what it leads to is written
    beside = target.with_name(f".bpstep-{os.urandom(6).hex()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as to:
            fill(to)
        if not replace:
            _place(beside, target)
            return
        with suppress(OSError):
            os.chmod(beside, target.stat().st_mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise


def _place(beside: Path, target: Path) -> None:
    """Give a whole file a name that nobody has; `FileExistsError` where somebody has it by now.

    In a file system that has no links the name is first taken by an empty file.
    """
    try:
        os.link(beside, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            raise _taken(target) from None
        os.replace(beside, target)
    else:
        os.unlink(beside)


def _taken(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, _THERE, str(path))
