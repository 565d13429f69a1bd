"""From text to tree: operators by their precedence, with a stack instead of recursion.

What is not finished yet waits on a stack: a sign before its operand, a left operand's operator, an open
parenthesis.  An operator that comes finishes what binds tighter than itself; a closing parenthesis finishes all back
to its opening.  So no text, however deeply it is nested, can exhaust Python's own stack, and the bound of 100 levels
is a line that says so.

    or   and   not   < <= > >= == !=   + -   * / @   - (sign)   ^ (from right to left)   A[2] A.T

In a definition a bracket behind an operand holds indices, and functions of arrays take settings by name; over cells
an operand in brackets is a condition (Iverson's), and the indices of a cell belong to its name.
"""

from __future__ import annotations

import math
from collections.abc import Container
from dataclasses import field

from bpstep.engine.cells import Cell
from bpstep.lazily import dataclass
from bpstep.scenario.cellnames import CellArray, CellReader
from bpstep.scenario.functions import ARRAY_FUNCTIONS, CONSTANTS, WORDS, array_form, function_names
from bpstep.scenario.indexing import read_indices
from bpstep.scenario.nodes import Call, CellRef, Compare, Indexed, Name, Node, Number
from bpstep.scenario.problems import did_you_mean
from bpstep.scenario.tokens import ArithmeticSyntaxError, Token, Tokens
from bpstep.scenario.vocabulary import Vocabulary
from bpstep.visible import quoted

__all__ = ["parse_array", "parse_cell", "parse_cells", "parse_expression"]

_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "^": "pow"}
#: Of arrays, so that it stands in definitions alone.
_PRODUCT = {"@": "matmul"}
_OPERATORS = {**_ARITHMETIC, **_PRODUCT}

#: How tightly each operator binds.
_BINDS = {
    "or": 1, "and": 2, "not": 3, **dict.fromkeys(_COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6, "@": 6, "sign": 7,
    "^": 8,
}  # fmt: skip
_CLOSING = {"(": ")", "[": "]"}


@dataclass
class _Waiting:
    """What waits for its right operand: an operator, a sign, or an open parenthesis (``binds`` 0)."""

    what: str
    token: Token
    binds: int = 0
    #: Of a call, the operands that are finished; of everything else None.
    operands: list[Node] | None = None
    #: Of a call, the settings that are finished, and the name of the one whose value comes next.
    settings: list[tuple[str, float]] = field(default_factory=list)
    setting: Token | None = None


class _EulersNumber(Number):
    """The e of ``e^x``, which is the function exp and no power."""


class _Parser:
    def __init__(self, text: str, *, cells: bool, words: Vocabulary) -> None:
        self.tokens = Tokens(text)
        self.cells, self.words = cells, words
        self.values: list[Node] = []
        self.waiting: list[_Waiting] = []

    # --- the two positions: before an operand, and behind one -------------------------------------------

    def whole(self) -> Node:
        at = self.tokens
        if at.token.kind == "end":
            raise at.error("expected an expression")
        while True:
            while self.opens():
                pass
            self.values.append(self.operand())
            while self.closes():
                pass
            if at.token.kind == "end":
                break
            self.operator()
        self.finish(0)
        if self.waiting:
            raise self.not_closed(self.waiting[-1])
        return self.values[0]

    def opens(self) -> bool:
        """Take what may stand before an operand: a sign, ``not``, a parenthesis, the name of a function."""
        at = self.tokens
        token, following = at.token, at.ahead()
        if sign := at.take("-", "+"):
            self.wait("sign" if sign.text == "-" else "plus", sign, _BINDS["sign"])
        elif self.cells and token.text == "not" and self.may_negate():
            self.wait("not", at.next(), _BINDS["not"])
        elif token.text == "(" or (token.text == "[" and self.cells):
            self.wait(token.text, at.next())
        elif token.kind == "name" and following.text == "(" and self.function(token.text):
            at.next()
            at.next()
            self.wait(token.text, token, operands=[])
            self.setting()
        else:
            return False
        return True

    def wait(self, what: str, token: Token, binds: int = 0, operands: list[Node] | None = None) -> None:
        self.tokens.deeper()
        self.waiting.append(_Waiting(what, token, binds, operands))

    def may_negate(self) -> bool:
        """``not`` stands where a condition begins, not behind a sign or an operator that binds tighter."""
        return not self.waiting or self.waiting[-1].binds <= _BINDS["not"]

    def function(self, name: str) -> str:
        """The row of the function table that is called by a name, or a function of arrays; "" where there is none."""
        names = function_names()
        if name in ARRAY_FUNCTIONS and not self.cells:
            return name
        if name in names:
            return names[name]
        if name in (self.words.logistic if self.cells else ("σ",)):
            return "sigmoid"
        return name if name == "finite" and self.cells else ""

    def closes(self) -> bool:
        """Take what may stand behind an operand and leaves one: a raised number, a closing parenthesis."""
        at, token = self.tokens, self.tokens.token
        if token.kind == "raised":
            exponent = self.number(at.next())
            self.values.append(_power(token, self.values.pop(), exponent))
            return True
        if token.text in ("[", ".T") and not self.cells:
            self.values.append(self.part(at.next(), self.values.pop()))
            return True
        if token.kind != "sign" or token.text not in (")", "]"):
            return False
        self.finish(0)
        opened = self.waiting[-1] if self.waiting else None
        if opened is None or token.text != _CLOSING.get(opened.what, ")"):
            raise (
                self.not_closed(opened) if opened is not None else at.error("expected an operator or the end")
            )
        at.next()
        self.waiting.pop()
        self.tokens.depth -= 1
        if opened.operands is not None:
            self.finish_operand(opened, opened.operands)
            self.values.append(self.called(opened, opened.operands))
        return True

    def part(self, token: Token, operand: Node) -> Node:
        """``A.T`` and ``A[2]``, which bind tighter than every operator."""
        if token.text == ".T":
            return Call(token.column, "transpose", (operand,))
        return Indexed(token.column, (operand,), read_indices(self.tokens))

    def setting(self) -> None:
        """Take the name of a setting, ``axis=``, where one stands before its value."""
        at, opened = self.tokens, self.waiting[-1]
        if at.token.kind == "name" and at.ahead().text == "=" and not self.cells:
            opened.setting = at.next()
            at.next()

    def finish_operand(self, opened: _Waiting, operands: list[Node]) -> None:
        """Add what was read last to the operands of a call, or to its settings."""
        value, setting = self.values.pop(), opened.setting
        if setting is None:
            if opened.settings:
                raise ArithmeticSyntaxError(
                    f"expected the settings of {opened.what} behind its operands", value.column
                )
            operands.append(value)
            return
        if type(value) is not Number:
            raise ArithmeticSyntaxError(f"expected a number for {setting.text}", value.column)
        if setting.text in dict(opened.settings):
            raise ArithmeticSyntaxError(f"{setting.text} is set twice", setting.column)
        opened.settings.append((setting.text, value.value))
        opened.setting = None

    def operator(self) -> None:
        """Take an operator between two operands, or the comma between those of a function."""
        at, token = self.tokens, self.tokens.token
        if token.text == "," and self.waiting_for_operands():
            opened = self.waiting[-1]
            assert opened.operands is not None
            self.finish_operand(opened, opened.operands)
            at.next()
            self.setting()
            return
        what, taken = self.what_joins()
        if what not in _BINDS:
            raise self.no_operator()
        if what == "^":
            self.tokens.deeper()
        # What stands left of ^ waits for it, and a comparison left of a comparison is a mistake: see below.
        self.finish(_BINDS[what] + (what == "^" or what in _COMPARISONS))
        if what in _COMPARISONS and self.waiting and self.waiting[-1].what in _COMPARISONS:
            raise ArithmeticSyntaxError(
                f'expected one comparison (join two with "and"), found {quoted(token.text)}', token.column
            )
        if taken:
            at.next()
        self.waiting.append(_Waiting(what, token, _BINDS[what]))

    def what_joins(self) -> tuple[str, bool]:
        """The operator that joins the next operand, and whether it is written: 3x² is 3 * x²."""
        at = self.tokens
        token, before = at.token, at.all[at.at - 1]
        if token.kind == "sign" and token.text in (*_ARITHMETIC, *(_COMPARISONS if self.cells else _PRODUCT)):
            return token.text, True
        if token.kind == "name" and token.text in ("and", "or") and self.cells:
            return token.text, True
        if token.text == "=" and self.waiting and any(opened.what == "[" for opened in self.waiting):
            return "==", True
        touches = before.kind == "number" and before.end == token.column
        if touches and (token.kind == "name" or token.text in ("(", "[", "∂")):
            if self.waiting and self.waiting[-1].what == "/":
                raise at.error('expected "*" or a parenthesis, since 1/2x may be read in two ways')
            return "*", False
        return "", False

    def waiting_for_operands(self) -> bool:
        """Finish an operand; whether it is one of a function that is called."""
        self.finish(0)
        return bool(self.waiting) and self.waiting[-1].operands is not None

    # --- finishing --------------------------------------------------------------------------------------

    def finish(self, binds: int) -> None:
        """Finish what binds at least so tightly, back to the last open parenthesis."""
        while self.waiting and self.waiting[-1].binds >= max(binds, 1):
            self.values.append(self.finished(self.waiting.pop()))

    def finished(self, one: _Waiting) -> Node:
        right = self.values.pop()
        if one.what in ("sign", "plus", "not", "^"):
            self.tokens.depth -= 1
        column = one.token.column
        if one.what == "plus":
            return right
        if one.what == "sign":
            return Number(column, -right.value) if type(right) is Number else Call(column, "neg", (right,))
        if one.what == "not":
            return Compare(column, "not", (right,))
        left = self.values.pop()
        if one.what == "^":
            return _power(one.token, left, right)
        if one.what in _OPERATORS:
            return Call(column, _OPERATORS[one.what], (left, right))
        return Compare(column, one.what, (left, right))

    def called(self, opened: _Waiting, operands: list[Node]) -> Node:
        form = None if self.cells else array_form(opened.what, len(operands), opened.settings)
        if form is not None:
            if not form.fits(len(operands), opened.settings):
                raise ArithmeticSyntaxError(f"expected {form.text}", opened.token.column)
            return Call(opened.token.column, opened.what, tuple(operands), tuple(opened.settings))
        if opened.settings:
            raise ArithmeticSyntaxError(
                f"{opened.what} has no setting {quoted(opened.settings[0][0])}", opened.token.column
            )
        wanted = 2 if opened.what in ("max", "min") else 1
        if len(operands) != wanted:
            raise ArithmeticSyntaxError(
                f"{opened.what} takes {wanted}, not {len(operands)}", opened.token.column
            )
        if opened.what == "finite":
            return Compare(opened.token.column, "finite", tuple(operands))
        return Call(opened.token.column, self.function(opened.what), tuple(operands))

    # --- operands ---------------------------------------------------------------------------------------

    def operand(self) -> Node:
        """A number, a constant, a variable, a cell."""
        at, token, names = self.tokens, self.tokens.token, self.words.variables
        following = at.ahead()
        if token.kind == "number":
            return self.number(at.next())
        if token.text == "∂" and self.cells:
            return self.cell()
        if token.text in CONSTANTS and token.text not in names:
            return Number(at.next().column, CONSTANTS[token.text])
        if token.text == "e" and "e" not in names and (following.text == "^" or following.kind == "raised"):
            return _EulersNumber(at.next().column, math.e)
        if token.kind != "name" or token.text in WORDS:
            raise at.error("expected a number, a name or a parenthesis")
        if following.text == "(" and not (self.cells and self.words.takes_parentheses(token.text)):
            raise self.no_function(token)
        return self.cell() if self.cells else Name(at.next().column, token.text)

    def number(self, token: Token) -> Number:
        value = float(token.text)
        if not math.isfinite(value):
            written = quoted(self.tokens.text[token.column : token.end])
            raise ArithmeticSyntaxError(f"the number {written} is too large", token.column)
        return Number(token.column, value)

    def cell(self) -> CellRef:
        return CellRef(self.tokens.token.column, CellReader(self.tokens, self.words).cell())

    # --- what is wrong ----------------------------------------------------------------------------------

    def no_function(self, token: Token) -> ArithmeticSyntaxError:
        names = [*function_names(), *(() if self.cells else ARRAY_FUNCTIONS)]
        near = did_you_mean(token.text, names)
        known = ", ".join(function_names()) + ("" if self.cells else "; over arrays sum, softmax, conv, ...")
        return ArithmeticSyntaxError(
            f"unknown function {quoted(token.text)}{near or f' (there are {known})'}", token.column
        )

    def no_operator(self) -> ArithmeticSyntaxError:
        at = self.tokens
        if at.token.text == "=" and self.cells:
            return at.error('expected "==" between two values that are compared')
        self.finish(0)
        if self.waiting:
            return self.not_closed(self.waiting[-1])
        return at.error("expected an operator or the end")

    def not_closed(self, opened: _Waiting) -> ArithmeticSyntaxError:
        if opened.operands is not None:
            return self.tokens.error(f'expected ")" to close {opened.what}(...)')
        name = "parenthesis" if opened.what == "(" else "bracket"
        return self.tokens.error(f'expected "{_CLOSING[opened.what]}" to close the {name}')


def _power(token: Token, base: Node, exponent: Node) -> Call:
    if isinstance(base, _EulersNumber):
        return Call(token.column, "exp", (exponent,))
    return Call(token.column, "pow", (base, exponent))


def parse_expression(
    text: str, *, cells: bool = False, names: Container[str] = (), vocabulary: Vocabulary | None = None
) -> Node:
    """The tree of an expression.

    With ``cells``, names are cells, comparisons and ``and or not`` are allowed, and ``names`` are the variables of
    the scenario, which win where they stand bare; a ``vocabulary`` knows more than them.  Raises
    `ArithmeticSyntaxError`.
    """
    return _Parser(text, cells=cells, words=vocabulary or Vocabulary(names)).whole()


def parse_cells(text: str, vocabulary: Vocabulary, *, arrays: bool = True) -> list[CellRef]:
    """The cells that a text names, one behind the other; of the bare name of an array, where ``arrays`` may stand, all
    of its cells.  Raises `ArithmeticSyntaxError`."""
    tokens = Tokens(text)
    found: list[CellRef] = []
    while tokens.token.kind != "end" or not found:
        column = tokens.token.column
        reader = CellReader(tokens, vocabulary)
        named = reader.every().cells if arrays else (reader.cell(),)
        found += [CellRef(column, cell) for cell in named]
    return found


def parse_array(text: str, vocabulary: Vocabulary) -> CellArray:
    """The cell that a text names, or the array whose bare name it is.  Raises `ArithmeticSyntaxError`."""
    tokens = Tokens(text)
    found = CellReader(tokens, vocabulary).every()
    if tokens.token.kind != "end":
        raise tokens.error("expected one cell or one array")
    return found


def parse_cell(text: str, names: Container[str] = (), vocabulary: Vocabulary | None = None) -> Cell:
    """The cell that a text names.  Raises `ArithmeticSyntaxError`."""
    tokens = Tokens(text)
    found = CellReader(tokens, vocabulary or Vocabulary(names)).cell()
    if tokens.token.kind != "end":
        raise tokens.error("expected the end of the cell's name")
    return found
