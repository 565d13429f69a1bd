"""Scripts that source scripts: never themselves, not endlessly deep, and not endlessly many.

A script of thirty lines, each of which sources one such script, is not long; seven of them have 30⁷ lines to carry out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bpstep.debugger.errors import CommandError
from bpstep.english import group

__all__ = ["Nesting"]

#: How deep scripts may source each other, and how many in all until the first of them is done.
_DEEPEST, _MOST = 8, 1_000


class Nesting:
    """The scripts that are carried out now, or checked: the real path of each, the innermost last."""

    def __init__(self, *begun: str) -> None:
        self._begun = len(begun)
        self._open = list(begun)
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._open)

    @contextmanager
    def within(self, path: str, shown: str, column: int) -> Iterator[None]:
        """While this lasts, another script is carried out within those that are; `CommandError` where it may not be."""
        if path in self._open:
            raise CommandError(f"{shown} sources itself", column)
        if len(self._open) - self._begun >= _DEEPEST:
            raise CommandError(f"scripts source each other more than {_DEEPEST} deep", column)
        if self._count >= _MOST:
            raise CommandError(f"scripts source more than {group(_MOST)} scripts in all", column)
        self._open.append(path)
        self._count += 1
        try:
            yield
        finally:
            self._open.pop()
            if len(self._open) == self._begun == 0:
                self._count = 0
