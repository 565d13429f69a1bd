"""A run with buttons, in a notebook: every button submits a command, as every key of the screen does."""

from __future__ import annotations

from typing import Any

from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.library.html import of_session
from bpstep.view.words.explain import explain_lines

__all__ = ["stepping"]

#: What stands on each button, what it is for, and the command that it submits.
_BUTTONS = (
    ("⏮", "to the start", "goto start"),
    ("◀ neuron", "back by a neuron", "back neuron"),
    ("◀", "one step back", "back"),
    ("▶", "one step forward", "step"),
    ("neuron ▶", "on by a neuron", "step neuron"),
    ("phase ▶", "on by a phase", "step phase"),
    ("⏭", "to the end", "goto end"),
)

_WIDTH = 88


def stepping(console: Console) -> Any:
    """A box of ipywidgets that steps through a session.  Raises `ImportError`, one line, where there are none."""
    try:
        import ipywidgets
    except ImportError:
        raise ImportError("run.widget() needs ipywidgets: pip install 'bpstep[notebook]'") from None
    picture = ipywidgets.HTML()
    slider = ipywidgets.IntSlider(
        console.position, 0, console.length, description="step", continuous_update=False
    )
    until = ipywidgets.Text(placeholder="until: delta[h1], backward, loss < 0.1", continuous_update=False)

    def show(trouble: str = "") -> None:
        lines = [(trouble, "alarm")] if trouble else explain_lines(console, _WIDTH)
        picture.value = of_session(console, lines)
        slider.value = console.position

    def submit(line: str) -> bool:
        try:
            console.execute(line)
        except CommandError as error:
            show(error.message)
            return False
        show()
        return True

    def button(text: str, says: str, line: str) -> Any:
        made = ipywidgets.Button(description=text, tooltip=says, layout={"width": "auto"})
        made.on_click(lambda pressed: submit(line))
        return made

    def slid(change: dict[str, Any]) -> None:
        if change["new"] != console.position:
            submit(f"goto {change['new']}")

    def asked(change: dict[str, Any]) -> None:
        if change["new"] and submit(f"until {change['new']}"):
            until.value = ""

    slider.observe(slid, names="value")
    until.observe(asked, names="value")
    show()
    buttons = ipywidgets.HBox([button(*row) for row in _BUTTONS])
    return ipywidgets.VBox([buttons, ipywidgets.HBox([slider, until]), picture])
