"""bpstep: a step-through debugger for back-propagation.

As a program it is the command ``bpstep``.  As a library:

    >>> import bpstep
    >>> run = bpstep.load("mazur-2-2-2")                # a built-in name, a file, or the text of one
    >>> round(run["delta[h1]"], 6)                      # any number, by its name
    0.008771
    >>> run.grad["hidden"].bias                         # gradients as arrays
    array([0.00877135, 0.00995425])
    >>> run.until("delta[h1]")                          # a step: formula, numbers, value; print it
    <step 37: d(e[h1]) += d(y[h1]) * d(y[h1], e[h1]) = 0.008771>

``network`` makes a run of a program's own arrays, ``from_torch`` one of a module of PyTorch, ``step`` one of a graph of
scalars such as micrograd's; ``compare`` holds a program's own numbers against a run and finds the mistake; ``check``
is a gradient check of any Python function; ``testing`` holds gradients to a run in a test.

What is public: the names in ``bpstep.__all__`` and ``bpstep.testing.__all__``, and of the objects that they give the
attributes without an underscore in front.  They change with notice only.  Everything else, the modules below
included, is bpstep's own business and may change with any version.

The rooms, in the direction in which data walks through them: ``bpstep.scenario`` (what the author wrote),
``bpstep.engine`` (every number of it), ``bpstep.debugger`` (a cursor in time, and commands), ``bpstep.exercises``
(questions, and who grades them), ``bpstep.view`` (words and pictures), and the faces: ``bpstep.tui`` (the screen),
``bpstep.repl``, ``bpstep.replay``, ``bpstep.library`` and ``bpstep.cli``.  A newcomer reads ``bpstep.engine.chainrule``
first.

Nothing is loaded before it is asked for: the command line imports this module, too, and starts as fast as Python does.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is slow to load
if TYPE_CHECKING:
    from bpstep import testing
    from bpstep.library.building import network
    from bpstep.library.checking import CheckedEntry, GradientCheck, check
    from bpstep.library.comparing import Comparison, compare
    from bpstep.library.models import GraphReport, from_torch, step
    from bpstep.library.opening import load
    from bpstep.library.run import LayerArrays, Run
    from bpstep.library.step import Step

__all__ = [
    "CheckedEntry", "Comparison", "GradientCheck", "GraphReport", "LayerArrays", "Run", "Step", "check", "compare",
    "from_torch", "load", "network", "step", "testing",
]  # fmt: skip

#: The public names by the module that they come from.
_HOMES = {
    "bpstep.library.building": ("network",),
    "bpstep.library.checking": ("CheckedEntry", "GradientCheck", "check"),
    "bpstep.library.comparing": ("Comparison", "compare"),
    "bpstep.library.models": ("GraphReport", "from_torch", "step"),
    "bpstep.library.opening": ("load",),
    "bpstep.library.run": ("LayerArrays", "Run"),
    "bpstep.library.step": ("Step",),
}


def __getattr__(name: str) -> object:
    """A public name, when it is asked for the first time."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home = next((home for home, names in _HOMES.items() if name in names), "")
    found = getattr(import_module(home), name) if home else import_module(f"{__name__}.{name}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
