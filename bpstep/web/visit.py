"""The program of a visitor: ``python -m bpstep.web.visit OFFER``, where a server says in JSON what is opened.

    {"scenario": "mazur-2-2-2", "looks": {"theme": "light"}}

Without a scenario it is the home screen.  What a visitor learns is kept while the visit lasts.
"""

from __future__ import annotations

import json
import sys

from bpstep import streams
from bpstep.visible import visible_lines
from bpstep.web.wall import raise_wall

__all__ = ["main"]


def main(words: list[str]) -> int:
    """Open what a server offers; the exit code."""
    from bpstep.debugger.console import Console
    from bpstep.debugger.settings import Settings
    from bpstep.reach import Reach
    from bpstep.scenario.catalogue import scenario_folder
    from bpstep.scenario.loader import ScenarioError, load
    from bpstep.tui.visiting import receive

    offer = json.loads(words[0])
    try:
        session = Console(load(offer["scenario"])) if offer["scenario"] else None
    except ScenarioError as error:  # a file that was there when the server began
        streams.complain(visible_lines(str(error)))
        return 2
    raise_wall(scenario_folder())
    return receive(session, Settings(offer["looks"], reach=Reach.closed()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
