"""JSON on standard output: what a program reads, and what a terminal may show by chance.

JSON has no nan and no inf: they are strings, as in a trace; −0 is 0.  A string may hold anything that stood in a file
or on a command line; what a terminal might obey in it is written with JSON's own escapes, so that nothing is lost.

    >>> print(json_text({"loss": float("inf"), "ratio": -0.0, "name": "é\\u202e\\x7f"}))
    {
      "loss": "inf",
      "ratio": 0.0,
      "name": "é\\u202e\\u007f"
    }

Like `bpstep.visible` it stands outside of all rooms and imports none of them.
"""

from __future__ import annotations

import json
import math
import sys

__all__ = ["json_line", "json_text"]


def json_text(document: object) -> str:
    """A document as JSON text of several lines."""
    return _encoded(document, indent=2)


def json_line(document: object) -> str:
    """A document as JSON text on one line."""
    return _encoded(document, indent=None)


def _encoded(document: object, indent: int | None) -> str:
    # The number of paths in a deep net has more digits than Python writes without being told to.
    most = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return _shown(json.dumps(_numbers_as_written(document), ensure_ascii=False, indent=indent))
    finally:
        sys.set_int_max_str_digits(most)


def _shown(text: str) -> str:
    if all(line.isprintable() for line in text.split("\n")):
        return text
    # Outside of strings JSON has nothing but ASCII that can be seen, so whatever is replaced stands in one.
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def _numbers_as_written(value: object) -> object:
    if isinstance(value, dict):
        return {key: _numbers_as_written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers_as_written(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        return value + 0.0  # −0 is 0
    return value
