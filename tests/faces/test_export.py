"""export: every view as text with all its rows, and the run as a trace, written whole or not at all."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Said
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.view_names import EXPORTED, PICTURE, SHOWN
from bpstep.scenario.loader import load, loads
from bpstep.view.formats.pictures import PICTURES
from bpstep.view.say.exports import attach
from bpstep.view.say.trace import FORMATS, write_trace
from bpstep.view.say.views import VIEWS

#: Views that show a window of their rows, and are written whole.
WINDOWS = ("weights", "nodes", "program")


@pytest.fixture
def session(tmp_path: Path) -> Console:
    made = Console(load("mazur-2-2-2"))
    made.folder = tmp_path
    attach(made)
    made.execute("goto 34")
    return made


def test_every_kind_is_known_to_the_view() -> None:
    assert list(SHOWN) == list(VIEWS)
    assert set(EXPORTED) == set(SHOWN) | set(FORMATS) | {"html"}
    assert set(PICTURE.endings) == set(PICTURES) - {""} | {".cast"}


@pytest.mark.parametrize("kind", [kind for kind in EXPORTED if kind != "html"])
def test_each_kind_is_written(session: Console, kind: str, tmp_path: Path) -> None:
    session.execute(f"export {kind} out.txt")
    text = (tmp_path / "out.txt").read_text("utf-8")
    if kind in FORMATS:
        to = io.StringIO()
        write_trace(session.scenario, session.run, kind, to)
        assert text == to.getvalue()
    else:
        assert session.render is not None
        shown = session.render(kind).split("\n")
        if kind in WINDOWS:
            assert set(" ".join(shown[2:]).split()) <= set(text.split())
        else:
            assert text.split("\n") == [*shown, ""]
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"], "nothing else is left"
    assert session.log[-1] == "goto 34", "an export is not part of the session"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("export", "export KIND FILE"),
        ("export chian out.txt", 'did you mean "chain"?'),
        ("export chain nowhere/out.txt", "can not write nowhere/out.txt"),
        ("export chain .", "can not write .: it is a folder"),
        (
            "export network net.png",
            "export network writes text or a picture: expected a name that ends in .txt",
        ),
        ("export network NET.PDF", "not in .PDF"),
        (
            "export html page.svg",
            "export html writes a page of every step: expected a name that ends in .html",
        ),
        ("export network net.svg --width 20", "expected columns, 60 to 400, found"),
        ("export network net.svg --theme", "expected one of dark, light"),
        ("export network net.svg --colour=red", "expected --force, --width, --theme, --notation or --digits"),
        ("export jsonl run.csv", "export jsonl writes JSON lines: expected a name that ends in .jsonl"),
        (
            "export csv run.jsonl",
            "export csv writes comma-separated values: expected a name that ends in .csv",
        ),
    ],
)
def test_what_can_not_be_written(session: Console, line: str, says: str) -> None:
    with pytest.raises(CommandError) as caught:
        session.execute(line)
    assert says in caught.value.message


def lines_of(session: Console, kind: str) -> list[str]:
    session.execute(f"export {kind} {kind}.txt --force")
    return (session.folder / f"{kind}.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("size", [3, 40, 300])
def test_no_row_is_left_out(tmp_path: Path, size: int) -> None:
    path = tmp_path / "wide.toml"
    path.write_text(
        f"""format = 1
title = "wide"
[network]
inputs = 2
cost = "squared-error"
[[network.layer]]
neurons = {size}
activation = "tanh"
init = {{ scheme = "uniform", seed = 1 }}
bias = true
[[network.layer]]
neurons = ["o"]
activation = "linear"
init = {{ scheme = "uniform", seed = 2 }}
[[sample]]
input = [1, 2]
target = [1]
[training]
learning_rate = 0.1
epochs = 2
""",
        encoding="utf-8",
    )
    session = Console(load(str(path)))
    session.folder = tmp_path
    attach(session)
    session.execute("goto end")
    assert len(lines_of(session, "weights")) == 2 + 4 * size
    assert len(lines_of(session, "nodes")) == 2 + size + 1
    steps = re.compile(r"[ ▶]*(\d{1,3}(?: \d{3})*) ")
    found = [steps.match(line) for line in lines_of(session, "program")[1:]]
    listed = [int(match[1].replace(" ", "")) for match in found if match]
    assert listed == list(range(session.length // 2 + 1, session.length + 1))
    assert len(lines_of(session, "text")) > session.length
    window = session.render("weights").split("\n") if session.render is not None else []
    assert (f"… {4 * size:,} rows in all".replace(",", " ") in window[-1]) == (4 * size > 40)


def test_what_is_too_large_for_a_view_is_refused_before_the_work(tmp_path: Path) -> None:
    session = Console(load("deep-784-128-10"))
    session.folder = tmp_path
    attach(session)
    for kind in ("weights", "program"):
        with pytest.raises(CommandError, match="rows are more than are written as a view"):
            session.execute(f"export {kind} out.txt")
    assert not list(tmp_path.iterdir())


def test_a_file_is_not_overwritten_without_being_told(session: Console, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    for line in ("export chain mine.txt", "save mine.txt"):
        with pytest.raises(CommandError, match="exists already, and is left as it is; with --force"):
            session.execute(line)
    assert (tmp_path / "mine.txt").read_text() == "precious"
    session.execute("export chain mine.txt --force")
    assert (tmp_path / "mine.txt").read_text("utf-8") != "precious"
    session.execute("save session.bps")
    session.execute("save session.bps")  # what it wrote itself it may write again


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of Unix")
def test_permissions_links_and_what_is_no_plain_file(session: Console, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        session.execute("export chain new.txt")
    finally:
        os.umask(before)
    assert (tmp_path / "new.txt").stat().st_mode & 0o777 == 0o640
    (tmp_path / "new.txt").chmod(0o600)
    (tmp_path / "link.txt").symlink_to("new.txt")
    session.execute("export step link.txt --force")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "new.txt").stat().st_mode & 0o777 == 0o600
    session.execute("export step /dev/null")
    assert Path("/dev/null").is_char_device()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.txt", "new.txt"]


def test_lines_end_alike_on_every_system(session: Console, tmp_path: Path) -> None:
    for kind in ("chain", "csv", "jsonl"):
        session.execute(f"export {kind} {kind}.txt")
        assert b"\r" not in (tmp_path / f"{kind}.txt").read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_long_trace_says_how_far_it_is_and_can_be_stopped(kind: str, tmp_path: Path) -> None:
    def stop(what: str, done: int, of: int) -> None:
        assert (what, of) == ("step", session.length)
        assert 0 < done < of
        raise KeyboardInterrupt

    session = Console(load("xor"))
    session.folder, session.listener = tmp_path, stop
    attach(session)
    with pytest.raises(KeyboardInterrupt):
        session.execute(f"export {kind} long.txt")
    assert list(tmp_path.iterdir()) == []


#: Many epochs of few steps each.
LONG = """
format = 1
title = "long"
[network]
inputs = 1
cost = "half-squared-error"
[[network.layer]]
neurons = 1
activation = "linear"
weights = [[0.5]]
[[sample]]
input = [1]
target = [0.25]
[training]
epochs = 400
"""


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["goto 30", "export html page.html"], "page.html is written: steps 28 to 36 of 3 600"),
        (["goto 20", "export step s.cast"], "s.cast is written"),
        (["goto 1000", "export step s.cast"], "s.cast is written: the last 500 steps, up to step 1 000"),
    ],
)
def test_what_has_not_all_says_what_it_has(lines: list[str], says: str, tmp_path: Path) -> None:
    session = Console(loads(LONG, "long"))
    attach(session)
    session.folder = tmp_path
    for line in lines:
        answer = session.execute(line)
    assert isinstance(answer, Said)
    assert answer.text == says


def test_the_command_line_says_how_to_have_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "long.toml").write_text(LONG, encoding="utf-8")
    page, long = str(tmp_path / "page.html"), str(tmp_path / "long.toml")
    for more, says in (
        ([long], ": steps 1 to 9 of 3 600 (--steps A-B: others)"),
        ([long, "--steps", "1-5"], ": steps 1 to 5 of 3 600"),
        (["one-neuron"], ""),
    ):
        assert main(["export", "html", *more, "-o", page, "--force"]) == 0
        assert capsys.readouterr().out == f"{page} is written{says}\n"
