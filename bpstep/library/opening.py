"""Where runs come from that somebody wrote down: a name, a file, a text.

>>> load("xor", epochs=2)
<Run 'XOR, trained until it is solved': network, at step 0 of 290>
"""

from __future__ import annotations

import os
from dataclasses import replace

from bpstep.library.arrays import kind_of, plain
from bpstep.library.run import Run
from bpstep.scenario import loader
from bpstep.scenario.model import Scenario

__all__ = ["load"]


def load(source: str | os.PathLike[str], *, seed: int | None = None, epochs: int | None = None) -> Run:
    """A run of a built-in scenario by name, of a file, or of the text of one (which has several lines).

    ``seed`` replaces the one with which weights are drawn, ``epochs`` says how long to train.  Raises `ValueError` with
    all that is wrong with a file, each problem with its line and column.
    """
    if not isinstance(source, str | os.PathLike) or not os.fspath(source):
        raise ValueError(f"expected a name, a file or a text; found {kind_of(source)}")
    seed, epochs = plain(seed), plain(epochs)
    _whole_from("seed", seed, 0)
    _whole_from("epochs", epochs, 1)
    text = os.fspath(source)
    made = loader.loads(text, "text", seed=seed) if "\n" in text else loader.load(text, seed=seed)
    return Run(made if epochs is None else _trained(made, epochs))


def _trained(scenario: Scenario, epochs: int) -> Scenario:
    """A scenario with another number of epochs; a note on a later one would never come."""
    notes = tuple(note for note in scenario.notes if note.epoch is None or note.epoch <= epochs)
    return replace(scenario, training=replace(scenario.training, epochs=epochs), notes=notes)


def _whole_from(name: str, number: int | None, least: int) -> None:
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < least):
        raise ValueError(f"{name}: found {kind_of(number)}; expected a whole number from {least} on")
