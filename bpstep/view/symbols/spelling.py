"""How a session spells its cells: in the notation that was chosen, and by what is differentiated."""

from __future__ import annotations

from functools import lru_cache

from bpstep.debugger.session import Session
from bpstep.engine.graph import Graph
from bpstep.engine.run import Run
from bpstep.view.drawing.glyphs import GLYPH_SETS
from bpstep.view.drawing.naming import SHORT
from bpstep.view.symbols.formula import NOTATIONS, Symbols

__all__ = ["symbols_for", "symbols_of"]


def symbols_of(session: Session, notation: str = "") -> Symbols:
    """The symbols of a session: its notation (or another one, by name), its characters, and the name of what is
    differentiated."""
    setup, options = session.setup, session.options
    batch = setup.reduces(session.moment.place.schedule.samples)
    return _symbols(notation or options.notation, setup.graph, setup.is_network, batch, options.glyphs)


def symbols_for(run: Run, notation: str, glyphs: str) -> Symbols:
    """The symbols of a run that nobody stands in."""
    setup = run.setup
    batch = setup.reduces(run.place(1).schedule.samples)
    return _symbols(notation, setup.graph, setup.is_network, batch, glyphs)


@lru_cache(maxsize=32)
def _symbols(notation: str, graph: Graph, is_network: bool, batch: bool, glyphs: str) -> Symbols:
    taken, coupled, long = _names_in(graph)
    return Symbols(
        NOTATIONS[notation],
        output="" if is_network else graph.root.names[0],
        taken=taken,
        batch=batch,
        coupled=coupled,
        shared=frozenset(name for v in graph.parameters if v.kind == "var" for name in v.names),
        long=long,
        glyphs=GLYPH_SETS[glyphs],
    )


@lru_cache(maxsize=16)
def _names_in(graph: Graph) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """The names of variables, inputs and neurons; those of neurons in softmax layers; and those that are long, of
    arrays too."""
    named = [vector for vector in graph.vectors if vector.kind in ("var", "y")]
    taken = dict.fromkeys(name for vector in named for name in vector.names)
    words = {**taken, **dict.fromkeys(vector.layer for vector in named)}
    long = tuple(word for word in words if len(word) > SHORT)
    softmax = (operation for operation in graph.operations if operation.share(0) is not None)
    return frozenset(taken), frozenset(name for operation in softmax for name in operation.head.names), long
