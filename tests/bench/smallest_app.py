"""The smallest Textual application that also imports NumPy: the peer of the screen's benchmarks."""

import numpy as np
from textual.app import App, ComposeResult
from textual.widgets import Static


class SmallestApp(App[None]):
    """One label; every → changes it."""

    BINDINGS = [("right", "count", "Count"), ("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield Static("step 0 of many", id="label")

    def on_mount(self) -> None:
        self.count = int(np.zeros(1)[0])

    def action_count(self) -> None:
        self.count += 1
        self.query_one("#label", Static).update(f"step {self.count} of many")


if __name__ == "__main__":
    SmallestApp().run()
