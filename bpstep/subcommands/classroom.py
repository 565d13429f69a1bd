"""Subcommands for a class: worksheet."""

from __future__ import annotations

from bpstep.subcommands import (
    OK,
    Subcommand,
    UsageError,
    counted_argument,
    force_argument,
    load_scenario,
    named_file,
    tell,
    typed,
)
from bpstep.visible import quoted, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from bpstep.exercises.model import Exercise
    from bpstep.worksheets.blocks import Block
    from bpstep.worksheets.parts import Part
    from bpstep.worksheets.sheets import Sheet

__all__ = ["ROWS"]

#: The formats, and the endings of files that are written in each.
_ENDINGS = {".md": "md", ".tex": "tex", ".html": "html", ".htm": "html"}


def _worksheet_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="SCENARIO|EXERCISES",
        help="a scenario, an exercise by its id, a file or a folder of them",
    )
    parser.add_argument(
        "--blank", metavar="CELLS",
        help="of a scenario: what is left blank, * for anything (default: delta[*], d(w[*]); of an expression d(*))",
    )  # fmt: skip
    parser.add_argument(
        "--variants",
        type=counted_argument,
        default=1,
        metavar="N",
        help="so many sheets, each with other numbers",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed, the same sheets")
    parser.add_argument(
        "--sample",
        type=counted_argument,
        metavar="N",
        help="of a scenario: the sample it is about (default: the first without a 0 among its inputs)",
    )
    parser.add_argument(
        "--fade", action="store_true", help="a worked example, one that is half done, one to do alone"
    )
    parser.add_argument(
        "--format", choices=("md", "tex", "html"), help="default: as the name of --out ends, else md"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=named_file,
        metavar="FILE",
        help="where the sheets are written; left out: standard output",
    )
    parser.add_argument(
        "--key",
        type=named_file,
        metavar="FILE",
        help="where the key is written; its name ends in .md, .tex or .html",
    )
    parser.add_argument(
        "--scenarios",
        metavar="FOLDER",
        help="a scenario file for each sheet, to open its numbers on the screen",
    )
    force_argument(parser)
    parser.add_argument(
        "--path", metavar="FOLDER", help="a folder of your own exercises, whose ids are meant"
    )


def _worksheet(arguments: Namespace) -> int:
    from pathlib import Path

    from bpstep.progress_line import ProgressLine
    from bpstep.worksheets.documents import key_document, sheet_document
    from bpstep.writing import check_free, gives, write_all

    _refuse_what_can_not_be(arguments)
    form = _format_of("--out", arguments.out, arguments.format) or "md"
    key_form = _format_of("--key", arguments.key, None)
    check_free(map(Path, filter(None, (arguments.out, arguments.key))), replace=arguments.force)
    title, made = _sheets(arguments)
    with ProgressLine.here() as progress:
        sheets = []
        for sheet in made:
            sheets.append(sheet)
            progress.show("sheets", len(sheets), arguments.variants)
    sheets, files = _with_scenarios(sheets, arguments.scenarios)
    if arguments.key is not None:
        text = _text(key_form, key_document(sheets, title, len(sheets)), f"Key: {title}")
        files.append((arguments.key, text))
    text = _text(form, sheet_document(sheets, len(sheets)), title)
    if arguments.out is not None:
        files.append((arguments.out, text))
    folder = arguments.scenarios and Path(arguments.scenarios)
    write_all([(Path(name), gives(pieces)) for name, pieces in files], replace=arguments.force, folder=folder)
    for name in filter(None, (arguments.key, arguments.out)):
        tell(visible(f"{typed(name)} is written"))
    for piece in text if arguments.out is None else ():
        print(piece, end="")
    return OK


def _refuse_what_can_not_be(arguments: Namespace) -> None:
    """`UsageError` where options of a worksheet are out of range, or stand against each other."""
    from bpstep.worksheets.sheets import MOST_SHEETS

    if arguments.variants > MOST_SHEETS:
        raise UsageError(f"--variants: expected at most {MOST_SHEETS}")
    if not 0 <= arguments.seed < 10**15:
        raise UsageError("--seed: expected a whole number from 0 on, of at most 15 digits")
    if arguments.out is not None and arguments.out == arguments.key:
        raise UsageError("--out and --key name the same file")


def _with_scenarios(
    sheets: list[Sheet], folder: str | None
) -> tuple[list[Sheet], list[tuple[str, Iterable[str]]]]:
    """The sheets, whose keys will name the files in which their numbers can be opened; and these files."""
    if folder is None:
        return sheets, []
    from dataclasses import replace
    from pathlib import Path

    from bpstep.scenario.writing import scenario_document, toml_text

    files: list[tuple[str, Iterable[str]]] = []

    def opened(part: Part, name: str) -> Part:
        files.append((name, [toml_text(scenario_document(part.scenario))]))
        return replace(part, opened=part.opened or f"bpstep {typed(name)}")

    def named(sheet: Sheet) -> Sheet:
        which = [f"-{place}" if len(sheet.parts) > 1 else "" for place in range(1, len(sheet.parts) + 1)]
        names = [str(Path(folder, f"variant-{sheet.number}{one}.toml")) for one in which]
        return replace(sheet, parts=tuple(map(opened, sheet.parts, names)))

    return [named(sheet) for sheet in sheets], files


def _sheets(arguments: Namespace) -> tuple[str, Iterator[Sheet]]:
    """The title of the sheets, and how they are made."""
    from bpstep.worksheets.sheets import default_blanks, left_out, of_exercises, of_scenario

    exercises = _exercises(arguments)
    common = {"variants": arguments.variants, "seed": arguments.seed, "fade": arguments.fade}
    if exercises is None:
        scenario = load_scenario(arguments.what)
        blanks = default_blanks(scenario) if arguments.blank is None else arguments.blank
        return scenario.title, of_scenario(scenario, blanks, sample=arguments.sample, **common)
    if arguments.blank is not None:
        raise UsageError("--blank goes with a scenario; an exercise asks its own questions")
    for line in left_out(exercises):
        tell(line)
    if arguments.variants > 1 and not any(exercise.vary for exercise in exercises):
        tell("no exercise here varies its numbers: they are the same on every sheet")
    return exercises[0].title if len(exercises) == 1 else "Exercises", of_exercises(exercises, **common)


def _exercises(arguments: Namespace) -> list[Exercise] | None:
    """The exercises that are meant; None where a scenario is."""
    from pathlib import Path

    from bpstep.exercises.loading import is_exercise, load_path, read_exercise
    from bpstep.files import the_one
    from bpstep.scenario.catalogue import builtin_names
    from bpstep.scenario.problems import did_you_mean

    name = the_one(arguments.what)
    file = Path(name)
    if file.is_dir():
        return _sound(*load_path(file))
    if arguments.path is None and (name in builtin_names() or (file.is_file() and not is_exercise(file))):
        return None
    if file.is_file():
        return [read_exercise(file)]
    found = _sound(
        *load_path(None if arguments.path is None else Path(the_one(arguments.path)), retired=True)
    )
    own = [exercise for exercise in found if exercise.id == name]
    if own:
        return own
    if file.suffix:
        return None  # whoever loads it says that there is no such file
    near = did_you_mean(name, [*builtin_names(), *(exercise.id for exercise in found)])
    raise UsageError(f"there is no scenario, exercise or file {quoted(name)}{near}")


def _sound(exercises: list[Exercise], problems: Iterable[object]) -> list[Exercise]:
    if problems:
        raise UsageError("\n".join(map(str, problems)))
    return exercises


# --- what is written ----------------------------------------------------------------------------------


def _format_of(option: str, name: str | None, chosen: str | None) -> str:
    """The format of a file, by its name; "" where there is no file and none is chosen."""
    from pathlib import PurePath

    if name is None:
        return chosen or ""
    ending = PurePath(name).suffix.lower()
    by_name = _ENDINGS.get(ending, "")
    if not by_name and chosen is None:
        raise UsageError(f"{option}: expected a name that ends in .md, .tex or .html, not {quoted(name)}")
    if chosen is not None and ending and by_name != chosen:
        raise UsageError(f"{option}: {quoted(name)} does not end in .{chosen}, the format that is asked for")
    return chosen or by_name


def _text(form: str, blocks: Iterable[Block], title: str) -> Iterator[str]:
    from bpstep.worksheets.html import as_html
    from bpstep.worksheets.latex import as_latex
    from bpstep.worksheets.markdown import as_markdown

    if form == "html":
        return as_html(blocks, title)
    return as_latex(blocks) if form == "tex" else as_markdown(blocks)


ROWS = (
    Subcommand(
        "worksheet",
        "sheets with blanks for a class, and a key that names mistakes",
        _worksheet_arguments,
        _worksheet,
    ),
)
