"""From a path to the tables of a TOML file, with a line for everything that can be wrong on the way.

Sizes are looked at before the work: a file that is too large is refused before it is read, and what would make the
parser work for minutes or fail with words of its own is refused before it is parsed.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from bpstep.reach import OutOfReachError, Reach
from bpstep.scenario.problems import Problem, ScenarioError

__all__ = ["problem", "read_named", "read_text", "read_toml"]

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
#: Python makes no whole number of more decimal digits than this.
_LONG_NUMBER = re.compile(r"(?<![\w.+-])[+-]?\d[\d_]{4300}")
#: More keys in a row, joined by dots, than anybody's tables are deep: their number costs tomllib its square.
_LONG_KEY = re.compile(r"(?<![\w\"'.-])[\w\"'-]+(?:[ \t]*\.[ \t]*[\w\"'-]+){100}")


def problem(shown: str, message: str, line: int = 1, column: int = 1) -> ScenarioError:
    """One problem, with a place in a file or with the file as such."""
    return ScenarioError([Problem(shown, line, column, message)])


def read_text(path: Path, shown: str, most: int, what: str) -> str:
    """The text of a file of at most ``most`` bytes that holds ``what``.  Raises `ScenarioError`."""
    too_large = f"the file is larger than {most >> 20} MB; expected {what}"
    try:
        status = os.stat(path)
        if stat.S_ISREG(status.st_mode) and status.st_size > most:
            raise problem(shown, too_large)
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise problem(shown, f"can not read the file: {reason}; expected {what}") from None
    if len(data) > most:  # of what has no size beforehand, such as a pipe
        raise problem(shown, too_large)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise problem(shown, "the file is not UTF-8; expected a text file", line) from None
    if not text.strip():
        raise problem(shown, f"the file is empty; expected {what}")
    return text


def read_named(name: str, reach: Reach, most: int, what: str) -> str:
    """The text of a file that another one names, as far as what that one names may be read.  Raises `ScenarioError`."""
    try:
        path = reach.to_read(name)
    except OutOfReachError as error:
        raise problem(name, error.why) from None
    return read_text(path, name, most, what)


def read_toml(text: str, shown: str) -> dict[str, Any]:
    """The tables that a text states.  Raises `ScenarioError` where it is not TOML."""
    if found := _LONG_KEY.search(text):
        raise problem(
            shown, "more than 100 keys joined by dots; expected fewer", *_place(text, found.start())
        )
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        place = (int(at[1]), int(at[2])) if at and at[1] else _place(text, len(text.rstrip()))
        raise problem(shown, f"not TOML: {_AT.sub('', str(error))}", *place) from None
    except ValueError:
        found = _LONG_NUMBER.search(text)
        place = _place(text, found.start() if found else 0)
        raise problem(shown, "a number of more than 4300 digits; expected fewer", *place) from None
    except RecursionError:
        raise problem(shown, "the file nests too deeply; expected lists and tables in a few levels") from None


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
