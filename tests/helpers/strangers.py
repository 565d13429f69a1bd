"""A world for a stranger's script: its own folder, what lies outside, and every sort of name that leads there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bpstep.debugger.script import Script, parse_script
from bpstep.reach import Reach
from bpstep.scenario.catalogue import scenario_folder

__all__ = ["SECRETS", "World", "world_in"]

#: What lies outside, one for each command that reads.
SECRETS = {
    "secret.toml": (scenario_folder() / "chain-rule.toml").read_text(encoding="utf-8"),
    "secret.bps": "load chain-rule\nstep 3\n",
    "secret.json": '{"d(x)": 0.1}',
    "secret.csv": "x1,x2,o1\n1,0,1\n",
    "secret": "load chain-rule\n",
}


@dataclass(frozen=True)
class World:
    """A folder with a script's own folder in it, and what lies outside."""

    root: Path

    @property
    def ground(self) -> Path:
        """The folder of the script."""
        return self.root / "ground"

    @property
    def outside(self) -> Path:
        """Where the secrets are."""
        return self.root / "groundless"

    @property
    def elsewhere(self) -> Path:
        """Where bpstep is started."""
        return self.root / "elsewhere"

    def script(self, *lines: str) -> Script:
        """A stranger's script, which lies in its folder."""
        return parse_script("\n".join(lines), "demo.bps", Reach.below(self.ground))

    def names_of(self, name: str) -> Iterator[str]:
        """All sorts of names in the ground for a file outside, whether it is there or not."""
        yield f"../groundless/{name}"
        yield str(self.outside / name)
        yield f"sub/../../groundless/{name}"
        yield f"not-there/../../groundless/{name}"
        yield f"link/{name}"
        yield f"./sub/./up/groundless/{name}"
        yield f"link/../groundless/{name}"
        yield f"around/link/{name}"
        yield f"to-{name}"
        yield f"twice-{name}"


def world_in(root: Path) -> World:
    """A world with names of all sorts that lead out of the script's folder."""
    made = World(root)
    (made.ground / "sub").mkdir(parents=True)
    made.outside.mkdir()
    made.elsewhere.mkdir()
    for name, text in SECRETS.items():
        (made.outside / name).write_text(text, encoding="utf-8")
        (made.elsewhere / name).write_text(text, encoding="utf-8")
    (made.ground / "link").symlink_to("../groundless")
    (made.ground / "around").symlink_to(".")
    (made.ground / "sub" / "up").symlink_to("../..")
    for name in (*SECRETS, "new.toml", "new.bps", "new.svg", "new"):
        (made.ground / f"to-{name}").symlink_to(made.outside / name)
        (made.ground / f"twice-{name}").symlink_to(f"to-{name}")
    (made.ground / "mine.toml").write_text(SECRETS["secret.toml"], encoding="utf-8")
    (made.ground / "mine.bps").write_text("step\n", encoding="utf-8")
    (made.ground / "mine.json").write_text(SECRETS["secret.json"], encoding="utf-8")
    (made.ground / "mine.csv").write_text(SECRETS["secret.csv"], encoding="utf-8")
    return made
