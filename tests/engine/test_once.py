"""Whoever reads the engine finds every idea once: these stood in several places, and each has a home now.

An idea is told by a piece of code that it can not do without.  Nobody writes that piece outside its home, in whatever
room; the oracle says everything a second time, which is what it is for.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bpstep

PACKAGE = Path(bpstep.__file__).parent

#: The idea, what it can not do without, and where it stands.
IDEAS = [
    ("which cells use a cell", r"enumerate\(edge\.heads_of\(|\brange\([a-z_.]*uses_of\(", ["engine/edge.py"]),
    ("the products that arrive", r"\bedge\.products\(", ["engine/arrivals.py", "engine/dependence.py"]),
    ("the forward pass", r"\boperation\.value\(", ["engine/passes.py"]),
    ("what becomes of parameters", r"\.(next_states|stepped)\(", ["engine/update.py"]),
    ("where a step of a block stands", r"\bfirst_row\) \* |\* block\.width", ["engine/blocks.py"]),
    ("rows and columns of cells", r"\* (self|vector|[a-z_.]+\.weights)\.per_row \+", ["engine/vectors.py"]),
    ("the steps before a sample", r"\.sample \* [a-z_.]*(sample_length|sample\.length)", ["engine/timeline.py"]),
    ("how many terms a cost has", r"\.replace\(\"\{K\}\"", ["engine/costs.py"]),
    ("exp over its sum", r"np\.exp\([a-z]+ - np\.max\(", ["engine/softmax.py"]),
    ("who is told how far work is", r"Callable\[\[str, int, int\], None\]", ["engine/progress.py"]),
]  # fmt: skip


FILES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")
}


@pytest.mark.parametrize(("idea", "told_by", "home"), IDEAS, ids=[idea for idea, _, _ in IDEAS])
def test_an_idea_has_one_home(idea: str, told_by: str, home: list[str]) -> None:
    assert {name for name, text in FILES.items() if re.search(told_by, text)} == set(home)
