"""A row in the files that the README names is all it takes: here the files themselves are changed.

`test_tables` adds rows to the tables of a program that runs.  Here a stranger writes them where the README's last
section says, in a copy of the package, for what is made when it is loaded: a look, a part of the structure, a
subcommand, a kind of question, functions over arrays, with a sort of edge of their own, too.  Then the copy is played,
in one program, from the command line to the worksheet.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import bpstep

ROOT = Path(bpstep.__file__).parent.parent


class Row(NamedTuple):
    """What is written into a file: ``text`` behind the line in which a table begins, or at the end of the file; and
    ``before`` it what the row is made of."""

    file: str
    text: str
    table: str = ""
    before: str = ""


def _part_of(text: str) -> str:
    """Text as it stands here, without the margin."""
    return re.sub(r"^ {4}", "", text.strip("\n"), flags=re.MULTILINE) + "\n"


LOOK = (
    Row(
        "debugger/looks.py",
        '    Look("sign", "WHEN", "when + is written: {}", ("always", "never")),',
        "_ROWS",
    ),
    Row("debugger/options.py", '    sign: str = "always"'),
)

STRUCTURE = (
    Row(
        "debugger/structure.py",
        '    Part("reduction", ("mean", "sum"), _reduction),',
        "_ROWS",
        _part_of("""
    def _reduction(scope: Scope, which: str, value: str, columns: tuple[int, int]) -> Change:
        name = one_of(value, ("mean", "sum"), columns[1])
        return lambda s: replace(s, training=replace(s.training, reduction=name))
    """),
    ),
)

SUBCOMMAND = (
    Row("debugger/topics/shell.md", "`bpstep outline SCENARIO` prints its title."),
    Row(
        "subcommands/authoring.py",
        '    Subcommand("outline", "the title of a scenario", _outline_arguments, _outline),',
        "ROWS",
        _part_of("""
    def _outline_arguments(parser: ArgumentParser) -> None:
        from bpstep.subcommands import looks_arguments, scenario_argument

        scenario_argument(parser)
        looks_arguments(parser, "notation")


    def _outline(arguments: Namespace) -> int:
        from bpstep.subcommands import load_scenario

        print(visible(load_scenario(arguments.scenario, arguments.seed).title))
        return OK
    """),
    ),
)

KIND = (
    Row("debugger/topics/exercises.md", "They ask which sign a number has, too."),
    Row(
        "exercises/kinds/sign.py",
        _part_of('''
    """Whether a number is above 0, below it, or 0."""

    from bpstep.exercises.asked import told
    from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade, named
    from bpstep.exercises.kind import BLANK, Kind, Mistake, ask_cells, truth

    WORDS = ("plus", "minus", "zero")


    def _solution(posed):
        value = truth(posed).value
        return "plus" if value > 0 else "minus" if value < 0 else "zero"


    def _grade(posed, text):
        if text not in WORDS:
            return Grade(NOT_GRADED, ("Answer plus, minus or zero.",))
        if text == _solution(posed):
            return Grade(CORRECT_ANSWER, ("right: that is its sign",), text)
        return Grade(WRONG, ("Follow the signs of the factors.",), text)


    SIGN = Kind(
        "sign", ask_cells, lambda posed: [f"Is {named(posed.cell)} above 0?"], _grade, _solution,
        lambda posed: [BLANK, *(Mistake(word, "the other sign") for word in WORDS if word != _solution(posed))],
        lambda posed: "plus, minus or zero", lambda posed: ("Only signs count.", "Minus times minus?", "Try plus."),
        lambda posed: [told(step) for step in truth(posed).steps[:3]], asks=1, hides=True, words=WORDS,
    )
    '''),
    ),
    Row(
        "exercises/kinds/__init__.py", "    SIGN,", "_ROWS", "from bpstep.exercises.kinds.sign import SIGN\n"
    ),
)

#: Of cells alone (backwards), and of an operation whose sort there is (sofar).
FUNCTIONS = (
    Row(
        "scenario/functions.py",
        _part_of("""
        "backwards": Form("backwards(A, axis=k)", "the other way round", settings=_AXIS),
        "sofar": Form("sofar(A, axis=k)", "the sums up to each cell", settings=_AXIS),
    """),
        "ARRAY_FUNCTIONS",
    ),
    Row(
        "scenario/arrays.py",
        '    "backwards": _backwards,\n    "sofar": _sofar,',
        "_BUILD",
        _part_of("""
    def _backwards(maker: Maker, call: Called) -> Cells:
        cells, axis = call.cells(), call.last_axis()
        return maker.shaped(cells.shape, lambda: cells.part((*[slice(None)] * axis, slice(None, None, -1))))


    def _sofar(maker: Maker, call: Called) -> Cells:
        cells, axis = call.cells(), call.last_axis()
        return maker.make("sofar", (cells,), cells.shape, terms=cells.shape[axis], axis=axis)
    """),
    ),
    Row(
        "engine/array_build.py",
        '    "sofar": _sofar,',
        "_MAKERS",
        _part_of("""
    def _sofar(to: _Request) -> Operation:
        axis = to.spec.axis or 0
        along = groups(to.shapes[0], axis)
        place = np.indices(to.shapes[0])[axis].reshape(-1, 1)
        meeting = to.meeting(lambda: (np.where(np.arange(along.shape[1]) <= place, along, -1),))
        return Sum(to.head, tuple(to.edges(meeting, ToTerm, (0,), shown=False)), meeting=meeting)
    """),
    ),
)

#: A function whose operation and edge are of sorts of their own, in a module of their own.
SORT = (
    Row(
        "scenario/functions.py",
        '    "timesall": Form("timesall(A, axis=k)", "the product", settings=_AXIS),',
        "ARRAY_FUNCTIONS",
    ),
    Row(
        "scenario/arrays.py",
        '    "timesall": lambda maker, call: _over(maker, "timesall", call.cells(), call.axis(None)),',
        "_BUILD",
    ),
    Row(
        "engine/array_build.py",
        '    "timesall": _timesall,',
        "_MAKERS",
        _part_of("""
    def _timesall(to: _Request) -> Operation:
        from bpstep.engine.array_products import Product, ToMultiplied

        meeting = to.meeting(lambda: (over_axis(to.shapes[0], to.spec.axis),))
        return Product(to.head, tuple(to.edges(meeting, ToMultiplied, (0,))), meeting=meeting)
    """),
    ),
    Row(
        "engine/array_products.py",
        _part_of('''
    """Products over an axis."""

    import numpy as np

    from bpstep.engine.array_sums import Met
    from bpstep.engine.array_pairs import Listed
    from bpstep.engine.vectors import Said
    from bpstep.lazily import dataclass


    def _told(read, meeting, i, terms):
        names = {f"a{k}": read(*meeting.cell(0, i, k)) for k in terms}
        return Said(" * ".join(f"{{{name}}}" for name in names) or "1", names, all_read=True)


    @dataclass(frozen=True, eq=False)
    class Product(Met):
        """The product of some cells."""

        def value(self, values):
            return np.prod(self.meeting.numbers(values, 0), axis=2)

        def said(self, read, i, k):
            return _told(read, self.meeting, i, self.meeting.own_terms(i).tolist())


    @dataclass(frozen=True, eq=False)
    class ToMultiplied(Listed):
        """To each of them: the product of the others."""

        def local(self, values):
            met = self.meeting.numbers(values, 0)[:, self.pairs.heads]
            every = np.arange(len(self.pairs.heads))
            met[:, every, self.pairs.terms] = 1.0
            return np.prod(met, axis=2)

        def reads(self, changed):
            cells = self.meeting.sources[0].changed(changed)[self.meeting.index[0]]
            return cells.sum(axis=1)[self.pairs.heads] > cells[self.pairs.heads, self.pairs.terms]

        def said(self, read, i, j, *, in_order=False):
            own = int(self.pairs.terms[self.pair(i, j)])
            return _told(read, self.meeting, i, [k for k in self.meeting.own_terms(i).tolist() if k != own])
    '''),
    ),
)

#: The rows, and how the README calls what they add; a plain function over arrays is no new sort.
WRITTEN = {
    "what `set` changes, and no number changes": LOOK,
    "what `set` changes, and numbers change": STRUCTURE,
    "a subcommand": SUBCOMMAND,
    "a kind of question": KIND,
    "a function over arrays": FUNCTIONS,
    "a function over arrays whose operation or edge is of a sort of its own": (*FUNCTIONS, *SORT),
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What the copy with all rows in it says to each line of `rows_played`: its output, or what went wrong."""
    folder = tmp_path_factory.mktemp("rows")
    ignored = shutil.ignore_patterns("__pycache__", "*.md")
    shutil.copytree(ROOT / "bpstep", folder / "bpstep", ignore=ignored)
    for page in (ROOT / "bpstep" / "debugger" / "topics").glob("*.md"):
        shutil.copy(page, folder / "bpstep" / "debugger" / "topics")
    (folder / "scenarios").symlink_to(ROOT / "scenarios")
    for row in (*LOOK, *STRUCTURE, *SUBCOMMAND, *KIND, *FUNCTIONS, *SORT):
        written(folder / "bpstep" / row.file, row)
    (folder / "at").mkdir()
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "BPSTEP_CONFIG": str(folder / "config"),
                   "BPSTEP_STATE": str(folder / "state")}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.rows_played"],
        cwd=folder / "at", env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found


def written(path: Path, row: Row) -> None:
    """Write a row into its file."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not row.table:
        path.write_text(f"{text.rstrip()}\n{row.text}\n" if text else row.text, encoding="utf-8")
        return
    (begins,) = re.finditer(rf"^{row.table}\b.*[({{]\n", text, re.MULTILINE)
    before = f"{row.before}\n\n" if row.before else ""
    parts = (
        text[: begins.start()],
        before,
        begins.group(),
        row.text.rstrip("\n"),
        "\n",
        text[begins.end() :],
    )
    path.write_text("".join(parts), encoding="utf-8")


@pytest.mark.parametrize("what", WRITTEN)
def test_the_readme_names_the_files(what: str) -> None:
    """Every file that is written, by its name or by that of its folder, and none besides."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+) \| (.+) \|$", text, re.MULTILINE))
    named = set(re.findall(r"`bpstep/([\w/.]+)`", rows[what]))
    files = {row.file for row in WRITTEN[what]}
    by_folder = {f"{os.path.dirname(file)}/" for file in files - named}
    assert named == files & named | by_folder


def test_a_look_is_a_row(played: dict[str, dict[str, str]]) -> None:
    said = played["look"]
    assert "sign" in said["help set"]
    assert said["set sign = never"] == "sign = never"
    assert 'did you mean "never"?' in said["set sign = nevr"]
    assert 'did you mean "sign"?' in said["set sgn = never"]
    assert said["completed"] == "always never"
    assert "sign=never" in said["saved"]
    assert said["replayed"] == "0"
    assert "when + is written: always, never" in said["--help"]
    assert "--sign WHEN" in said["help settings"]
    assert "always never" in said["completion"]
    assert said["kept"] == "never"
    assert "--sign: expected one of always, never" in said["--sign nvr"]


def test_a_part_of_the_structure_is_a_row(played: dict[str, dict[str, str]]) -> None:
    said = played["structure"]
    assert "reduction" in said["help set"]
    assert said["set reduction = sum"].startswith("reduction = sum from here on")
    assert 'did you mean "sum"?' in said["set reduction = summ"]
    assert said["completed"] == "mean sum"
    assert said["seed"] == "1.0", "which of a mean over four samples is a quarter"
    assert "set reduction = sum" in said["saved"]
    assert said["replayed"] == "0"


def test_a_subcommand_is_a_row(played: dict[str, dict[str, str]]) -> None:
    said = played["subcommand"]
    assert said["outline xor"].startswith("0 XOR")
    assert "the title of a scenario" in said["--help"]
    assert "bpstep outline: the title of a scenario." in said["help outline"]
    assert 'did you mean "outline"?' in said["outlin xor"]
    assert re.search(r"outline\w*=\([^)]*mazur-2-2-2", said["completion"])
    assert re.search(r"outline_*notation_choices=\(bpstep nielsen", said["completion"])


def test_a_kind_of_question_is_a_file_and_its_name(played: dict[str, dict[str, str]]) -> None:
    said = played["kind"]
    assert said["exercises check"].startswith("0 ")
    assert "which sign a number has" in said["help exercises"]
    assert "all proved" in said["exercises check"]
    assert 'did you mean "sign"?' in said["lint typo"]
    assert '"sign"' in said["schema"]
    assert "above 0?" in said["worksheet"]
    assert "Follow the signs" in said["exercise"]
    assert "right: that is its sign" in said["exercise"]
    assert "Only signs count." in said["exercise"]


def test_a_function_over_arrays_is_a_row_of_each_table(played: dict[str, dict[str, str]]) -> None:
    said = played["functions"]
    assert said["check"].startswith("0 all")
    assert "sofar(A, axis=k)" in said["help arrays"]
    assert "timesall(A, axis=k)" in said["help arrays"]
    assert 'unknown function "timesal"; did you mean "timesall"?' in said["typo"]
    assert "there is no axis 3" in said["axis"]
    assert said["forward"] == "True", "forward mode comes to what reverse mode comes to"
    assert said["equations"] == "True", "every step is what it says"
    assert "Cell by cell" not in said["explain"]
    assert "is computed from 2 cells of" in said["explain"]
    assert "Jᵀ" in said["explain"]
    assert said["stub"].startswith("2 ")
    assert "which is not written in numpy" in said["stub"]
    assert said["worksheet"].startswith("0 ")
    assert "timesall(" in said["toml"]
