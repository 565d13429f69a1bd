"""The files that the command line names: a file, a folder of them, or a pattern such as ``week3/*.bps``.

A shell on Windows hands patterns on as they were typed, so bpstep resolves them itself; then `replay 'ch?.bps'`
means the same on every system.  A file whose own name holds a ``*`` or ``[`` is taken as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from bpstep.english import group

__all__ = ["NothingFoundError", "expanded", "the_one"]


#: More files and folders below a folder than this are not looked through.
_MOST_INSIDE = 100_000

_PATTERN = re.compile(r"[*?]|\[[^]]+\]")


class NothingFoundError(Exception):
    """A folder or a pattern without a file that is meant; the message is one line."""


def expanded(names: Sequence[str], *endings: str) -> list[str]:
    """The files that are named, in the order of the names and, within a folder or a pattern, of the alphabet.

    A folder stands for the files with one of the endings in it and below it, a pattern for what it matches; what is
    neither is taken as it is, whether it exists or not.  No file comes twice.  Raises `NothingFoundError`.
    """
    found: dict[str, str] = {}
    for name in names:
        for file in _one(name, endings):
            found.setdefault(os.path.normcase(os.path.abspath(file)), file)
    return list(found.values())


def the_one(name: str) -> str:
    """The one file that a name or a pattern means, for a command that takes one; raises `NothingFoundError`."""
    if not _is_pattern(name):
        return name
    matches = _matches(name)
    if len(matches) > 1:
        raise NothingFoundError(f"{name} matches {len(matches)} files; expected one")
    return matches[0]


def _one(name: str, endings: Sequence[str]) -> list[str]:
    if os.path.isdir(name):
        inside = list(_inside(name, endings))
        if not inside:
            raise NothingFoundError(
                f"there is no {' or '.join(f'*{end}' for end in endings)} in the folder {name}"
            )
        return sorted(inside)
    if not _is_pattern(name):
        return [name]
    return [file for match in _matches(name) for file in _one(match, endings)]


def _inside(folder: str, endings: Sequence[str]) -> Iterator[str]:
    """The files with one of the endings in a folder and below it, without those that are hidden.  A tree of folders
    that nobody can mean is not walked to its end."""
    seen = 0
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        seen += len(folders) + len(files)
        if seen > _MOST_INSIDE:
            raise NothingFoundError(
                f"there are more than {group(_MOST_INSIDE)} files below {folder}; expected a folder of few"
            )
        yield from (
            os.path.join(here, file)
            for file in files
            if file.endswith(tuple(endings)) and not file.startswith(".")
        )


def _is_pattern(name: str) -> bool:
    return _PATTERN.search(name) is not None and not os.path.lexists(name)


def _matches(pattern: str) -> list[str]:
    import glob

    matches = sorted(glob.glob(pattern, recursive=True))
    if not matches:
        raise NothingFoundError(f"nothing matches {pattern}")
    return matches
