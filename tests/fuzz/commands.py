"""Sessions: fifty commands in a shipped or made-up scenario, in both modes, with edits, stops, forks and undo.

At every step that a command lands on, formula, numbers and value agree; so do the rows of `why`.  What `undo` takes
back is gone without a trace.  In the end the log of the session, carried out again after `restart`, leads to the same
state, and so does the script that `save` writes.
"""

from __future__ import annotations

import numpy as np

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.script import parse_script
from bpstep.debugger.script_check import faults_of
from bpstep.debugger.session_log import session_log
from bpstep.reach import Reach
from bpstep.replay import new_session
from bpstep.scenario.parsing import parse_cell
from tests.fuzz.case import FALSE, Case, GivenUpError
from tests.fuzz.grammar import a_cell, a_line, filled
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
        if number % 10 == 9:
            _take_back(case, session)
    _replay(case, session)
    _replay_saved(case, session)


def _take_back(case: Case, session: Console) -> None:
    """Something set, and taken back: as if nothing had been."""
    before, log = _state(session), list(session.log)
    answer, _ = say(case, session, filled("{setting}", case.chance, session))
    if answer is None or not session.undoable:
        return
    line = session.log[-1]
    say(case, session, "undo")
    session.log = log
    _compare(case, "undo", before, _state(session), line)


# --- restart and replay ---------------------------------------------------------------------------------


def _state(session: Console) -> dict[str, object]:
    """All that the log must lead back to."""
    readings = {}
    for name in session.scope.known_cells()[:_MOST_CELLS]:
        reading = session.read(parse_cell(name, vocabulary=session.scope.vocabulary))
        value = None if reading is None or reading.value is None else np.float64(reading.value).tobytes()
        readings[name] = (value, reading and reading.state)
    return {
        "position": session.position,
        "length": session.length,
        "options": session.options,
        "stops": tuple((stop.number, stop.text) for stop in session.stops.stops),
        "edits": tuple(edit.text for edit in session.run.edits),
        "branch": session.branch,
        "kept": sorted(session.branches),
        "beside": session.compared_with and session.compared_with.name,
        "predicting": session.tutor is not None and session.tutor.predicting,
        "readings": readings,
    }


def _replay(case: Case, session: Console) -> None:
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
                story = "\n".join(case.story)
                case.found(FALSE, f"replay of {line.split()[0]}", f"{line}: {error.message}\n{story}")
                return
        _compare(case, "replay", there, _state(session), "; ".join(log))


def _replay_saved(case: Case, session: Console) -> None:
    """The saved script, checked and carried out in a session of its own: the same state, too."""
    with case.input("the saved script", 0):
        text = session_log(session, case.folder)
        script = parse_script(text, "saved.bps", Reach(case.folder))
        for failure in faults_of(script):
            case.found(FALSE, f"saved {failure.text.split()[0]}", f"{failure}\n{text}")
            return
        other = new_session(script)
        other.listener = case.hear
        try:
            for failure in script.run(other, lambda line, answer: case.begin_anew()):
                case.found(FALSE, f"saved {failure.text.split()[0]}", f"{failure}\n{text}")
                return
        except GivenUpError:
            return
        _compare(case, "saved script", _state(session), _state(other), text)


def _compare(case: Case, what: str, before: dict[str, object], after: dict[str, object], told: str) -> None:
    """Two states that have to be the same."""
    for key, value in before.items():
        if after[key] != value:
            text = "\n".join([_difference(value, after[key]), *case.story, told])
            case.found(FALSE, f"state after {what}: {key}", text)
            return


def _difference(before: object, after: object) -> str:
    if isinstance(before, dict) and isinstance(after, dict):
        names = [name for name in before if before[name] != after.get(name)]
        return f"{names[:5]}: {before[names[0]]}, then {after.get(names[0])}" if names else "other cells"
    return f"{before}, then {after}"
