"""Subcommands for those who wrote back-propagation themselves: compare, stub, mutants."""

from __future__ import annotations

from bpstep.english import counted
from bpstep.subcommands import (
    FAILED,
    OK,
    Subcommand,
    UsageError,
    counted_argument,
    force_argument,
    json_argument,
    load_scenario,
    named_file,
    number_argument,
    print_json,
    scenario_argument,
    typed,
)
from bpstep.visible import quoted, visible, visible_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from bpstep.comparison.entries import Entry
    from bpstep.comparison.report import Report
    from bpstep.engine.run import Run
    from bpstep.engine.specs import Array
    from bpstep.scenario.model import Scenario

__all__ = ["ROWS"]


def _compare_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument(
        "numbers", metavar="NUMBERS", nargs="*",
        help="what your program computed: JSON, CSV, NPZ, NPY, MAT or a trace; - reads standard input",
    )  # fmt: skip
    parser.add_argument("--layout", choices=("out,in", "in,out"), default="", help="how square weights lie")
    parser.add_argument("--rel", type=_relative, metavar="R", help="the relative difference that is let pass")
    parser.add_argument(
        "--update", type=counted_argument, metavar="N", default=1, help="the pass before the Nth update"
    )
    parser.add_argument(
        "--epoch", type=counted_argument, metavar="K", help="NUMBERS are parameters after epoch K"
    )
    parser.add_argument(
        "--difference",
        metavar="D",
        help="instead of NUMBERS: the figure |a - b| / (|a| + |b|) of a gradient check",
    )
    parser.add_argument(
        "--format", choices=("text", "json", "gradescope"), default="text", help="default: text"
    )
    json_argument(parser)


_relative = number_argument("number between 0 and 1", lambda found: 0.0 < found < 1.0)


def _compare(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    if arguments.difference is not None:
        return _difference(arguments, scenario)
    if not arguments.numbers:
        raise UsageError("expected a file of numbers; bpstep stub SCENARIO prints a program that writes one")
    names, entries = _entries(arguments)
    from bpstep.comparison.training import is_about_training

    if is_about_training(entries, arguments.epoch):
        return _training(arguments, scenario, names, entries)
    report = _report(arguments, scenario, names, entries)
    from bpstep.comparison.wording import gradescope, report_document, report_lines

    if arguments.json or arguments.format == "json":
        print_json(report_document(report))
    elif arguments.format == "gradescope":
        print_json(gradescope(report))
    else:
        print("\n".join(visible(line) for line in report_lines(report, _look(report, arguments))))
    return OK if report.ok else FAILED


def _entries(arguments: Namespace) -> tuple[list[str], list[Entry]]:
    """The names of the files that are meant, and what is in them."""
    from bpstep.comparison.entries import NumbersError
    from bpstep.comparison.reading import read_numbers
    from bpstep.files import expanded

    words = arguments.numbers
    names = [name for word in words for name in ([word] if word == "-" else expanded([word], ""))]
    try:
        return names, [entry for name in names for entry in read_numbers(name)]
    except NumbersError as error:
        raise UsageError(str(error)) from None


def _report(arguments: Namespace, scenario: Scenario, names: list[str], entries: list[Entry]) -> Report:
    from bpstep.comparison.entries import NumbersError
    from bpstep.comparison.report import compare_numbers

    try:
        return compare_numbers(
            _run(arguments, scenario), entries, scenario=scenario.name, source=", ".join(names),
            notation=scenario.notation, layout=arguments.layout, relative=arguments.rel, batch=arguments.update - 1,
        )  # fmt: skip
    except NumbersError as error:
        raise UsageError(str(error)) from None


def _training(arguments: Namespace, scenario: Scenario, names: list[str], entries: list[Entry]) -> int:
    """Losses per epoch, and parameters after one."""
    from bpstep.comparison.entries import NumbersError
    from bpstep.comparison.training import compare_training
    from bpstep.comparison.training_words import training_document, training_lines

    try:
        report = compare_training(
            scenario.problem, scenario.training, entries, arguments.epoch, source=", ".join(names),
            notation=scenario.notation, layout=arguments.layout, relative=arguments.rel,
        )  # fmt: skip
    except NumbersError as error:
        raise UsageError(str(error)) from None
    if arguments.json or arguments.format != "text":
        print_json(training_document(report))
    else:
        print("\n".join(visible(line) for line in training_lines(report)))
    return OK if report.ok else FAILED


def _run(arguments: Namespace, scenario: Scenario) -> Run:
    from bpstep.engine.run import Run

    run = Run(scenario.problem, scenario.training)
    if arguments.update > run.timeline.batches:
        raise UsageError(f"there is no update {arguments.update}; the run has {run.timeline.batches}")
    return run


def _look(report: Report, arguments: Namespace) -> str:
    """The command that shows both on the screen, at the first wrong number."""
    plain = (
        not arguments.layout
        and arguments.rel is None
        and arguments.update == 1
        and len(arguments.numbers) == 1
    )
    if not plain or not report.first or not report.first[0].step or arguments.numbers[0] == "-":
        return ""
    seed = f" --seed {arguments.seed}" if arguments.seed is not None else ""
    return f"bpstep {typed(arguments.scenario)}{seed} --beside {typed(arguments.numbers[0])}"


def _difference(arguments: Namespace, scenario: Scenario) -> int:
    from bpstep.comparison.difference import figure_read, likely_mistakes
    from bpstep.comparison.wording import likely_document, likely_lines

    if arguments.numbers:
        raise UsageError("--difference takes the place of NUMBERS; expected one of them")
    if scenario.kind != "network":
        raise UsageError("--difference is about the whole gradient of a network")
    try:
        figure = figure_read(arguments.difference)
    except (ValueError, OverflowError):
        text = quoted(arguments.difference)
        raise UsageError(f"--difference {text}: expected a number from 0 to 1, such as 0.2851") from None
    likely = likely_mistakes(_run(arguments, scenario), figure, arguments.update - 1)
    if arguments.json or arguments.format == "json":
        print_json(likely_document(likely))
    else:
        print("\n".join(visible(line) for line in likely_lines(likely)))
    return OK if likely.right else FAILED


# --- for learners to begin with, and for teachers -----------------------------------------------------


def _stub_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    languages = ("numpy", "python", "torch", "matlab", "julia")
    parser.add_argument("--lang", choices=languages, default="numpy", help="default: numpy")


def _stub(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.comparison.stubs import stub
    from bpstep.engine.run import Run

    title = typed(arguments.scenario) + (f" --seed {arguments.seed}" if arguments.seed is not None else "")
    try:
        text = stub(Run(scenario.problem, scenario.training), visible(title), arguments.lang)
    except ValueError as error:
        raise UsageError(str(error)) from None
    print(visible_lines(text), end="")
    return OK


def _mutants_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument(
        "-o",
        "--out",
        type=named_file,
        required=True,
        metavar="DIR",
        help="the folder to write to; it is made",
    )
    force_argument(parser)
    json_argument(parser)


def _mutants(arguments: Namespace) -> int:
    """A file of gradients for every mistake, the right ones, and a list of all in ``index.json``."""
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from pathlib import Path

    from bpstep.comparison.mutants import mutants, right_gradients
    from bpstep.comparison.sheet import sheet_of
    from bpstep.documents import json_line, json_text
    from bpstep.engine.run import Run
    from bpstep.writing import gives, write_all

    sheet = sheet_of(Run(scenario.problem, scenario.training))

    def lines_of(gradients: Mapping[str, Array]) -> str:
        return json_line({key: array.tolist() for key, array in gradients.items()})

    texts = {"right.json": lines_of(right_gradients(sheet))}
    rows = []
    for mutant in mutants(sheet):
        name, one = f"{mutant.file}.json", mutant.hypothesis
        texts[name] = lines_of(mutant.gradients)
        rows.append({"file": name, "mistake": one.title, "says": one.says})
    index = {"scenario": scenario.name, "right": "right.json", "mutants": rows}
    texts["index.json"] = json_text(index)
    folder = Path(arguments.out)
    files = [(folder / name, gives([text, "\n"])) for name, text in texts.items()]
    write_all(files, replace=arguments.force, folder=folder)
    if arguments.json:
        print_json(index)
    else:
        print(visible(f"{counted(len(rows), 'mutant')} in {folder}; index.json says which is which"))
    return OK


ROWS = (
    Subcommand(
        "compare", "your own numbers beside the right ones: the first wrong one, and the mistake",
        _compare_arguments, _compare,
    ),
    Subcommand("stub", "a program to fill in, with the scenario's numbers", _stub_arguments, _stub),
    Subcommand(
        "mutants", "the gradients that each known mistake gives, a file each, to try an autograder on",
        _mutants_arguments, _mutants,
    ),
)  # fmt: skip
