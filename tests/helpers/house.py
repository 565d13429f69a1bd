"""The drawing of the house: which module of bpstep imports which, wherever the import stands."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

Drawing = Mapping[str, frozenset[str]]


def drawn(root: Path) -> Drawing:
    """The modules of a package, each with those that it imports: at its top, inside functions, or for types only.

    Who imports a module imports the packages that it lies in, too, unless it lies in them itself.
    """
    files = {_name(path, root): path for path in sorted(root.rglob("*.py"))}
    found = {}
    for name, path in files.items():
        named = set(_imported(ast.parse(path.read_text(encoding="utf-8")), files))
        around = {up for module in named for up in _packages(module) if not name.startswith(f"{up}.")}
        found[name] = frozenset((named | around) & set(files) - {name})
    return found


def _name(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.AST, known: Iterable[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else module for name in names)


def _packages(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


def rooms(drawing: Drawing) -> Drawing:
    """The same by rooms: the packages under the root, and the modules that stand there alone."""
    found: dict[str, set[str]] = {}
    for name, others in drawing.items():
        found.setdefault(_room(name), set()).update(map(_room, others))
    return {name: frozenset(others - {name}) for name, others in found.items()}


def _room(name: str) -> str:
    return ".".join(name.split(".")[:2])


def circles(drawing: Drawing) -> list[list[str]]:
    """Every set of modules each of which leads to all the others, sorted (Kosaraju 1978)."""
    order: list[str] = []
    _visit(drawing, list(drawing), order)
    back: dict[str, set[str]] = {name: set() for name in drawing}
    for name, others in drawing.items():
        for other in others:
            back[other].add(name)
    found, seen = [], set[str]()
    for name in reversed(order):
        if name not in seen:
            reached: list[str] = []
            _visit(back, [name], reached, seen)
            found.append(sorted(reached))
    return sorted(group for group in found if len(group) > 1)


def _visit(
    drawing: Mapping[str, Iterable[str]], begin: list[str], left: list[str], seen: set[str] | None = None
) -> None:
    """Depth first from each name that was not seen; who has been gone through is left behind in ``left``."""
    seen = set() if seen is None else seen
    for name in begin:
        waiting = [] if name in seen else [(name, iter(sorted(drawing[name])))]
        seen.add(name)
        while waiting:
            at, others = waiting[-1]
            onward = next((other for other in others if other not in seen), None)
            if onward is None:
                left.append(at)
                waiting.pop()
            else:
                seen.add(onward)
                waiting.append((onward, iter(sorted(drawing[onward]))))
