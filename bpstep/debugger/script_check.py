"""A script is checked before any of it runs; but which cells there are depends on where it stands.

``set mode = forward w[i1->h1]`` brings tangents and takes gradients away, ``set optimizer = adam`` brings m(...), a
softmax layer has other local derivatives; and when such a change acts depends on the position, which is not known
before the script runs.  So a line is held against every structure that the run may have by then: it is wrong where it
is wrong in all of them.  What a line waits for may come later than what it reads (``break tangent if delta[o] > 1``,
behind a change of mode that acts from the next batch on): that is asked of all structures together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy

from bpstep.debugger.commands.changing import changes_cells
from bpstep.debugger.commands.sourcing import sourced
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ForbiddenError
from bpstep.debugger.language import Call, parse_line
from bpstep.debugger.loading import what_to_load
from bpstep.debugger.nesting import Nesting
from bpstep.debugger.options import Options
from bpstep.debugger.script import Failure, Script
from bpstep.debugger.session import Session
from bpstep.engine.specs import NetworkSpec
from bpstep.engine.timeline import Segment
from bpstep.reach import ANYWHERE, Reach
from bpstep.scenario.loader import load
from bpstep.scenario.model import Scenario
from bpstep.scenario.problems import ScenarioError

__all__ = ["Variants", "faults_of"]

#: So many structures are kept beside the first: a line that is right is mostly so in one of the last.  It may be right
#: in one that is forgotten: then it is not known to be wrong until it runs.
_MOST = 16


def faults_of(script: Script, opened: Scenario | None = None) -> list[Failure]:
    """Everything that is wrong with a script and can be known without running it; ``opened`` is the scenario that is
    open when it begins, if one is."""
    variants = Variants()
    if opened is not None:
        variants.begin(_Possible(opened))
    return _faults(script, variants, Nesting(script.path))


def _faults(script: Script, variants: Variants, sourcing: Nesting) -> list[Failure]:
    failures: list[Failure] = []
    with variants.reading(script.reach, script.blocks):
        for line in script.lines:
            try:
                call = parse_line(line.text)
                assert call is not None
                if call.command.name == "load":
                    variants.begin(_opened(call, script.reach, variants.options))
                    continue
                variants.check(call)
                variants.follow(call, line.text)
                if call.command.name == "source":
                    failures += _sourced(call, variants, sourcing)
            except CommandError as error:
                failures.append(script.failure(line, error))
    return failures


def _sourced(call: Call, variants: Variants, sourcing: Nesting) -> list[Failure]:
    """What is wrong with a script that another one sources, which goes on where that one stands."""
    script = sourced(variants.sessions[-1], call.arguments)
    with sourcing.within(script.path, script.file, call.arguments.column):
        return _faults(script, variants, sourcing)


def _opened(call: Call, reach: Reach, options: Options | None) -> _Possible:
    """What a line loads; it leaves the options as they are, but those that it names."""
    wanted = what_to_load(call.arguments, Options())
    try:
        console = _Possible(load(wanted.name, seed=wanted.seed, reach=reach))
    except ScenarioError as error:
        raise CommandError(str(error).split("\n")[0], call.arguments.column) from None
    console.options = what_to_load(call.arguments, options or console.options).options
    return console


class _Possible(Console):
    """A session in one of the structures that a script may have come to: the run may have any of the others, too."""

    variants: Variants

    @property
    def stretches(self) -> Sequence[Segment]:
        """Those of the run in each of its structures."""
        return [stretch for one in self.variants.sessions for stretch in one.run.timeline.segments]


class Variants:
    """The structures that a session may have at a line of a script."""

    def __init__(self) -> None:
        #: A session for each, the one that was made last at the end.
        self._sessions: dict[object, _Possible] = {}
        #: An exercise has a scenario of its own, which is not known here: its cells can not be checked.
        self.is_elsewhere = False
        self._has_forgotten = False
        self._reach, self._blocks = ANYWHERE, dict[str, str]()

    @property
    def options(self) -> Options | None:
        """The options that are in force; None before anything is loaded."""
        return self.sessions[-1].options if self._sessions else None

    @property
    def sessions(self) -> list[_Possible]:
        """A session in each of the structures."""
        return list(self._sessions.values())

    def begin(self, session: _Possible) -> None:
        """A scenario is loaded: there is one structure, its own."""
        session.reach, session.blocks, session.variants = self._reach, self._blocks, self
        self._sessions, self.is_elsewhere = {_structure(session): session}, False
        self._has_forgotten = False

    @contextmanager
    def reading(self, reach: Reach, blocks: dict[str, str]) -> Iterator[None]:
        """While this lasts the lines are those of a script that reaches so far, with some blocks at its end."""
        before = self._reach, self._blocks
        self._stand_in(reach, blocks)
        try:
            yield
        finally:
            self._stand_in(*before)

    def _stand_in(self, reach: Reach, blocks: dict[str, str]) -> None:
        self._reach, self._blocks = reach, blocks
        for session in self.sessions:
            session.reach, session.blocks = reach, blocks

    def check(self, call: Call) -> None:
        """`CommandError` where a line is wrong whatever structure there is, as it is to name what it may not have."""
        if not self._sessions:
            raise CommandError("expected load SCENARIO before any other command", 0)
        wrong: CommandError | None = None
        for session in reversed(self.sessions):
            try:
                call.command.find_faults(session, call.arguments)
            except ForbiddenError:
                raise
            except CommandError as error:
                wrong = wrong or error
            else:
                return
        if wrong is not None and not self._has_forgotten and not self.is_elsewhere:
            raise wrong

    def follow(self, call: Call, text: str) -> None:
        """A line that changes the structure brings another one; what there was may still be, or come back."""
        if call.command.name == "exercise":
            self.is_elsewhere = True
        if call.command.name == "set" and not changes_cells(call.arguments):
            return
        if call.command.name not in ("set", "notation"):
            return
        for session in self.sessions:
            twin = copy(session)
            twin.log, twin.undoable = [], []
            with suppress(CommandError):
                twin.execute(text)
                self._sessions.pop(_structure(twin), None)
                self._sessions[_structure(twin)] = twin
        for known in list(self._sessions)[1:-_MOST]:
            del self._sessions[known]
            self._has_forgotten = True


def _structure(session: Session) -> tuple[object, ...]:
    """What decides which cells there are and how they may be called, and which rules apply."""
    setup = session.setup
    activations = (
        [layer.activation for layer in setup.problem.layers] if isinstance(setup.problem, NetworkSpec) else []
    )
    return (
        session.options.notation, setup.wrt, setup.rule.name, setup.training.optimizer,
        setup.training.learning_rate is None, *activations,
    )  # fmt: skip
