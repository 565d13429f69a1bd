"""Subcommands that open a scenario or carry out scripts: open, list, repl, replay; and the home screen."""

from __future__ import annotations

import sys
from types import SimpleNamespace

from bpstep.debugger.looks import LOOKS
from bpstep.streams import columns
from bpstep.subcommands import (
    OK,
    Subcommand,
    UsageError,
    has_screen,
    json_argument,
    load_scenario,
    looks_arguments,
    print_json,
    print_lines,
    rule_named,
    scenario_argument,
    settings_of,
    tell,
    trust_argument,
    typed,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from typing import Any

    from bpstep.debugger.console import Console
    from bpstep.debugger.script import Script
    from bpstep.debugger.settings import Settings
    from bpstep.scenario.catalogue import Entry
    from bpstep.scenario.model import Scenario

__all__ = ["ROWS", "home", "open_plainly", "usual_arguments"]

#: So many columns of a summary are worth showing.
_LEAST_OF_A_SUMMARY = 30


def _session_arguments(parser: ArgumentParser) -> None:
    scenario_argument(parser)
    parser.add_argument("--rule", default="correct", metavar="RULE", help="begin with a wrong rule")
    parser.add_argument(
        "--beside", metavar="FILE",
        help="your own numbers (as for compare) beside the right ones: begin at the first wrong one",
    )  # fmt: skip
    parser.add_argument("--at", metavar="STEP", help="begin at this step")
    looks_arguments(parser)


def _session(arguments: Namespace, scenario: Scenario, settings: Settings) -> Console:
    """A session with what the command line asks for, as if its first commands had asked for it."""
    from bpstep.debugger.console import Console
    from bpstep.debugger.errors import CommandError

    session = Console(scenario)
    settings.attend(session)
    if arguments.rule != "correct":
        session.execute(f"set rule = {rule_named(arguments.rule, scenario).name}")
    # What is compared is the batch at the cursor; and then one looks at the step, if that is named.
    goto = ("--at", f"goto {arguments.at}") if arguments.at is not None else None
    compare = ("--beside", f"compare {_as_word(arguments.beside)}") if arguments.beside is not None else None
    for option, line in filter(None, (goto, compare, goto if compare else None)):
        try:
            session.execute(line)
        except CommandError as error:
            raise UsageError(f"{option}: {error.message}") from None
    return session


def _as_word(name: str) -> str:
    """The name of a file as a word of a command."""
    from bpstep.debugger.arguments import as_word

    if name == "-":
        raise UsageError("--beside reads a file: standard input is for commands and keys")
    try:
        return as_word(name)
    except ValueError as error:
        raise UsageError(f"--beside: {error}") from None


def _open_arguments(parser: ArgumentParser) -> None:
    _session_arguments(parser)
    parser.add_argument("--script", metavar="FILE.bps", help="play the commands of a script; Space pauses")
    parser.add_argument("--speed", type=float, metavar="N", help="commands a second (default: 1)")
    trust_argument(parser)


def usual_arguments(scenario: str) -> Namespace:
    """What the parser gives for ``bpstep open SCENARIO``: the same names, with the same values."""
    looks: dict[str, str | None] = dict.fromkeys(LOOKS)
    found: Any = SimpleNamespace(
        scenario=scenario, seed=None, rule="correct", beside=None, at=None, script=None, speed=None, trust=False,
        **looks,
    )  # fmt: skip
    return found  # type: ignore[no-any-return]


def open_plainly(scenario: str) -> int:
    """``bpstep SCENARIO``, which no parser has read: argparse takes longer to load than a network."""
    return _open(usual_arguments(scenario))


def _open(arguments: Namespace) -> int:
    _start_fast()
    if arguments.speed is not None and (arguments.script is None or not 0.01 <= arguments.speed <= 100):
        raise UsageError("--speed goes with --script: 0.01 to 100 commands a second")
    if arguments.trust and arguments.script is None:
        raise UsageError("--trust goes with --script: it lets the script reach files outside its own folder")
    scenario = load_scenario(arguments.scenario, arguments.seed)
    script = _script(arguments.script, scenario, arguments.trust) if arguments.script is not None else None
    _need_terminal(arguments.scenario)
    settings = settings_of(arguments)
    from bpstep.tui.app import run

    session = _session(arguments, scenario, settings)
    if script is None:
        return run(session, settings)
    return run(session, settings, (script, arguments.speed or 1.0))


def _script(file: str, scenario: Scenario, trusted: bool) -> Script:
    """A script that is to be played on a scenario, found right; what it loads first is that scenario."""
    from pathlib import Path

    from bpstep.debugger.script import read_script
    from bpstep.debugger.script_check import faults_of
    from bpstep.reach import ANYWHERE

    path = Path(file)
    script = read_script(path, file, ANYWHERE.of_script(path, trusted=trusted))
    if script.lines and script.lines[0].text.split()[0] == "load":
        del script.lines[0]
    faults = faults_of(script, scenario)
    if faults:
        raise UsageError("\n".join(map(str, faults)))
    return script


def home(arguments: Namespace) -> int:
    """The lessons: what there is without a command."""
    _need_terminal()
    _start_fast()
    settings = settings_of(arguments)
    from bpstep.tui.app import run

    return run(None, settings)


def _start_fast() -> None:
    """While modules are loaded nothing becomes garbage, so the collector need not look; the screen turns it on."""
    import gc

    gc.disable()


def _is_loaded() -> None:
    """What is there by now is no garbage, and need not be looked at again."""
    import gc

    gc.freeze()
    gc.enable()


def _need_terminal(scenario: str | None = None) -> None:
    """The screen can be shown, or `UsageError` says what there is without it."""
    if has_screen():
        return
    instead = "bpstep list" if scenario is None else f"bpstep repl {typed(scenario)}"
    if sys.stdin.isatty() and sys.stdout.isatty():
        raise UsageError(f"the screen needs a terminal that can move its cursor; on this one, try: {instead}")
    trace = "" if scenario is None else f", or bpstep trace {typed(scenario)}"
    raise UsageError(f"the screen needs a terminal; without one, try: {instead}{trace}")


def _list(arguments: Namespace) -> int:
    from bpstep.scenario.catalogue import entries

    found = entries()
    if arguments.json:
        rows = [{"name": e.name, "title": e.title, "summary": e.summary, "lesson": e.lesson} for e in found]
        print_json({"scenarios": rows})
        return OK
    if sys.stdout.isatty():
        print_lines([(line, "text") for line in _listed(found, columns())])
    else:  # whoever reads a pipe gets a line each
        width = max(len(entry.name) for entry in found)
        for entry in found:
            print(f"{entry.name:<{width}}  {entry.title}")
    return OK


def _listed(found: Sequence[Entry], width: int) -> list[str]:
    """Names and titles; where there is room for a good part of them, summaries; what is longer goes on below."""
    from textwrap import shorten, wrap

    at = max(len(entry.name) for entry in found) + 2
    titles = max(len(entry.title) for entry in found)
    room = width - at - titles - 2
    lines = []
    for entry in found:
        if room >= _LEAST_OF_A_SUMMARY:
            summary = shorten(entry.summary, room, placeholder=" …")
            lines.append(f"{entry.name:<{at}}{entry.title:<{titles}}  {summary}")
        else:
            first, *rest = wrap(entry.title, width - at)
            lines += [f"{entry.name:<{at}}{first}", *(" " * at + line for line in rest)]
    return lines


def _repl(arguments: Namespace) -> int:
    scenario = load_scenario(arguments.scenario, arguments.seed)
    from bpstep.repl import converse
    from bpstep.view.panes.found import found_lines

    settings = settings_of(arguments)
    session = _session(arguments, scenario, settings)
    for fault in settings.faults:
        tell(f"warning: {fault}")
    print_lines(found_lines(session, 80))
    return converse(session, sys.stdin, sys.stdout)


def _replay_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="scripts (*.bps), or folders of them")
    parser.add_argument("--keep-going", action="store_true", help="go on after a failure")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument(
        "--update", action="store_true", help="rewrite expected numbers and blocks into FILE.new"
    )
    parser.add_argument("--in-place", action="store_true", help="with --update: rewrite FILE itself")
    trust_argument(parser)


def _replay(arguments: Namespace) -> int:
    _start_fast()
    from bpstep.files import expanded
    from bpstep.replay import replay, update

    _is_loaded()
    if arguments.in_place and not arguments.update:
        raise UsageError("--in-place goes with --update")
    files = expanded(arguments.files, ".bps")
    for file in files:
        if file.endswith(".toml"):
            raise UsageError(f"{file} is a scenario, not a script; this opens it: bpstep {typed(file)}")
    if arguments.update:
        return update(files, in_place=arguments.in_place, trusted=arguments.trust)
    return replay(files, keep_going=arguments.keep_going, as_json=arguments.json, trusted=arguments.trust)


ROWS = (
    Subcommand("open", "open a scenario on the screen (the default)", _open_arguments, _open),
    Subcommand("list", "the built-in scenarios, one a line", json_argument, _list),
    Subcommand("repl", "the same session at a plain prompt, or from a pipe", _session_arguments, _repl),
    Subcommand("replay", "carry out scripts and hold them to what they expect", _replay_arguments, _replay),
)
