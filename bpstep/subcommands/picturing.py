"""Subcommands that make files to show: export, slides, record."""

from __future__ import annotations

from bpstep.debugger.looks import LOOKS
from bpstep.english import counted
from bpstep.subcommands import (
    OK,
    Subcommand,
    UsageError,
    force_argument,
    load_scenario,
    named_file,
    rule_named,
    tell,
    trust_argument,
)
from bpstep.visible import quoted, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bpstep.debugger.console import Console
    from bpstep.showing import Shown

__all__ = ["ROWS"]

#: How files can be told to look, as `export` in a session can.
_LOOKS = ("width", "theme", "notation", "digits")


def _looks_arguments(parser: ArgumentParser, *names: str) -> None:
    for name in names:
        look = LOOKS.get(name)
        word, says = ("N", "so many columns") if look is None else (look.word, look.says)
        parser.add_argument(f"--{name}", metavar=word, help=says)
    force_argument(parser)
    trust_argument(parser)


def _looks(arguments: Namespace) -> list[str]:
    """What the command line says of looks, as words of `export`."""
    given = ((name, getattr(arguments, name, None)) for name in _LOOKS)
    return [f"--{name}={value}" for name, value in given if value is not None]


# --- export -------------------------------------------------------------------------------------------


def _export_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "kind", metavar="KIND",
        help="html: a page of every step; a view (screen, network, weights, chain, …); jsonl, csv, text: the steps",
    )  # fmt: skip
    parser.add_argument(
        "what", metavar="SCENARIO|FILE.bps", help="a scenario, or a script that leads to what is shown"
    )
    parser.add_argument(
        "-o", "--out", type=named_file, metavar="FILE", required=True,
        help="where to write it; of a view, the ending says the format: .svg .html .txt .md .tex .cast",
    )  # fmt: skip
    parser.add_argument("--at", metavar="STEP", help="of a scenario: at this step (default: the end)")
    parser.add_argument(
        "--steps",
        metavar="A-B",
        help="of a page: these steps (default: the run, or of a long one the epoch at --at)",
    )
    parser.add_argument("--rule", default="correct", metavar="RULE", help="of a scenario: by a wrong rule")
    parser.add_argument("--seed", type=int, metavar="N", help="another seed for weights drawn at random")
    _looks_arguments(parser, *_LOOKS)


def _export(arguments: Namespace) -> int:
    from bpstep.debugger.answers import Said
    from bpstep.debugger.arguments import as_word
    from bpstep.debugger.errors import CommandError
    from bpstep.progress_line import ProgressLine
    from bpstep.view.say.exports import write_page

    shown = _shown(arguments)
    if shown.session is None:
        return _told_failures(shown)
    session, positions = shown.session, _positions(arguments.steps, shown.session)
    if arguments.kind == "html":
        session.write_out = lambda kind, ending, width, to: write_page(session, to, positions, shown.stops)
    elif positions is not None:
        raise UsageError("--steps goes with html: a page of every step")
    try:
        words = [as_word(arguments.kind), as_word(arguments.out), *_looks(arguments)]
        with ProgressLine.here() as progress:
            session.listener = progress.listener
            answer = session.execute(" ".join(["export", *words, *(["--force"] if arguments.force else [])]))
    except ValueError as error:
        raise UsageError(str(error)) from None
    except CommandError as error:
        tell(f"bpstep: {error.message}")
        return int(error.code)
    told = answer.text if isinstance(answer, Said) else ""
    is_part = arguments.kind == "html" and not told.endswith(" is written")
    print(visible(told + (" (--steps A-B: others)" if is_part and positions is None else "")))
    return OK


def _shown(arguments: Namespace) -> Shown:
    """The session that is exported: of a scenario, or as a script leaves it."""
    from bpstep.debugger.console import Console
    from bpstep.debugger.errors import CommandError
    from bpstep.showing import Shown, of_script
    from bpstep.view.say.exports import attach

    if arguments.what.endswith(".bps"):
        for option in ("at", "seed"):
            if getattr(arguments, option) is not None:
                raise UsageError(f"--{option} goes with a scenario; a script says itself where it goes")
        return of_script(arguments.what, trusted=arguments.trust)
    if arguments.trust:
        raise UsageError("--trust goes with a script: it lets that reach files outside its own folder")
    scenario = load_scenario(arguments.what, arguments.seed)
    session = Console(scenario)
    attach(session)
    if arguments.rule != "correct":
        session.execute(f"set rule = {rule_named(arguments.rule, scenario).name}")
    try:
        session.execute(f"goto {arguments.at or ('start' if arguments.kind == 'html' else 'end')}")
    except CommandError as error:
        raise UsageError(f"--at: {error.message}") from None
    return Shown(session)


def _positions(steps: str | None, session: Console) -> range | None:
    """The positions of the steps A-B; None where none are asked for."""
    if steps is None:
        return None
    from bpstep.view.page.whole import MOST_STEPS

    first, dash, last = steps.partition("-")
    if not (
        dash and first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= session.length
    ):
        raise UsageError(f"--steps: expected A-B within 1 to {session.length}, found {quoted(steps)}")
    if int(last) - int(first) >= MOST_STEPS:
        raise UsageError(f"--steps: a page has at most {MOST_STEPS} steps")
    return range(int(first) - 1, int(last) + 1)


def _told_failures(shown: Shown) -> int:
    """What is wrong with a script, on standard error; the exit code."""
    for failure in shown.failures:
        tell(failure)
    return max((int(failure.code) for failure in shown.failures), default=OK)


# --- slides and recordings ----------------------------------------------------------------------------


def _slides_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("script", metavar="FILE.bps", help="a script")
    parser.add_argument(
        "-o",
        "--out",
        type=named_file,
        metavar="DIR",
        required=True,
        help="the folder; it is made where it is not there",
    )
    _looks_arguments(parser, *_LOOKS)


def _slides(arguments: Namespace) -> int:
    from bpstep.debugger.errors import CommandError
    from bpstep.showing import slides

    try:
        shown, names = slides(
            arguments.script, arguments.out, _looks(arguments), force=arguments.force, trusted=arguments.trust
        )
    except CommandError as error:
        tell(f"bpstep: {error.message}")
        return int(error.code)
    if shown.session is None:
        return _told_failures(shown)
    for name in names:
        print(visible(name))
    if not names:
        tell("no slide: nothing in this script is an until, and no note stands where it halts")
    return OK


def _record_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("script", metavar="FILE.bps", help="a script")
    parser.add_argument(
        "-o", "--out", type=named_file, metavar="FILE", required=True, help="where to write it: demo.cast"
    )
    parser.add_argument(
        "--speed", metavar="N", type=float, default=0.5, help="commands a second (default: 0.5)"
    )
    _looks_arguments(parser, *_LOOKS)


def _record(arguments: Namespace) -> int:
    from bpstep.debugger.errors import CommandError
    from bpstep.showing import record

    if not 0.01 <= arguments.speed <= 100:
        raise UsageError("--speed: expected 0.01 to 100 commands a second")
    if not arguments.out.lower().endswith(".cast"):
        raise UsageError(f"{arguments.out}: expected a name that ends in .cast")
    try:
        shown, count = record(
            arguments.script, arguments.out, _looks(arguments), arguments.speed, force=arguments.force,
            trusted=arguments.trust,
        )  # fmt: skip
    except CommandError as error:
        tell(f"bpstep: {error.message}")
        return int(error.code)
    if shown.session is None:
        return _told_failures(shown)
    print(visible(f"{arguments.out} is written: {counted(count, 'command')}"))
    return OK


ROWS = (
    Subcommand(
        "export", "a page of every step, a picture, or the steps, in a file", _export_arguments, _export
    ),
    Subcommand("slides", "a picture for every until and note of a script", _slides_arguments, _slides),
    Subcommand(
        "record", "a script as a recording that players of terminals show", _record_arguments, _record
    ),
)
