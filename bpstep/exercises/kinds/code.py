"""The numbers of a broken program: which of its lines is it?

One line of a short NumPy program is written wrongly (`bpstep.exercises.miswritten`), which one follows from the seed.
The whole listing is shown, and beside the arrays that the item asks about one of their numbers as the program has it,
and the right one.  An answer is right if all numbers are, once that line is written as it should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bpstep.comparison.net import net_of
from bpstep.debugger.destinations import next_phase
from bpstep.debugger.errors import CommandError
from bpstep.engine.specs import NetworkSpec
from bpstep.english import listed
from bpstep.exercises.grade import CORRECT_ANSWER, NOT_GRADED, WRONG, Grade
from bpstep.exercises.kind import BLANK, ZERO, Kind, Mistake, Posed
from bpstep.exercises.listing import ListingError, program_of
from bpstep.exercises.miswritten import MISWRITTEN, Broken, broken_programs, one_entry
from bpstep.visible import quoted

__all__ = ["CODE", "broken_line"]

_PRINCIPLE = "A line gives wrong numbers because it is wrong itself, or because what it reads is wrong."


def _stand(posed: Posed) -> None:
    """Behind the backward pass, where every right number can be read; `CommandError` where there is no such program."""
    broken_line(posed)
    run = posed.session.run
    update = next_phase(run, "update", 0)
    posed.session.position = run.length if update is None else update - 1


@lru_cache(maxsize=4)
def broken_line(posed: Posed) -> Broken:
    """The program that this variant has; it is asked for many times while one question is open."""
    run, asked = posed.session.run, posed.item.ask
    if not isinstance(run.setup_of(0).problem, NetworkSpec):
        raise CommandError("a program is that of a network; this is an expression")
    net = net_of(run, 0)
    try:
        known = [line.name for line in program_of(net).lines]
        for name in asked:
            if name not in known:
                raise CommandError(f"there is no array {quoted(name)}; expected {listed(known, 'or')}")
        found = [one for one in broken_programs(net, posed.item.wrong or MISWRITTEN) if one.shows(asked)]
    except ListingError as error:
        raise CommandError(f"this net is no short program: {error}") from None
    if not found:
        raise CommandError("none of these mistakes shows in the arrays that are asked about")
    return found[int(posed.numbers(0).integers(0, len(found)))]


# --- what is shown ------------------------------------------------------------------------------------


def _question(posed: Posed) -> list[str]:
    prompt = posed.item.prompt or "One line of this program is wrong. Which?"
    return [prompt, *_table(broken_line(posed), posed.item.ask)]


def _table(broken: Broken, asked: Sequence[str]) -> list[str]:
    """The listing, with one number of each array that is asked about, theirs and the right one."""
    lines = broken.program.lines
    rows = [_numbers(broken, line.name) if line.name in asked else None for line in lines]
    wide = max(len(str(line)) for line, row in zip(lines, rows, strict=True) if row)
    known = [row for row in rows if row]
    head = ("one number", "theirs", "right", "")
    widths = [max(len(row[column]) for row in (head, *known)) for column in range(3)]

    def shown(left: str, row: Sequence[str]) -> str:
        name, theirs, right, mark = row
        return f"{left}  {name:<{widths[0]}}  {theirs:>{widths[1]}}  {right:>{widths[2]}}  {mark}".rstrip()

    return [
        shown(f"{'line':<{wide + 4}}", head),
        *(
            shown(f"{number:<4}{line!s:<{wide}}", row) if row else f"{number:<4}{line}"
            for number, (line, row) in enumerate(zip(lines, rows, strict=True), 1)
        ),
    ]


def _numbers(broken: Broken, name: str) -> tuple[str, str, str, str]:
    theirs, right = broken.theirs[name], broken.right[name]
    place = one_entry(theirs, right)
    texts = [
        [f"{float(array[place]):.{digits}g}".replace("-", "−") for array in (theirs, right)]
        for digits in (4, 8)
    ]
    is_wrong = broken.is_wrong(name)
    pair = texts[is_wrong and texts[0][0] == texts[0][1]]
    return f"{name}[{','.join(map(str, place))}]", pair[0], pair[1], "✗" if is_wrong else "✓"


def _wants(posed: Posed) -> str:
    return f"the number of a line, from 1 to {len(broken_line(posed).program.lines)}"


# --- what comes of an answer --------------------------------------------------------------------------


def _grade(posed: Posed, text: str) -> Grade:
    broken = broken_line(posed)
    word = text.strip().lower().removeprefix("line").strip()
    last = len(broken.program.lines)
    if not (word.isascii() and word.isdecimal() and len(word) < 4 and 1 <= int(word) <= last):
        message = f"Answer with the number of a line, from 1 to {last}; this costs no try."
        return Grade(NOT_GRADED, (message,))
    number = int(word)
    if broken.mended(number):
        return Grade(CORRECT_ANSWER, ("right: " + _mended(broken),), f"line {number}", float(number))
    return Grade(WRONG, (_why_not(broken, number),), f"line {number}", float(number))


def _mended(broken: Broken) -> str:
    right = broken.right_program.lines[broken.number - 1]
    return (
        f"with {right} in line {broken.number} every number is right. The mistake: {broken.hypothesis.says}"
    )


def _why_not(broken: Broken, number: int) -> str:
    line = broken.program.lines[number - 1]
    if number not in broken.wrong_lines:
        return f"What line {number} gives, {line.name}, is right."
    read = [other.name for other in broken.program.reads(number) if broken.is_wrong(other.name)]
    return f"{line.name} is wrong, but what line {number} reads is wrong already: {listed(read)}."


def _solution(posed: Posed) -> str:
    return str(broken_line(posed).number)


def _bad(posed: Posed) -> list[Mistake]:
    broken = broken_line(posed)
    others = [number for number in range(1, len(broken.program.lines) + 1) if number != broken.number]
    return [BLANK, ZERO, *(Mistake(str(number), _why_not(broken, number)) for number in others)]


def _told(posed: Posed) -> list[str]:
    broken = broken_line(posed)
    return [f"answer: line {broken.number}: {_mended(broken)}"]


# --- hints --------------------------------------------------------------------------------------------


def _hints(posed: Posed) -> Sequence[str]:
    broken, asked = broken_line(posed), posed.item.ask
    return _PRINCIPLE, _cleared(broken, asked), _reading(broken, asked)


def _cleared(broken: Broken, asked: Sequence[str]) -> str:
    """Which lines the right arrays clear; not by number where only one would be left."""
    program = broken.program
    right = [line for line in program.lines if line.name in asked and not broken.is_wrong(line.name)]
    if not right:
        return "Every number in the table is wrong: look where all of them come from."
    behind = {n for line in right for n in program.behind(program.number(line))} - {*broken.wrong_lines}
    verb = "is" if len(right) == 1 else "are"
    says = f"{listed([line.name for line in right])} {verb} right: that clears "
    if len(behind) > len(program.lines) - 2:
        return f"{says}every line that {'it is' if len(right) == 1 else 'they are'} made by. What is left?"
    return f"{says}{_lines(sorted(behind))}."


def _lines(numbers: Sequence[int]) -> str:
    """Numbers of lines, those that follow each other taken together: ``lines 1 to 5 and 8``."""
    starts = [n for n in numbers if n - 1 not in numbers]
    ends = [n for n in numbers if n + 1 not in numbers]
    runs = [f"{a}" if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True)]
    return f"{'line' if len(numbers) == 1 else 'lines'} {listed(runs)}"


def _reading(broken: Broken, asked: Sequence[str]) -> str:
    """What the wrong arrays of the table read: of two of them the one that the other reads is the nearer."""
    program = broken.program
    wrong = [line for line in program.lines if line.name in asked and broken.is_wrong(line.name)]
    told = []
    for line in wrong:
        read = [other.name for other in program.reads(program.number(line))]
        told.append(f"{line.name} reads {listed(read)}" if read else f"{line.name} reads what is given")
    return f"Of the wrong ones, {'; '.join(told)}. Work one out from right numbers, and hold it against its line."


CODE = Kind(
    "code", _stand, _question, _grade, _solution, _bad, _wants, _hints, _told, asks=1,
    asks_about="an array, such as dW1", compares=True, is_drawn=True, is_long=True, mistakes=MISWRITTEN,
)  # fmt: skip
