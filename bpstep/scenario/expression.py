"""The ``[expression]`` of a file and its samples: checked, and as the engine's `ExpressionSpec`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

import numpy as np

from bpstep.engine.specs import Array, ExpressionSpec, Taken
from bpstep.english import counted
from bpstep.lazily import dataclass
from bpstep.reach import Reach
from bpstep.scenario.arrays_given import read_inputs
from bpstep.scenario.functions import name_problem
from bpstep.scenario.making import Given
from bpstep.scenario.model import Stated
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report
from bpstep.scenario.sample_values import read_values, written_values
from bpstep.scenario.schema import ExpressionTable, ScenarioFile
from bpstep.scenario.shapes import shape_text
from bpstep.scenario.statements import Program, compile_program

__all__ = ["expression_spec"]

_HERE = ("expression",)


def expression_spec(
    file: ScenarioFile, table: ExpressionTable, report: Report, reach: Reach, seed: int | None
) -> tuple[ExpressionSpec, Stated] | None:
    """The problem that a file states, and what of the file it does not say; None where it is not known.

    ``seed`` replaces the seeds with which inputs are drawn.
    """
    if report.has((*_HERE, "inputs")) and table.inputs is None:
        return None  # no statement can be judged without the names in it
    return _Reader(file, table, report, reach, seed).spec()


@dataclass(frozen=True)
class _Input:
    """An input: where it stands in the file, its value in the first sample, and in all where the samples have it."""

    path: Path
    value: float | Array | None
    by_sample: Array | None = None


class _Reader:
    def __init__(
        self, file: ScenarioFile, table: ExpressionTable, report: Report, reach: Reach, seed: int | None
    ) -> None:
        self.file, self.table, self.report, self.reach = file, table, report, reach
        self.statements = [table.define] if isinstance(table.define, str) else table.define or []
        here = (*_HERE, "inputs")
        written = read_inputs(table.inputs or {}, here, report, seed)
        self.inputs = {name: _Input((*here, name), value) for name, value in written.items()}
        self.add_samples()

    # --- inputs and parameters ----------------------------------------------------------------------------

    def add_samples(self) -> None:
        """What the samples bring along, behind the other inputs."""
        file, report = self.file, self.report
        written = file.sample is not None or report.has(("sample",))
        if written and file.samples is not None:
            report.add(("samples",), "both [[sample]] and samples; expected one of them")
        values = written_values(file.sample or [], report)
        if file.samples is not None and not written:
            values = read_values(self.reach, file.samples, report)
        for name, array in values.items():
            path: Path = ("sample", 0, "values", name) if written else ("samples",)
            if name in self.inputs:
                report.add(path, f'"{name}" stands in [expression.inputs] too; expected one of them')
            first = None if array is None else float(array[0]) if array.ndim == 1 else array[0]
            self.inputs[name] = _Input(path, first, array)

    def parameters(self) -> tuple[str, ...]:
        """What an update changes; what is wrong with the names is reported."""
        seen: set[str] = set()
        names = self.table.parameters or []
        for place, name in enumerate(names):
            wrong = ""
            if name not in self.inputs:
                wrong = f'"{name}" is no input{self.report.did_you_mean(name, self.inputs)}'
            elif name in seen:
                wrong = f'"{name}" is named twice'
            elif self.inputs[name].by_sample is not None:
                wrong = f'"{name}" is given by every sample, and a parameter is the same for all'
            if wrong:
                self.report.add((*_HERE, "parameters", place), wrong)
            seen.add(name)
        return tuple(name for name in dict.fromkeys(names) if name in self.inputs)

    def given(self, parameters: Sequence[str]) -> dict[str, Given | None]:
        """What the statements need to know of the inputs."""
        found: dict[str, Given | None] = {}
        for name, one in self.inputs.items():
            values = one.by_sample
            if values is None and one.value is not None:
                values = np.asarray(one.value, dtype=np.float64)[np.newaxis]
            shape = None if values is None else values.shape[1:]
            found[name] = (
                None if shape is None else Given(shape, values, name in parameters, one.by_sample is not None)
            )
        return found

    # --- the whole ----------------------------------------------------------------------------------------

    def spec(self) -> tuple[ExpressionSpec, Stated] | None:
        """The problem; None where it is not known."""
        report, table = self.report, self.table
        for name, one in self.inputs.items():
            if (wrong := name_problem(name)) and not report.has(one.path):
                report.add(one.path, wrong)
        parameters = self.parameters()
        known = not any(report.has((key,)) for key in ("sample", "samples"))
        program = compile_program(self.statements, self.given(parameters), table.output, all_known=known)
        for problem in program.problems:
            report.add(self.place(problem.index, problem.column), problem.message, inside=problem.column)
        defined = [statement.name for statement in program.statements]
        output = defined[-1] if defined and table.output is None else table.output
        if defined and output not in defined:
            near = report.did_you_mean(str(output), defined)
            report.add((*_HERE, "output"), f'"{output}" is not defined{near}')
        unknown = any(one.value is None for one in self.inputs.values())
        if (
            program.problems
            or not program.operations
            or output not in defined
            or report.has((*_HERE, "output"))
        ):
            return None
        labels = self.labels(program)
        if not self.fits(output, program, parameters) or unknown:
            return None
        ids = {name: one for name, one in self.inputs.items() if name in program.ids}
        inputs = {name: one for name, one in self.inputs.items() if name not in ids}
        values = tuple(one.value for one in inputs.values() if one.value is not None)
        by_sample = {name: one.by_sample for name, one in inputs.items() if one.by_sample is not None}
        spec = ExpressionSpec(
            tuple(inputs), values, program.operations, output, parameters, by_sample, labels, program.aliases
        )
        return spec, Stated(
            tuple(self.statements), {name: np.asarray(one.value).tolist() for name, one in ids.items()}
        )

    def place(self, index: int, column: int | None = 0) -> Path:
        """The path of a statement; of all of them where no column is named."""
        whole = isinstance(self.table.define, str) or column is None
        return (*_HERE, "define") if whole else (*_HERE, "define", index)

    def fits(self, output: str, program: Program, parameters: Sequence[str]) -> bool:
        """Whether the output is one number to which everything leads, and numbers of rows are not learnt."""
        report = self.report
        before = len(report.problems)
        where = {statement.name: self.place(statement.index) for statement in program.statements}
        shape = program.shapes.get(output, ())
        if prod(shape) != 1:
            path: Path = where[output] if self.table.output is None else (*_HERE, "output")
            report.add(path, f'the output "{output}" has the shape {shape_text(shape)}; expected one cell')
        for path, name in self.loose(output, program, where):
            if not report.has(path):
                report.add(path, f'"{name}" has no way to the output "{output}"')
        return len(report.problems) == before

    def loose(self, output: str, program: Program, where: Mapping[str, Path]) -> Iterator[tuple[Path, str]]:
        """What leads nowhere, since its derivative would be a riddle.

        Of a chain of variables that leads nowhere the last one is named: it is what was forgotten.  Where an input is
        not known, not all operations are, but what the statements name.
        """
        used = {output} | program.ids
        if any(one.value is None for one in self.inputs.values()):
            used |= program.used
        for operation in program.operations:
            for operand in operation.operands:
                if not isinstance(operand, float):
                    used.update(operand.arrays if isinstance(operand, Taken) else [operand])
        for name, one in self.inputs.items():
            if name not in used:
                yield one.path, name
        for name, path in where.items():
            if name not in (program.used | {output} if name in program.aliases else used):
                yield path, name

    def labels(self, program: Program) -> dict[str, tuple[str, ...]]:
        """Words for the cells along the first axis of variables."""
        report, found = self.report, {}
        for name, words in (self.table.labels or {}).items():
            if words is None:
                continue  # what stands there is no list of words, which is told already
            path = (*_HERE, "labels", name)
            shape = program.shapes.get(name)
            if shape is None or name in program.ids:
                known = [known for known in program.shapes if known not in program.ids]
                report.add(path, f'"{name}" is no variable{report.did_you_mean(name, known)}')
            elif len(words) != (shape or (1,))[0]:
                report.add(
                    path, f"{counted(len(words), 'word')}; expected {(shape or (1,))[0]}, one per cell"
                )
            else:
                found[name] = tuple(words)
        return found
