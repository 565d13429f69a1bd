"""Sessions: fifty commands in a shipped or made-up scenario, in both modes, with edits, stops, forks and undo.

At every step that a command lands on, formula, numbers and value agree; so do the rows of `why`.  In the end the log of
the session, carried out again after `restart`, leads to the same state.
"""

from __future__ import annotations

import numpy as np

from bpstep.debugger.errors import CommandError
from bpstep.debugger.session import Session
from bpstep.scenario.parsing import parse_cell
from tests.fuzz.case import FALSE, Case, GivenUpError
from tests.fuzz.grammar import a_cell, a_line
from tests.fuzz.talking import any_session, say

__all__ = ["SIZE", "play"]

SIZE = 50
#: So many cells are compared after the replay of a log.
_MOST_CELLS = 300


def play(case: Case) -> None:
    """Fifty commands, and then the log of them once more."""
    session = any_session(case)
    (case.folder / "some.bps").write_text("load xor\nstep 3\nset lr = 0.1\nstep epoch\n", encoding="utf-8")
    for number in range(SIZE):
        say(case, session, a_line(case.chance, session))
        if number % 7 == 0:
            say(case, session, f"why {a_cell(case.chance, session)}")
    _replay(case, session)


# --- restart and replay ---------------------------------------------------------------------------------


def _state(session: Session) -> dict[str, object]:
    """All that the log must lead back to."""
    readings = {}
    for name in session.known_cells()[:_MOST_CELLS]:
        reading = session.read(parse_cell(name, session.names))
        value = None if reading is None or reading.value is None else np.float64(reading.value).tobytes()
        readings[name] = (value, reading and reading.state)
    return {
        "position": session.position,
        "length": session.length,
        "options": session.options,
        "stops": tuple((stop.number, stop.text) for stop in session.stops.stops),
        "edits": tuple(edit.text for edit in session.run.edits),
        "branch": session.branch,
        "kept": sorted(session.kept),
        "beside": session.beside and session.beside.name,
        "predicting": session.tutor is not None and session.tutor.predicting,
        "readings": readings,
    }


def _replay(case: Case, session: Session) -> None:
    """`restart`, then the log: the same state as before."""
    with case.input("the log, after restart"):
        log, there = list(session.log), _state(session)
        session.execute("restart")
        for line in log:
            case.begin_anew()
            try:
                session.execute(line)
            except GivenUpError:
                return  # it would have gone on for longer than anybody wants to wait here
            except CommandError as error:
                case.found(
                    FALSE,
                    f"replay of {line.split()[0]}",
                    f"{line}: {error.message}\n" + "\n".join(case.story),
                )
                return
        again = _state(session)
    for key, value in there.items():
        if again[key] != value:
            told = _difference(value, again[key])
            case.found(
                FALSE,
                f"state after replay: {key}",
                f"{told}\n" + "\n".join(case.story) + "\nlog: " + "; ".join(log),
            )
            return


def _difference(before: object, after: object) -> str:
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in before if before[name] != after.get(name)]
        return f"{names[:5]}: {before[names[0]]}, then {after.get(names[0])}" if names else "other cells"
    return f"{before}, then {after}"
