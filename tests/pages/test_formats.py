"""Whatever the format of a picture, it says what the view says: the same text in the same places, every row of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bpstep.cli import main
from bpstep.debugger.console import Console
from bpstep.scenario.catalogue import scenario_folder
from bpstep.scenario.loader import load, loads
from bpstep.view.drawing.glyphs import arms_of
from bpstep.view.drawing.roles import PALETTES, ROLES, THEMES
from bpstep.view.formats.cast import cast
from bpstep.view.formats.looks import looks
from bpstep.view.formats.svg import svg
from bpstep.view.formats.tex import tex
from bpstep.view.say.exports import attach
from bpstep.view.say.views import view, whole
from tests.helpers.colours import contrast

MAZUR = str(scenario_folder() / "mazur-2-2-2.bps")
SVG = "{http://www.w3.org/2000/svg}"
_X, _Y, _MARGIN = 8.4, 17, 12


def trimmed(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def text_of_svg(text: str) -> str:
    """The words of an SVG on their grid."""
    grid: dict[int, dict[int, str]] = {}
    for one in ElementTree.fromstring(text).iter(f"{SVG}text"):
        column, row = ((float(one.attrib["x"]) - _MARGIN) / _X, (float(one.attrib["y"]) - _MARGIN) // _Y)
        assert abs(column - round(column)) < 0.02, "it stands on the grid"
        assert float(one.attrib["textLength"]) == pytest.approx(len(one.text or "") * _X, abs=0.06)
        for k, char in enumerate(one.text or ""):
            assert grid.setdefault(int(row), {}).setdefault(round(column) + k, char) == char, (
                "nothing over anything"
            )
    rows = (grid.get(y, {}) for y in range(max(grid) + 1))
    return "\n".join("".join(row.get(x, " ") for x in range(max(row, default=-1) + 1)) for row in rows)


def without_strokes(text: str) -> str:
    return "".join(" " if arms_of(char) else char for char in text)


def text_of_html(text: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", text.partition("<pre>")[2].partition("</pre>")[0]))


def text_of_tex(text: str) -> str:
    inside = text.partition("fontsize=\\footnotesize]\n")[2].partition("\\end{Verbatim}")[0]
    while (plain := re.sub(r"\\(?:textcolor|colorbox)\{\w+\}\{((?:[^{}\\]|\\.)*)\}|\\textbf\{((?:[^{}\\]|\\.)*)\}",
                           lambda m: m[1] or m[2] or "", inside)) != inside:  # fmt: skip
        inside = plain
    return inside.replace("\\{", "{").replace("\\}", "}")


def text_of_markdown(text: str) -> str:
    head, *lines, end = text.rstrip("\n").split("\n")
    assert (head, end) == ("```text", "```")
    return "\n".join(lines)


READERS: dict[str, Callable[[str], str]] = {
    ".svg": text_of_svg,
    ".html": text_of_html,
    ".tex": text_of_tex,
    ".md": text_of_markdown,
    ".txt": str,
}


@pytest.mark.parametrize("kind", ["screen", "network", "weights", "program", "story", "diff"])
@pytest.mark.parametrize("ending", READERS)
def test_a_picture_says_what_the_view_says(kind: str, ending: str, tmp_path: Path) -> None:
    session = Console(load("mazur-2-2-2"))
    session.folder = tmp_path
    attach(session)
    session.execute("diff no-derivative")
    session.execute("goto 34")
    session.execute(f"export {kind} plain.txt")
    session.execute(f"export {kind} out{ending} --force")
    plain = (tmp_path / "plain.txt").read_text("utf-8")
    wanted = without_strokes(plain) if ending == ".svg" else plain
    assert trimmed(READERS[ending]((tmp_path / f"out{ending}").read_text("utf-8"))) == trimmed(wanted)


@pytest.mark.parametrize("theme", THEMES)
def test_what_stands_in_a_document_is_read_on_its_white_page(theme: str) -> None:
    session = Console(load("mazur-2-2-2"))
    session.position = 34
    written = tex(list(whole(session, "screen", 100)), theme, "")
    colours = {name: f"#{ink}" for name, ink in re.findall(r"definecolor\{(\w+)\}\{HTML\}\{(\w+)\}", written)}
    runs = re.findall(
        r"(?:colorbox\{(\w+)\}\{\\)?textcolor\{(\w+)\}\{(?:\\textbf\{)?((?:[^{}\\]|\\.)*)\}", written
    )
    assert len(runs) > 100
    for paper, ink, text in runs:
        if re.search(r"\w", text):
            assert contrast(colours[ink], colours.get(paper, "#ffffff")) >= 4.5, text


def test_every_stroke_is_drawn_and_no_other() -> None:
    session = Console(load("mazur-2-2-2"))
    session.position = 34
    canvas = view(session, "network", 85)
    halves: set[tuple[float, float, float, float]] = set()
    for one in ElementTree.fromstring(svg(canvas.rows(), "light", "net")).iter(f"{SVG}path"):
        for x, y, way, end in re.findall(r"M([\d.]+) ([\d.]+)([HV])([\d.]+)", one.attrib["d"]):
            at, fixed, stop = (
                (float(x), float(y), float(end)) if way == "H" else (float(y), float(x), float(end))
            )
            size = (_X if way == "H" else _Y) / 2
            for k in range(round((stop - at) / size)):
                middle = (at + (k + 0.5) * size - _MARGIN) / size
                across = (fixed - _MARGIN) / (_Y if way == "H" else _X)
                halves.add((way == "H", round(middle - 0.5), round(across - 0.5), 0.0))
    wanted = set()
    for row, line in enumerate(canvas.text().split("\n")):
        for column, char in enumerate(line):
            up, right, down, left = arms_of(char) or (0, 0, 0, 0)
            wanted |= {(True, 2 * column + k, row, 0.0) for k, arm in ((0, left), (1, right)) if arm}
            wanted |= {(False, 2 * row + k, column, 0.0) for k, arm in ((0, up), (1, down)) if arm}
    assert halves == wanted


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_has_colours_on_paper(theme: str) -> None:
    found = looks(theme)
    assert set(found) == {"", *ROLES}
    assert all(re.fullmatch("#[0-9a-f]{6}", look.ink) for look in found.values())
    assert all(re.fullmatch("(#[0-9a-f]{6})?", look.paper) for look in found.values())
    assert all(look.ink != (look.paper or found[""].paper) for look in found.values()), "it can be seen"
    if theme in ("dark", "light"):
        assert found["deriv-chip"][:2] == (PALETTES[theme]["deriv-chip"], PALETTES[theme]["deriv-paper"])


class Terminal:
    """As much of a terminal as a recording needs."""

    def __init__(self, width: int, height: int) -> None:
        self.rows = [[" "] * width for _ in range(height)]

    def take(self, text: str) -> None:
        x = y = 0
        for code, char in re.findall(r"\x1b\[([\d;]*[a-zA-Z])|([^\x1b])", text):
            if code.endswith("H"):
                y, x = (int(part) - 1 for part in code[:-1].split(";"))
            elif code:
                assert code.endswith("m"), "colours, and nothing else"
            else:
                self.rows[y][x] = char
                x += 1

    @property
    def text(self) -> list[str]:
        return trimmed("\n".join("".join(row).rstrip() for row in self.rows))


def test_a_recording_of_a_view_shows_every_step_of_it(tmp_path: Path) -> None:
    session = Console(load("chain-rule"))
    session.folder = tmp_path
    attach(session)
    session.execute("goto end")
    session.execute("export step out.cast")
    head, *events = map(json.loads, (tmp_path / "out.cast").read_text("utf-8").splitlines())
    assert (head["version"], head["width"], len(events)) == (2, 80, session.length + 1)
    assert session.position == session.length
    terminal = Terminal(head["width"], head["height"])
    seconds = [second for second, _, _ in events]
    assert seconds == sorted(set(seconds))
    for position, (_, kind, text) in enumerate(events):
        session.position = position
        terminal.take(text)
        assert kind == "o"
        assert terminal.text == trimmed(view(session, "step", 80).text())


def test_a_shorter_frame_leaves_nothing_of_the_one_before() -> None:
    frames = [
        (0.0, [[("one", "text")], [("two", "value"), (" three", "")]]),
        (1.0, [[("o", "text")]]),
        (2.0, []),
    ]
    _, *events = map(json.loads, cast(frames, 12, 3, "mono", "title"))
    terminal, shown = Terminal(12, 3), []
    for _, _, text in events:
        terminal.take(text)
        shown.append(terminal.text)
    assert shown == [["one", "two three"], ["o"], [""]]


def test_slides_are_where_a_script_halts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "slides"
    assert main(["slides", MAZUR, "--out", str(folder), "--theme", "light"]) == 0
    names = capsys.readouterr().out.splitlines()
    assert names == sorted(str(path) for path in folder.iterdir())
    untils = [line for line in Path(MAZUR).read_text("utf-8").splitlines() if line.startswith("until")]
    titles = [
        ElementTree.fromstring(Path(name).read_text("utf-8")).findtext(f"{SVG}title") or "" for name in names
    ]
    assert len([name for name in names if "-until-" in name]) == len(untils)
    assert all(re.search(r"step \d+ of 59$", title) for title in titles)
    assert main(["slides", MAZUR, "--out", str(folder)]) == 2, "nothing is written over"
    assert "exists already" in capsys.readouterr().err
    assert main(["slides", MAZUR, "--out", str(folder), "--force"]) == 0


def test_a_recording_of_a_script_shows_its_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script, out = tmp_path / "demo.bps", tmp_path / "demo.cast"
    script.write_text("load chain-rule\nuntil u\nwhy u\nprint u\nexpect u = 0.9915\n", encoding="utf-8")
    assert main(["record", str(script), "-o", str(out), "--speed", "2"]) == 0
    assert "5 commands" in capsys.readouterr().out
    head, *events = map(json.loads, out.read_text("utf-8").splitlines())
    assert [second for second, _, _ in events[::2]] == [0.0, 0.5, 1.0, 1.5, 2.0], "two commands a second"
    terminal, shown = Terminal(head["width"], head["height"]), []
    for _, _, text in events:
        terminal.take(text)
        shown.append(terminal.text)
    assert [rows[-1] for rows in shown[1::2]] == [
        f"bpstep> {line}" for line in script.read_text("utf-8").splitlines()
    ]
    assert any("step 2  apply" in row for row in shown[3])
    assert "0.9914" in shown[7][-2], "what print answers stands above what is typed"


@pytest.mark.parametrize(
    "words", [["slides", "--out", "o"], ["record", "-o", "o.cast"], ["export", "html", "-o", "o.html"]]
)
def test_a_script_that_fails_is_not_shown(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.bps").write_text("load chain-rule\nuntil u\nexpect u = 5\n", encoding="utf-8")
    words.insert(2 if words[0] == "export" else 1, "bad.bps")
    assert main(words) == 1
    assert "bad.bps:3" in capsys.readouterr().err
    Path("bad.bps").write_text("load chain-rule\nuntil nothing\n", encoding="utf-8")
    assert main(words) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["bad.bps"]


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("export html chain-rule -o p.html --steps 3-99", 2, "--steps: expected A-B within 1 to 10"),
        ("export network chain-rule -o p.svg --steps 3-9", 2, "--steps goes with html"),
        ("export network chain-rule -o p.png", 2, "not in .png"),
        ("export network chain-rule -o p.svg --theme pink", 2, "expected one of dark, light"),
        ("export network chain-rule -o p.svg --at 99", 2, "--at:"),
        ("export network a.bps -o p.svg --at 9", 2, "--at goes with a scenario"),
        ("export nothing chain-rule -o p.svg", 2, "expected one of screen"),
        ("export network chain-rule -o no/p.svg", 3, "can not write no/p.svg"),
        ("record a.bps -o p.txt", 2, "expected a name that ends in .cast"),
        ("record a.bps -o p.cast --speed 0", 2, "--speed: expected 0.01 to 100"),
        ("slides a.bps --out o", 2, "can not read a.bps"),
    ],
)
def test_what_can_not_be_done_has_its_line(
    line: str,
    code: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(line.split()) == code
    told = capsys.readouterr()
    assert says in told.err
    assert (told.out, "Traceback" in told.err) == ("", False)
    assert list(tmp_path.iterdir()) == []


def test_what_a_story_says_does_not_lead_out_of_its_picture_in_markdown(tmp_path: Path) -> None:
    """A line of it may be what ends a picture."""
    text = 'format = 1\ntitle = "t"\nstory = """\n~~~\n{}\n<script>\n~~~\n"""\n[expression]\ndefine = "y = x^2"\n'
    for fence in ("```", "`````"):
        session = Console(loads(f"{text.format(fence)}[expression.inputs]\nx = 1\n", "t"))
        attach(session)
        session.folder = tmp_path
        session.execute("export story story.md --force")
        first, *inside, last = (tmp_path / "story.md").read_text(encoding="utf-8").splitlines()
        assert (first, last) == (f"{fence}`text", f"{fence}`")
        assert f"{fence}`" not in "\n".join(inside)
