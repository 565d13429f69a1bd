"""Going through many batches of a small network: by straight-line code, where there is such code.

The code of a batch is recorded once (`bpstep.engine.straight`) and then called with what the batch before it left
behind, as Python's floats; what is kept of a run becomes arrays, many batches at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bpstep.engine.batches import Batches
from bpstep.engine.history import History, Snapshot
from bpstep.engine.setup import Setup

if TYPE_CHECKING:
    from bpstep.engine.straight import Straight

__all__ = ["MOST_PARAMETERS", "WORTH_WRITING_OUT", "ByCode"]

#: Above this many parameters a batch is not written out: arrays are faster.
MOST_PARAMETERS = 500

#: So many batches ahead, it pays to write a small network out as straight-line code; so many pieces of code (one for
#: each set of samples) are kept.
WORTH_WRITING_OUT = 64
_CODES_KEPT = 64

#: So many batches leave straight-line code as Python's floats before they become arrays, all of them together.
_BLOCK = 512

#: How many losses are remembered; others are computed again when somebody asks.
_LOSSES_KEPT = 200_000


class ByCode:
    """The code of the batches of a run."""

    def __init__(self) -> None:
        #: By the number of edits before it, and by the samples: their inputs and targets are constants of the code.
        self._codes: dict[int, dict[tuple[int, ...], Straight | None]] = {}

    def go_on(
        self, run: Batches, history: History, batch: int, before: Snapshot, end: int
    ) -> tuple[int, Snapshot]:
        """The parameters and states after as many batches from ``batch`` on as there is code for: at most to ``end`` or
        to the next edit.  What a ``history`` keeps of them is put there."""
        setup, since = run.setup_of(batch), run.optimizer_since(batch)
        # The batch before an edit is left to the arrays: another optimizer's state may begin behind it.
        end = min([end, *(max(batch, edit.batch - 1) for edit in run.edits if edit.batch >= batch)])
        changed = sum(edit.at <= (batch, 0) for edit in run.edits)
        codes = self._codes.setdefault(changed, {})
        if _code(run, setup, batch, codes) is None:
            return batch, before
        rate, result, flat = run.rate_at(batch, 0), before, _as_floats(before)
        block: list[tuple[float, ...]] = []
        with np.errstate(all="ignore"):
            while batch < end:
                code = _code(run, setup, batch, codes)
                if code is None:
                    break
                try:
                    flat = code.run(flat, rate, batch + 1 - since)
                except ArithmeticError:  # 1/0, where arrays give inf: they shall say so
                    break
                block.append(flat)
                batch += 1
                if len(block) == _BLOCK:
                    result, block = _kept(history, setup, batch, block), []
        return batch, _kept(history, setup, batch, block) if block else result


def _as_floats(before: Snapshot) -> tuple[float, ...]:
    """What code is given: parameters, states, and a place for the loss."""
    return (*before.parameters.tolist(), *(x for state in before.states for x in state.tolist()), 0.0)


def _code(
    run: Batches, setup: Setup, batch: int, codes: dict[tuple[int, ...], Straight | None]
) -> Straight | None:
    """The code of a batch; None where there is none."""
    rows = run.rows(batch)
    if rows not in codes:
        if len(codes) >= _CODES_KEPT or None in codes.values():
            return None
        if setup.graph.parameter_count > MOST_PARAMETERS:
            codes[rows] = None
            return None
        from bpstep.engine.straight import CanNotRecordError, record  # a run that is looked at needs none

        index = np.array(rows)
        try:
            codes[rows] = record(setup, rows, [array[index] for array in run.given_at(batch, 0)])
        except CanNotRecordError:
            codes[rows] = None
    return codes[rows]


def _kept(history: History, setup: Setup, end: int, block: list[tuple[float, ...]]) -> Snapshot:
    """Remember what the batches before ``end`` left behind, those whose turn it is; the last of it."""
    first, count = end - len(block), setup.graph.parameter_count
    room = max(0, _LOSSES_KEPT - len(history.losses))
    history.losses.update((first + k, flat[-1]) for k, flat in enumerate(block[:room]))
    places = [at for at in range(first + 1, end + 1) if at % history.spacing == 0 or at == end]
    rows = np.array([block[at - first - 1] for at in places])
    parts = [rows[:, k : k + count] for k in range(0, rows.shape[1] - 1, count)]
    for at, (parameters, *states) in zip(places, zip(*parts, strict=True), strict=True):
        snapshot = Snapshot(parameters, states)
        history.keep(at, snapshot)
    return snapshot
