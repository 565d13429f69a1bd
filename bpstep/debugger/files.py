"""Files that commands write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.writing import Fill, write_all, write_whole

__all__ = ["write_file", "write_files"]


def write_file(path: Path, shown: str, column: int, fill: Fill, *, force: bool) -> None:
    """Write a file whole or not at all; `CommandError` where it can not be written, or is there and is not to go."""
    with _told(shown, column):
        write_whole(path, fill, replace=force)


def write_files(folder: Path, files: Sequence[tuple[Path, Fill]], *, force: bool) -> None:
    """Write several into a folder, which is made, or none where one is there that is not to go; `CommandError` where
    one can not be written."""
    with _told():
        write_all(files, replace=force, folder=folder)


@contextmanager
def _told(shown: str = "", column: int = 0) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have, such as one with a NUL
        reason = getattr(error, "strerror", None) or error
        name = shown or getattr(error, "filename", None) or "a file"
        code = ExitCode.USAGE if isinstance(error, FileExistsError) else ExitCode.RUNNING
        raise CommandError(f"can not write {name}: {reason}", column, code) from None
