"""How a learner may want to see a session, a row each; none of it changes a number.

A row, and its field in `bpstep.debugger.options`, are all that another look takes: `set` and `load`, the options of the
command line, the file of settings, and what is completed at the prompt and in a shell read this table.  The command
line reads it before anything else is loaded, so a row imports what it needs when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

TYPE_CHECKING = False  # `typing` and `dataclasses` cost as much as the whole table
if TYPE_CHECKING:
    from typing import Any

    from bpstep.debugger.options import Options

__all__ = ["LOOKS", "Look"]


class Look:
    """A row: one of its choices, or, where there are none, a whole number ``within`` two bounds.

    ``word`` is what stands for it in the help of the command line, and ``says`` what it is, ``{}`` the choices.
    ``choices`` of another table are looked up when they are asked for.  Called with a text, it makes other options.
    """

    def __init__(
        self,
        name: str,
        word: str,
        says: str,
        choices: Iterable[str] | Callable[[], Iterable[str]] = (),
        within: tuple[int, int] = (0, 0),
    ) -> None:
        self.name, self.word, self.within, self._choices = name, word, within, choices
        self.says = says if callable(choices) else says.format(", ".join(choices))

    @property
    def choices(self) -> Iterable[str]:
        """What it may be; nothing where it is a number."""
        return self._choices() if callable(self._choices) else self._choices

    def __call__(self, options: Options, text: str, column: int) -> Options:
        """Options with it as it is typed; `CommandError` where it can not be that."""
        from dataclasses import replace

        from bpstep.debugger.arguments import one_of, whole_number

        value: Any
        if self._choices:
            value = one_of(text, self.choices, column)
        else:
            least, most = self.within
            value = whole_number(text, column, f"{least} to {most} {self.name}", least, most)
        return replace(options, **{self.name: value})


def _notations() -> Iterable[str]:
    from bpstep.scenario.notations import NOTATIONS

    return NOTATIONS


_ROWS = (
    Look("theme", "THEME", "{}", ("dark", "light", "high-contrast", "mono", "ansi")),
    Look("notation", "NAME", "the letters of a book (bpstep help notations)", _notations),
    Look("glyphs", "SET", "the characters to draw with: {}", ("full", "safe", "ascii")),
    Look("digits", "N", "so many digits of a number: 2 to 12", within=(2, 12)),
    Look(
        "layout", "LAYOUT", "arrays of one axis as columns or rows, and weights to match", ("columns", "rows")
    ),
)

#: The looks, by name.
LOOKS: dict[str, Look] = {row.name: row for row in _ROWS}
