"""What is wrong with a file: every problem at once, each with its line and column.

A `Report` collects problems by the path of the key that they are about, and finds where that key stands in the text
when it is asked for the first time.  Whatever comes from the file is made visible before it is printed: a control
code in a title must not reach anybody's terminal through an error message.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from itertools import islice

from bpstep.lazily import dataclass
from bpstep.scenario.elsewhere import ELSEWHERE
from bpstep.scenario.positions import Path, Places, find_places
from bpstep.visible import visible

__all__ = ["Problem", "Report", "ScenarioError", "did_you_mean", "nearest", "path_text", "shown"]

#: To look for a word that is nearly another takes long among very many; nobody reads the hundredth suggestion.
_MOST_KNOWN = 1000
_MOST_SUGGESTIONS = 50
_LONGEST_WORD = 60


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that this one nearly is, or means in other programs; or "".

    >>> nearest("ReLU", ["tanh", "relu"]), nearest("mse", ["squared-error", "mean-squared-error"])
    ('relu', 'mean-squared-error')
    """
    if len(word) > _LONGEST_WORD:
        return ""
    names = [str(name) for name in islice(known, _MOST_KNOWN)]
    plain = {_plain(name): name for name in reversed(names)}
    meant = [
        plain[other]
        for other in (_plain(word), *map(_plain, ELSEWHERE.get(_plain(word), ())))
        if other in plain
    ]
    near = meant or get_close_matches(word, names, n=1, cutoff=0.6)
    return near[0] if near else ""


def _plain(word: str) -> str:
    """A word without what programs write in different ways: capitals, hyphens, underscores."""
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean "sigmoid"?`` for a word that is nearly a known one, else nothing."""
    near = nearest(word, known)
    return f'; did you mean "{near}"?' if near else ""


def path_text(path: Path) -> str:
    """A path as an author writes it: ``network.layer[0].weights[1]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """A value of a file as a message names it: in TOML's words, and short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value[:37]}..."' if len(value) > 40 else f'"{value}"'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and value.bit_length() > 100:
        return "a whole number of more than 30 digits"
    return str(value)


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

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]], dict[str, object]]:
        """What is raised in one process can be told in another."""
        return type(self), (self.problems,), vars(self)


class Report:
    """Collects the problems of one file."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.problems: list[Problem] = []
        self._doubtful: set[Path] = set()

    @cached_property
    def places(self) -> Places:
        """Where the keys stand; looked for only where there is something to report."""
        return find_places(self.text)

    def add(self, path: Path, message: str, *, inside: int | None = None) -> None:
        """A problem with the key at ``path``; ``inside`` is a column within its text value."""
        self.doubt(path)
        self.problems.append(self.problem(path, message, inside=inside))

    def problem(self, path: Path, message: str, *, inside: int | None = None) -> Problem:
        """The same without reporting it."""
        line, column = self.places.of(path) if inside is None else self.places.inside(path, inside)
        where = path_text(path)
        return Problem(self.file, line, column, f"{where}: {message}" if where else message)

    def refuse(self, path: Path, value: object, expected: str) -> None:
        """A value that is not what it should be."""
        self.add(path, f"found {shown(value)}; expected {expected}")

    def unknown_key(self, path: Path, known: Iterable[str]) -> None:
        """A key that does not exist.  The one that was probably meant is in doubt: it is not missing as well."""
        key = str(path[-1])
        near = self.near(key, known)
        if near:
            self.doubt((*path[:-1], near))
        self.add(
            path,
            f'unknown key; did you mean "{near}"?' if near else f"unknown key; known are {', '.join(known)}",
        )

    def near(self, word: str, known: Iterable[str]) -> str:
        """`nearest`, for the first so many problems of a file."""
        return nearest(word, known) if len(self.problems) < _MOST_SUGGESTIONS else ""

    def did_you_mean(self, word: str, known: Iterable[str]) -> str:
        """`did_you_mean`, for the first so many problems of a file."""
        return did_you_mean(word, known) if len(self.problems) < _MOST_SUGGESTIONS else ""

    def doubt(self, path: Path) -> None:
        """What stands at a path, and in what it stands, is not what the author means."""
        self._doubtful.update(path[:length] for length in range(len(path) + 1))

    def has(self, path: Path) -> bool:
        """Whether something is wrong with a key, or with anything inside it."""
        return path in self._doubtful

    def stop_if_any(self) -> None:
        """Raise `ScenarioError` if anything was reported."""
        if self.problems:
            raise ScenarioError(self.problems)
