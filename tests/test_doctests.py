"""What a docstring shows at a prompt is what the prompt answers; every module is imported, and read."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import bpstep

MODULES = sorted(
    module.name for module in walk_packages(bpstep.__path__, "bpstep.") if module.name != "bpstep.__main__"
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    module = import_module(name)
    assert module.__doc__, "a module says what it is for"
    found = doctest.testmod(module)
    assert found.failed == 0


def test_there_are_examples() -> None:
    """The teaching modules show what they do; if this fails, the examples are no longer found."""
    finder = doctest.DocTestFinder()
    with_examples = [
        name for name in MODULES if any(test.examples for test in finder.find(import_module(name)))
    ]
    assert {"bpstep.engine.functions", "bpstep.engine.specs", "bpstep.debugger.session"} <= set(with_examples)
    assert len(with_examples) > 12
