"""What a docstring shows at a prompt is what the prompt answers, and what it refers to is there."""

from __future__ import annotations

import ast
import builtins
import doctest
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import pytest

import bpstep
from bpstep.cli import SUBCOMMANDS
from bpstep.debugger.commands import COMMANDS
from bpstep.engine.rules import RULES
from bpstep.engine.steps import OPS
from bpstep.view.drawing.roles import ROLES

MODULES = sorted(
    module.name for module in walk_packages(bpstep.__path__, "bpstep.") if module.name != "bpstep.__main__"
)


@pytest.mark.parametrize("name", ["bpstep", *MODULES])
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


# --- `names` in docstrings ---------------------------------------------------------------------------------

#: Words that docstrings set in backticks besides names of Python.
WORDS = {*COMMANDS, *OPS, *RULES, *ROLES, *(row.name for row in SUBCOMMANDS), "via", "bpstep"}


@pytest.mark.parametrize("name", MODULES)
def test_what_a_docstring_refers_to_is_there(name: str) -> None:
    module = import_module(name)
    tree = ast.parse(inspect.getsource(module))
    known = names_in(tree) | WORDS
    missing = [
        reference
        for text in docstrings(tree)
        for reference in re.findall(r"(?<![`\w])`([A-Za-z_][\w.]*)`", text)
        if reference not in known and not is_there(reference, module)
    ]
    assert not missing


def docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def names_in(tree: ast.Module) -> set[str]:
    """What a module itself defines or speaks of: functions, arguments, attributes, variables."""
    found: set[str] = set()
    for node in ast.walk(tree):
        for field in ("name", "arg", "attr", "id", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                found.add(value)
    return found


def is_there(reference: str, module: ModuleType) -> bool:
    """Whether a dotted name leads somewhere: in the module, beside it, anywhere in bpstep, or in Python."""
    first, _, rest = reference.partition(".")
    beside = f"{module.__name__.rpartition('.')[0]}.{first}"
    starts: list[object] = [module, *everywhere(first)]
    for named in (reference, beside, first):
        try:
            starts.append(import_module(named))
        except ImportError:
            continue
        if named == reference or (named == beside and not rest):
            return True
    owners = [getattr(start, first, None) for start in starts] + [getattr(builtins, first, None)]
    owners += [start for start in starts if getattr(start, "__name__", "") in (beside, first)]
    return any(owner is not None and leads(owner, rest) for owner in owners)


def leads(owner: object, rest: str) -> bool:
    for part in filter(None, rest.split(".")):
        fields = getattr(owner, "__dataclass_fields__", {}) | getattr(owner, "__annotations__", {})
        if part in fields:
            return True
        if not hasattr(owner, part):
            try:
                owner = import_module(f"{getattr(owner, '__name__', '')}.{part}")
            except (ImportError, ValueError):
                return False
        else:
            owner = getattr(owner, part)
    return True


@cache
def everywhere(name: str) -> tuple[ModuleType, ...]:
    """The modules of bpstep that define a name."""
    return tuple(module for module in map(import_module, MODULES) if name in vars(module))
