"""Which versions of bpstep know a file: ``requires = ">=0.2"``.

A file that states it is refused by an older bpstep with that one line, and not with what it does not know of the file.

    >>> unmet(">=0.2, <1", "0.2.1"), unmet(">=0.2", "0.1.9")
    (False, True)
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import cache

__all__ = ["REQUIREMENT", "refusal", "unmet", "version_here"]

_SIGN, _VERSION = r">=|<=|==|!=|>|<", r"\d{1,9}(?:\.\d{1,9}){0,3}"
_ONE = rf" *(?:{_SIGN}) *{_VERSION} *"

#: What a requirement looks like: comparisons with commas between them.
REQUIREMENT = f"{_ONE}(?:,{_ONE})*"

_COMPARED: dict[str, Callable[[list[int], list[int]], bool]] = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


@cache
def version_here() -> str:
    """The version of this bpstep."""
    from importlib.metadata import version

    return version("bpstep")


def unmet(requirement: str, version: str) -> bool:
    """Whether a version is none of those that a requirement names; what is no requirement asks for nothing."""
    if not re.fullmatch(REQUIREMENT, requirement, re.ASCII):
        return False
    stated = re.findall(rf"({_SIGN}) *({_VERSION})", requirement)
    return not all(_COMPARED[sign](_parts(version), _parts(other)) for sign, other in stated)


def refusal(stated: object) -> str:
    """Why this bpstep does not read a file that states this requirement; "" where it does."""
    if not isinstance(stated, str) or not unmet(stated, version_here()):
        return ""
    return f"the file needs bpstep {stated.strip()}, and this is {version_here()}; expected another version of it"


def _parts(version: str) -> list[int]:
    """The numbers of a version, as many as may be compared: 0.2 is 0.2.0."""
    numbers = [int(part) for part in re.findall(r"\d+", re.match(r"[\d.]*", version)[0])]  # type: ignore[index]
    return (numbers + [0] * 4)[:4]
