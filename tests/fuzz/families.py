"""The families of inputs, a row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz import answers, commands, exercises, expressions, keys, papers, scenarios, scripts
from tests.fuzz.case import Case

__all__ = ["FAMILIES", "Family"]


@dataclass(frozen=True)
class Family:
    """``play`` carries out a case of about ``size`` inputs; ``share`` is the family's part of all inputs, in percent
    (0: it is counted in keys)."""

    play: Callable[[Case], None]
    size: int
    share: int


FAMILIES: dict[str, Family] = {
    "scenarios": Family(scenarios.play, scenarios.SIZE, 20),
    "expressions": Family(expressions.play, expressions.SIZE, 20),
    "commands": Family(commands.play, commands.SIZE, 36),
    "scripts": Family(scripts.play, scripts.SIZE, 4),
    "papers": Family(papers.play, papers.SIZE, 4),
    "exercises": Family(exercises.play, exercises.SIZE, 4),
    "answers": Family(answers.play, answers.SIZE, 12),
    "keys": Family(keys.play, keys.SIZE, 0),
}
