"""Files that commands write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from bpstep.debugger.errors import CommandError, ExitCode
from bpstep.writing import write_whole

__all__ = ["write_file"]


def write_file(path: Path, shown: str, column: int, fill: Callable[[TextIO], object], *, force: bool) -> None:
    """Write a file whole or not at all; `CommandError` where it can not be written, or is there and is not to go."""
    try:
        if path.is_file() and not force:
            message = f"{shown} exists already, and is left as it is; with --force it is written anew"
            raise CommandError(message, column, ExitCode.RUNNING)
        write_whole(path, fill)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have, such as one with a NUL
        reason = getattr(error, "strerror", None) or error
        raise CommandError(f"can not write {shown}: {reason}", column, ExitCode.RUNNING) from None
