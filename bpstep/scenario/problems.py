"""What is wrong with a file: every problem at once, each with its line and column.

A `Report` collects problems by the path of the key that they are about, and knows where that key stands in the
text.  Whatever comes from the file is made visible before it is printed: a control code in a title must not
reach anybody's terminal through an error message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from bpstep.scenario.positions import VALUE, Path, Positions, line_and_column
from bpstep.visible import visible

__all__ = ["Problem", "Report", "ScenarioError", "did_you_mean", "path_text"]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean "sigmoid"?`` for a word that is nearly a known one, else nothing."""
    near = get_close_matches(word, [str(name) for name in known], n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def path_text(path: Path) -> str:
    """A path as an author writes it: ``network.layer[0].weights[1]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return visible(f"{self.file}:{self.line}:{self.column}: {self.message}")


class ScenarioError(ValueError):
    """A scenario that can not be loaded, with all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.column, p.message)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Report:
    """Collects the problems of one file."""

    def __init__(self, file: str, text: str, positions: Positions) -> None:
        self.file, self.text, self.positions = file, text, positions
        self.problems: list[Problem] = []

    def add(self, path: Path, message: str, *, inside: int | None = None) -> None:
        """A problem with the key at ``path``; ``inside`` is a column within its text value."""
        offset = self.positions.get((*path, VALUE)) if inside is not None else None
        if offset is not None and inside is not None:
            offset += 1 + inside
        else:
            offset = self._nearest(path)
        line, column = line_and_column(self.text, offset)
        where = path_text(path)
        self.problems.append(Problem(self.file, line, column, f"{where}: {message}" if where else message))

    def _nearest(self, path: Path) -> int:
        """The place of a key, or of the nearest table around it."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions[path]

    def stop_if_any(self) -> None:
        """Raise `ScenarioError` if anything was reported."""
        if self.problems:
            raise ScenarioError(dict.fromkeys(self.problems))
