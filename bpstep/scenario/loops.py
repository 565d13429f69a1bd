"""Loops in definitions, written out before anything else is read.

    "for t in 1..2: h{t} = tanh(W * h{t-1})"    becomes    h1 = tanh(W * h0),  h2 = tanh(W * h1)

In braces stands arithmetic of whole numbers over the variables of the loops.  A loop takes all that follows it in its
text: several statements have semicolons between them, and another loop may follow.  Every statement that is written
out remembers the passes that it stands in, and for each of its characters the place in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from bpstep.lazily import dataclass
from bpstep.scenario.nodes import Call, Name, Number, postorder
from bpstep.scenario.parsing import parse_expression
from bpstep.scenario.tokens import ArithmeticSyntaxError

__all__ = ["MOST_STATEMENTS", "MOST_WRITTEN", "LoopError", "Statement", "written_out"]

#: As many as an expression may have operations.
MOST_STATEMENTS = 20_000
#: In all statements after loops are written out.
MOST_WRITTEN = 500_000
_MOST_LOOPS = 10

_LOOP = re.compile(r"\s*for\s+(?=[^\W\d])")
_HEADER = re.compile(r"(?P<name>\w+)\s+in\s+(?P<first>[^.:;=]*)(?P<to>\.\.)?(?P<last>[^:;=]*)(?P<end>:)?")
_BRACES = re.compile(r"\{(?P<inside>[^{}]*)\}?|\}")
_EXAMPLE = "for i in 1..4: h{i} = ..."

#: The loops that a statement stands in, from the outermost: which one (by its text, and its number there), and in its
#: how manieth pass.
Passes = tuple[tuple[tuple[int, int], int], ...]


class LoopError(ValueError):
    """A loop that can not be written out.  ``column`` is the place in the text, from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Statement:
    """A statement as it is after loops are written out, from the text of number ``index`` in the file."""

    index: int
    text: str
    passes: Passes = ()
    #: Where pieces begin in this text, and where they do in the file's.
    starts: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)
    #: The variables of the loops that it stands in, from the outermost, and the number that each has in this pass.
    values: tuple[tuple[str, int], ...] = ()
    #: The same statement as it stands in the file, with its braces.
    template: str = ""

    @property
    def name(self) -> str:
        """The variable that it defines."""
        return self.text.partition("=")[0].strip()

    @property
    def start(self) -> int:
        """Where it begins, behind spaces."""
        return len(self.text) - len(self.text.lstrip())

    def column(self, column: int) -> int:
        """The place in the file's text that a place of this one comes from."""
        piece = bisect_right(self.starts, column) - 1
        length = (
            self.starts[piece + 1] - self.starts[piece] if piece + 1 < len(self.starts) else len(self.text)
        )
        return self.origins[piece] + min(column - self.starts[piece], length)


def written_out(index: int, text: str) -> Iterator[Statement]:
    """The statements that a text of the file stands for.  Raises `LoopError`."""
    yield from _Writer(index, text).statements(0, {}, ())


class _Writer:
    def __init__(self, index: int, text: str) -> None:
        self.index, self.text = index, text
        #: How many loops have begun: an inner one begins with every pass of the outer one.
        self.loops = 0

    def statements(self, start: int, values: Mapping[str, int], passes: Passes) -> Iterator[Statement]:
        """What stands from a place to the end, in one pass of the loops around it."""
        while True:
            loop = _LOOP.match(self.text, start)
            if loop is not None:
                yield from self.loop(loop.end(), values, passes)
                return
            end = self.text.find(";", start)
            yield self.statement(start, end if end >= 0 else len(self.text), values, passes)
            if end < 0:
                return
            start = end + 1

    def loop(self, start: int, values: Mapping[str, int], passes: Passes) -> Iterator[Statement]:
        """All passes of the loop whose variable is at a place."""
        if len(passes) == _MOST_LOOPS:
            raise LoopError(f"more than {_MOST_LOOPS} loops within each other", start)
        name, numbers, body = self.header(start, values)
        self.loops += 1
        this = (self.index, self.loops)
        for number, value in enumerate(numbers, 1):
            yield from self.statements(body, {**values, name: value}, (*passes, (this, number)))

    def header(self, start: int, values: Mapping[str, int]) -> tuple[str, range, int]:
        """``i in a..b:``, the variable, its values, and where the body begins."""
        found = _HEADER.match(self.text, start)
        if found is None:
            raise LoopError(f'expected a loop such as "{_EXAMPLE}"', start)
        name = found["name"]
        if name in values:
            raise LoopError(f'a loop over "{name}" stands in another one over it', start)
        if not found["first"].strip() or not found["to"]:
            raise LoopError(f'expected a loop such as "{_EXAMPLE}"', found.start("first"))
        if not found["last"].strip():
            raise LoopError(f'the loop over "{name}" has no end; expected "{_EXAMPLE}"', found.end("to"))
        if not found["end"] or not self.text[found.end() :].strip():
            raise LoopError(f'expected ":" and a statement behind the loop over "{name}"', found.end())
        first, last = (self.bound(found[end], found.start(end), values) for end in ("first", "last"))
        if last < first:
            raise LoopError(
                f'the loop over "{name}" goes backwards, from {first} to {last}', found.start("first")
            )
        if last - first >= MOST_STATEMENTS:
            raise LoopError(
                f'the loop over "{name}" has more than {MOST_STATEMENTS:,} passes', found.start("first")
            )
        return name, range(first, last + 1), found.end()

    def bound(self, text: str, start: int, values: Mapping[str, int]) -> int:
        """The first or the last number of a loop; variables of loops around it may stand in braces, or bare."""
        bare = re.sub(r"[{}]", " ", text)
        return self.number(bare, start, values)

    def statement(self, start: int, end: int, values: Mapping[str, int], passes: Passes) -> Statement:
        """The statement that stands between two places, with numbers for what is in braces."""
        written, starts, origins, at = "", [0], [start], start
        for braces in _BRACES.finditer(self.text, start, end):
            if braces["inside"] is None or not braces[0].endswith("}"):
                raise LoopError(
                    'a "{" without a "}"' if braces["inside"] is not None else 'a "}" without a "{"',
                    braces.start(),
                )
            number = self.number(braces["inside"], braces.start("inside"), values)
            written += self.text[at : braces.start()]
            starts.append(len(written))
            origins.append(braces.start())
            written += str(number)
            at = braces.end()
            starts.append(len(written))
            origins.append(at)
        written += self.text[at:end]
        here, template = tuple(values.items()), self.text[start:end].strip()
        return Statement(self.index, written, passes, tuple(starts), tuple(origins), here, template)

    def number(self, text: str, start: int, values: Mapping[str, int]) -> int:
        """The value of arithmetic over the variables of loops: a whole number from 0 on."""
        try:
            tree = parse_expression(text)
        except ArithmeticSyntaxError as error:
            raise LoopError(str(error), start + error.column) from None
        stack: list[int] = []
        for node in postorder(tree):
            if isinstance(node, Number) and node.value.is_integer():
                stack.append(int(node.value))
            elif isinstance(node, Name):
                if node.name not in values:
                    raise LoopError(f'there is no loop over "{node.name}" around this', start + node.column)
                stack.append(values[node.name])
            elif isinstance(node, Call) and node.function in _WHOLE:
                operands = [stack.pop() for _ in node.operands][::-1]
                stack.append(_WHOLE[node.function](operands))
            else:
                raise LoopError(
                    "expected whole numbers and variables of loops, with + - * between them",
                    start + node.column,
                )
        if not 0 <= stack[-1] < _LIMIT:
            raise LoopError(_out_of_range(text.strip(), stack[-1], values), start)
        return stack[-1]


def _out_of_range(text: str, number: int, values: Mapping[str, int]) -> str:
    """What is wrong with a number that nothing can be counted by."""
    where = f" where {', '.join(f'{name} = {value}' for name, value in values.items())}" if values else ""
    found = f"{text} is {number}{where}" if number < 0 and text != str(number) else f"found {text}{where}"
    return (
        f"{found}; expected a number from 0 on"
        if number < 0
        else f"{found}; expected a number below {_LIMIT:,}"
    )


#: The numbers that loops count by, and that stand in names and indices, are smaller.
_LIMIT = 10**9

_WHOLE = {
    "add": sum,
    "sub": lambda two: two[0] - two[1],
    "mul": lambda two: two[0] * two[1],
    "neg": lambda one: -one[0],
}
