"""export: every view as text, and the run as a trace, written whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bpstep.debugger.errors import CommandError
from bpstep.debugger.scripting import EXPORTED, SHOWN
from bpstep.debugger.session import Session
from bpstep.scenario.loader import load
from bpstep.view.exports import attach
from bpstep.view.trace import FORMATS, write_trace
from bpstep.view.views import LINES, VIEWS


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(load("mazur-2-2-2"))
    made.folder = tmp_path
    attach(made, 80)
    made.execute("goto 34")
    return made


def test_every_kind_is_known_to_the_view() -> None:
    assert set(SHOWN) == set(LINES) | set(VIEWS)
    assert set(EXPORTED) == set(SHOWN) | set(FORMATS)


@pytest.mark.parametrize("kind", EXPORTED)
def test_each_kind_is_written(session: Session, kind: str, tmp_path: Path) -> None:
    session.execute(f"export {kind} out.txt")
    text = (tmp_path / "out.txt").read_text("utf-8")
    if kind in FORMATS:
        to = io.StringIO()
        write_trace(session.scenario, session.run, kind, to)
        assert text == to.getvalue()
    else:
        assert session.render is not None
        assert text == session.render(kind) + "\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"], "nothing else is left"
    assert session.log[-1] == "goto 34", "an export is not part of the session"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("export", "export KIND FILE"),
        ("export chian out.txt", 'did you mean "chain"?'),
        ("export chain nowhere/out.txt", "can not write nowhere/out.txt"),
    ],
)
def test_what_can_not_be_written(session: Session, line: str, says: str) -> None:
    with pytest.raises(CommandError) as caught:
        session.execute(line)
    assert says in caught.value.message
