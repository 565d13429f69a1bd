"""The subcommands of the command line, and what all of them have in common.

`opening` has those that open a scenario or carry out scripts, `numbers` those that print what a run computes,
`picturing` those that make pictures, pages and recordings of it, `study` those of exercises, `authoring` those for
whoever writes scenarios.  Each module gives its rows as ``ROWS``; a row's
function imports what it needs when it is called, so that the command line itself starts as fast as Python does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bpstep import streams
from bpstep.debugger.looks import LOOKS
from bpstep.streams import has_screen
from bpstep.visible import visible, visible_lines

TYPE_CHECKING = False  # `typing` and `dataclasses` cost as much as all the rest of this module
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bpstep.debugger.options import Options
    from bpstep.debugger.settings import Settings
    from bpstep.engine.rule import Rule
    from bpstep.scenario.model import Scenario

__all__ = [
    "FAILED",
    "INTERRUPTED",
    "OK",
    "RUNNING",
    "USAGE",
    "Subcommand",
    "UsageError",
    "counted_argument",
    "force_argument",
    "has_screen",
    "json_argument",
    "load_scenario",
    "looks_arguments",
    "looks_of",
    "named_file",
    "number_argument",
    "print_json",
    "print_lines",
    "rule_named",
    "scenario_argument",
    "settings_of",
    "tell",
    "trust_argument",
    "typed",
]  # fmt: skip

OK, FAILED, USAGE, RUNNING, INTERRUPTED = 0, 1, 2, 3, 130


class Subcommand:
    """A row of the command line."""

    def __init__(
        self,
        name: str,
        says: str,
        arguments: Callable[[ArgumentParser], None],
        run: Callable[[Namespace], int],
    ) -> None:
        self.name, self.says, self.arguments, self.run = name, says, arguments, run


class UsageError(Exception):
    """Something on the command line can not be done; the message is one line."""


def tell(text: object) -> None:
    """Lines on standard error, whatever their text was made from."""
    streams.complain(visible_lines(str(text)))


def typed(name: str) -> str:
    """A file's name as it is typed at a prompt."""
    return f'"{name}"' if " " in name else name


def load_scenario(name: str, seed: int | None = None) -> Scenario:
    """The scenario that the command line names: built in, a file, or a pattern that matches one."""
    from bpstep.files import the_one
    from bpstep.scenario.loader import load

    file = the_one(name)
    if file.endswith(".bps"):
        raise UsageError(f"{file} is a script; this carries it out: bpstep replay {typed(file)}")
    scenario = load(file, seed=seed)
    for warning in scenario.warnings:
        streams.complain(f"warning: {warning}")
    return scenario


def rule_named(name: str, scenario: Scenario) -> Rule:
    """The rule that the command line names, if it applies to the scenario."""
    from bpstep.debugger.errors import did_you_mean
    from bpstep.engine.rules import RULES

    if name not in RULES:
        raise UsageError(f'unknown rule "{name}"{did_you_mean(name, RULES)} (rules: {", ".join(RULES)})')
    rule = RULES[name]
    reason = rule.refuses(scenario.problem, scenario.training)
    if reason:
        raise UsageError(f'the rule "{name}" does not apply to {scenario.name}: {reason}')
    return rule


def scenario_argument(parser: ArgumentParser) -> None:
    """SCENARIO, and the seed of its weights."""
    parser.add_argument("scenario", metavar="SCENARIO", help="a built-in scenario by name, or a file")
    parser.add_argument("--seed", type=int, metavar="N", help="another seed for weights drawn at random")


def looks_arguments(parser: ArgumentParser, *names: str) -> None:
    """How it shall look, instead of how the settings and the scenario say: all of it, or these ``names`` alone."""
    group = parser.add_argument_group("how it looks")
    for name in names or LOOKS:
        group.add_argument(f"--{name}", metavar=LOOKS[name].word, help=LOOKS[name].says)


def settings_of(arguments: Namespace) -> Settings:
    """The settings that hold here: those of the command line, and those of the file."""
    from bpstep.debugger.options import Options
    from bpstep.debugger.settings import read_settings

    looks_of(arguments, Options())
    return read_settings(_looks_given(arguments))


def looks_of(arguments: Namespace, usual: Options) -> Options:
    """The looks that the command line asks for, the rest as ``usual``: a text that is printed is the same whatever
    settings its reader keeps."""
    from bpstep.debugger.errors import CommandError

    for name, text in _looks_given(arguments).items():
        try:
            usual = LOOKS[name](usual, text, 0)
        except CommandError as error:
            raise UsageError(f"--{name}: {error.message}") from None
    return usual


def _looks_given(arguments: Namespace) -> dict[str, str]:
    """What the command line says of looks."""
    return {name: text for name in LOOKS if (text := getattr(arguments, name, None)) is not None}


def counted_argument(text: str) -> int:
    """How many, or which one: a whole number from 1 on."""
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 10**9:
        raise ValueError(text)
    return int(text)


counted_argument.__name__ = "whole number from 1 on"  # which argparse tells


def number_argument(says: str, accepts: Callable[[float], bool]) -> Callable[[str], float]:
    """The type of an argument that is a number: which it ``accepts``, and what argparse ``says`` of them."""

    def number(text: str) -> float:
        found = float(text)
        if not accepts(found):
            raise ValueError(text)
        return found

    number.__name__ = says
    return number


def trust_argument(parser: ArgumentParser) -> None:
    """``--trust``, for what carries out scripts."""
    parser.add_argument(
        "--trust", action="store_true", help="let the script read and write files outside its own folder"
    )


def named_file(name: str) -> str:
    """The name of a file or folder to write, as the type of an argument: ``-``, elsewhere a stream, is none."""
    if name == "-":
        from argparse import ArgumentTypeError

        raise ArgumentTypeError('expected a name, not "-" (./- is one)')
    return name


def force_argument(parser: ArgumentParser) -> None:
    """``--force``, for what writes files (`bpstep.writing`)."""
    parser.add_argument("--force", action="store_true", help="write files anew that are there already")


def json_argument(parser: ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def print_json(document: object) -> None:
    """One JSON document on standard output."""
    from bpstep.documents import json_text

    print(json_text(document))


def print_lines(lines: Sequence[tuple[str, str]], glyphs: str = "full") -> None:
    """Lines of (text, role) on standard output, safe for a terminal, in a set of glyphs."""
    from bpstep.view.drawing.glyphs import GLYPH_SETS

    for text, _ in lines:
        print(visible(GLYPH_SETS[glyphs].write(text.rstrip())))
