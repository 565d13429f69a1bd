"""The stepper: the screen on which a run is walked through.

Every key submits a command to the session and then asks the panes to draw anew; the panes repaint only the rows
that changed.  The screen itself remembers nothing about the run, only how it is looked at: which view of the strip
is shown, the top of the program's page, whether it plays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from bpstep.debugger.console import Console
from bpstep.tui.answering import Answering
from bpstep.tui.column import Column
from bpstep.tui.cover import Changed, Close, Help, Submit, Turn
from bpstep.tui.keys import KEYS, bound, bound_in
from bpstep.tui.pane import Pane, fitted
from bpstep.tui.panes import LEAST
from bpstep.tui.reading import network_rows
from bpstep.tui.running import STOP_KEY
from bpstep.tui.tidying import tidy
from bpstep.view.panes import network
from bpstep.view.scene.frame import Frame

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Region
    from textual.strip import Strip

    from bpstep.tui.host import Host

__all__ = ["Stepper"]


class Middle(Horizontal):
    """What stands between the title and the key line: beside its panes the screen shows."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Nothing: what would be painted over anyway takes time at every key."""
        return []


class Main(Vertical):
    """The network and what stands below it: beside its panes the screen shows."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Nothing, either."""
        return []


#: Esc takes a cover away before the next key comes, which is not the cover's any more: not even a field's, which is
#: hungry for letters.
_CLOSE_KEY = bound_in("cover", {"escape": "close_cover"}, priority=True)


class Stepper(Answering):
    """Walks through a session."""

    BLANK = True

    BINDINGS: ClassVar[list[BindingType]] = [*bound(KEYS), STOP_KEY, *_CLOSE_KEY]
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [
        (0, "-slim"), (LEAST[0], "-narrow"), (116, "-wide"), (140, "-widest"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [
        (0, "-flat"), (LEAST[1], "-short"), (24, "-low"), (32, "-tall"), (36, "-high"),
    ]  # fmt: skip
    app: Host

    def __init__(self, session: Console, begin: str = "") -> None:
        super().__init__(session)
        fitted(self)
        self.begin = begin
        self._rows_of_network = 0

    def compose(self) -> ComposeResult:
        yield Pane(self.draw_top, id="top")
        with Middle(id="middle"):
            with Main(id="main"):
                yield Pane(lambda w, h: network.draw(self.frame, w, h), id="network")
                yield Column(self.parts, id="column")
                yield Pane(self.draw_table, id="table")
            yield Pane(self.draw_program, id="program")
        yield Pane(self.draw_keys, id="keys")
        yield Pane(self.draw_small, id="small")

    def on_mount(self) -> None:
        """The story comes before the first step; the command to begin with comes instead of it."""
        self.app.dress()
        self._make_room()
        self.call_after_refresh(self._get_ready)
        if warnings := self.session.scenario.warnings:
            self.tell([(f"warning: {warning}", "alarm") for warning in warnings])
        if self.app.to_play is not None:
            to_play, self.app.to_play = self.app.to_play, None
            self.afterwards(lambda: self.player.play_script(*to_play))
        elif self.begin:
            self.afterwards(lambda: self.action_submit(self.begin))
        elif self.session.marks is not None:
            self.afterwards(self._tell_found)
        elif self.session.scenario.story and self.session.position == 0 and self.app.tells_story:
            self.afterwards(self.action_story)

    def _make_room(self) -> None:
        """Room for a learner's own numbers, where there are any."""
        self.set_class(self.frame.marks is not None, "-beside")
        self.session.columns = max(60, self.size.width - 2)
        self._make_network_high()

    def _make_network_high(self) -> None:
        """The network has the rows that are allotted to it."""
        rows = network_rows(self.frame, self.app.size.height)
        if rows != self._rows_of_network:
            self._rows_of_network = rows
            # There is none on a screen that was left before it was there.
            for pane in self.query("#network").results(Pane):
                pane.styles.height = rows

    def _tell_found(self) -> None:
        """What the comparison found that the session was opened with."""
        from bpstep.view.panes.found import found_lines

        self.tell(found_lines(self.session, self.size.width - 2))

    def _get_ready(self) -> None:
        # After the first paint: the commands, what can be exported, and the chain at a step are not needed before.
        import bpstep.debugger.commands
        import bpstep.view.panes.chain_of_step  # noqa: F401
        from bpstep.view.say.exports import attach

        attach(self.session, self.app.store())

    # --- drawing --------------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Draw every pane anew, from one frame."""
        self.frame = Frame.of(self.session, self.frame)
        self._make_room()
        look = self.app.look
        for pane in self.walk_children(Pane):
            pane.redraw(look)
        tidy(self)

    # --- covers and clicks ----------------------------------------------------------------------------

    def on_cover_submit(self, message: Submit) -> None:
        """A cover wants commands carried out."""
        if message.closes:
            self.covers.lift()
        for line in message.lines:
            self.action_submit(line)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc takes away the cover, where there is one."""
        return self.cover is not None if action == "close_cover" else super().check_action(action, parameters)

    def action_close_cover(self) -> None:
        """Away with the cover, at once."""
        self.covers.lift()

    def on_cover_close(self, message: Close) -> None:
        """A cover has been read."""
        self.covers.lift()

    def on_cover_changed(self, message: Changed) -> None:
        """A cover is looked at in another way."""
        self.clear_message()
        self.redraw()

    def on_cover_turn(self, message: Turn) -> None:
        """Another table below a cover, where there is room for one."""
        if self.roomy:
            self.turn_view(message.by)

    def on_cover_help(self, message: Help) -> None:
        """A cover is asked for help."""
        self.action_help()

    def on_pane_clicked(self, message: Pane.Clicked) -> None:
        """A click is a command, too."""
        self.action_submit(message.line)

    # --- what only a screen can do ----------------------------------------------------------------------

    def action_predict(self) -> None:
        """Ask for the next value; while something is asked, back to the question."""
        tutor = self.session.tutor
        if tutor is not None and tutor.is_asking:
            from bpstep.tui.ask_cover import AskCover

            self.clear_message()
            self.covers.lay(AskCover(self.session))
        else:
            self._get_ready()
            self.action_submit("predict on")

    def action_view(self, by: int) -> None:
        """Another view of the strip, or another part of the cover."""
        if self.cover is not None:
            self.cover.another_part(by)
            return
        if self.note_covers:
            self.read_on()
        else:
            self.turn_view(by)

    def turn_view(self, by: int) -> None:
        """Another view of the strip."""
        views = self.views()
        self.view_name = views[(views.index(self.shown_view) + by) % len(views)]
        self.redraw()

    def action_more_keys(self) -> None:
        """The next page of the key line."""
        self.key_page += 1
        self.redraw()

    def action_pin(self) -> None:
        """Keep this view, whatever is stepped; the same key lets it go."""
        self.pinned = not self.pinned
        self.redraw()

    def action_back_to_step(self) -> None:
        """Away with whatever covers the step."""
        tutor = self.session.tutor
        if tutor is not None and tutor.predicting and self.cover is None:
            self.action_submit("predict off")
        self.clear_message()
        self.covers.lift()
        self.view_name, self.pinned = "", False
        self.player.pause()
        self.redraw()

    def action_play(self) -> None:
        """Play, or pause."""
        if self.player.is_playing:
            self.player.pause()
        else:
            self.player.play()

    def action_speed(self, factor: int) -> None:
        """Twice as fast, or half."""
        self.player.turn_to(factor)

    def action_ask(self, start: str) -> None:
        """Open the command line."""
        from bpstep.tui.command_line import CommandLine

        self.player.pause()
        self.clear_message()
        self.app.push_screen(CommandLine(self, start), self._answered)

    def _answered(self, line: str | None) -> None:
        if line:
            self.history.append(line)
            self.action_submit(line)

    def action_loss(self) -> None:
        """The loss view, or away with it."""
        from bpstep.tui.loss_cover import LossCover

        if isinstance(self.cover, LossCover):
            self.covers.lift()
        elif not self.is_kept_back("loss"):
            self.covers.lay(LossCover(self.session))

    def action_choose(self, name: str) -> None:
        """Choose from a list: a rule, a notation, something to play with."""
        from bpstep.debugger.choices import LISTS
        from bpstep.tui.chooser import Chooser

        self.player.pause()
        self.clear_message()
        from bpstep.view.words.notation import step_in

        title, rows = LISTS[name]
        # A notation is chosen by how it writes the step that one looks at.
        preview = (lambda choice: step_in(self.session, choice.label)) if name == "notations" else None
        self.app.push_screen(Chooser(title, rows(self.session.scope), preview), self._answered)

    def action_stop_here(self) -> None:
        """A stop at the cell that this step writes; the same key takes it away."""
        step_now = self.session.step
        if step_now is None:
            return
        text = str(step_now.cell)
        there = [stop.number for stop in self.session.stops.stops if stop.text == text]
        self.action_submit(f"delete {there[0]}" if there else f"break {text}")

    def action_picture(self) -> None:
        """The screen as a picture in a file of its own, as wide as it is here."""
        self._get_ready()
        name, number = f"step-{self.session.position}.svg", 1
        while (self.session.folder / name).exists():
            number += 1
            name = f"step-{self.session.position}-{number}.svg"
        self.action_submit(f"export screen {name} --width={min(max(self.size.width, 60), 400)}")

    def action_why(self) -> None:
        """Where the number of this step comes from."""
        self.action_submit("why")

    def action_help(self) -> None:
        """All keys and commands."""
        from bpstep.view.say.help import help_lines

        self.open_pages(help_lines([(self.app.key_shown(key), key.says) for key in KEYS]))

    def on_resize(self, event: events.Resize) -> None:
        """The panes draw themselves for their new size."""
        self.call_after_refresh(self.redraw)
