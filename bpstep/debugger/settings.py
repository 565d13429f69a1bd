"""Settings that stay: how whoever sits here wants every session to look, and the keys that were given to other rows.

They are kept in a file, ``config.toml``, in the folder where a user's settings live (BPSTEP_CONFIG names another):

    theme = "light"
    notation = "nielsen"
    digits = 6

    [keys]
    neuron = "j"            # by the names of the rows in the table of keys

What the command line says comes first, then the file, then what a scenario says of itself.  A file that is wrong
somewhere never keeps the program from starting: what is wrong gets a line, and the rest holds.  Scripts do not read
it, for they must say the same everywhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from bpstep.debugger.desk import Desk
from bpstep.debugger.errors import CommandError, ExitCode, did_you_mean
from bpstep.debugger.looks import LOOKS
from bpstep.debugger.options import Options
from bpstep.lazily import dataclass
from bpstep.reach import ANYWHERE, Reach
from bpstep.visible import shortened

__all__ = ["Settings", "config_file", "read_settings"]

#: The table of the file that gives keys to rows.
_KEYS = "keys"

#: No file of settings is longer than this, in characters.
_LONGEST = 100_000


def config_file() -> Path:
    """Where settings are kept; BPSTEP_CONFIG names another folder."""
    folder = os.environ.get("BPSTEP_CONFIG")
    if folder:
        return Path(folder) / "config.toml"
    from platformdirs import user_config_dir

    return Path(user_config_dir("bpstep", appauthor=False)) / "config.toml"


@dataclass(frozen=True)
class Settings:
    """Texts of looks by their names, keys by the names of the rows that they are given to; ``faults`` are lines.

    ``reach`` is how far the names of files lead that are typed in a session, where that is not as far as they go.
    """

    looks: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    reach: Reach = ANYWHERE

    def options(self, usual: Options) -> Options:
        """The options of a session that would have the usual ones."""
        for name, text in self.looks.items():
            usual = LOOKS[name](usual, text, 0)
        return usual

    def attend(self, desk: Desk) -> None:
        """Let a session that begins look like this, reach no further, and keep what is set in it."""
        desk.options = desk.options_at_start = self.options(desk.options)
        desk.keep = keep
        if self.reach.is_limited:
            desk.reach = self.reach


def read_settings(given: Mapping[str, str] | None = None) -> Settings:
    """What the file says, and over it what is ``given``: looks that were found to be right."""
    given = given or {}
    path = config_file()
    if not path.exists():
        return Settings(given)
    try:
        document = _document(path)
    except CommandError as error:
        return Settings(given, faults=(error.message,))
    looks, keys, faults = {}, {}, []
    for name, value in document.items():
        if name == _KEYS and isinstance(value, dict):
            keys = {row: value[row] for row in value if isinstance(value[row], str)}
            faults += [f"{_KEYS}.{row}: expected a text" for row in value if row not in keys]
        elif name in LOOKS:
            text = str(value)
            try:
                LOOKS[name](Options(), text, 0)
                looks[name] = text
            except CommandError as error:
                faults.append(f"{name} = {shortened(text)}: {error.message}")
        else:
            known = (*LOOKS, _KEYS)
            near = did_you_mean(name, known)
            faults.append(f"unknown setting {shortened(name)}{near} (settings: {', '.join(known)})")
    return Settings({**looks, **given}, keys, tuple(f"{path}: {fault}" for fault in faults))


def _document(path: Path) -> dict[str, object]:
    """What stands in a file of settings; `CommandError` says why it can not be read."""
    import tomllib  # only whoever has such a file needs it

    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(_LONGEST + 1)
        if len(text) > _LONGEST:
            raise ValueError(f"expected at most {_LONGEST:,} characters")
        return tomllib.loads(text)
    except (OSError, ValueError) as error:  # of a wrong sign, too: those of TOML and of UTF-8 are values
        says = error.strerror if isinstance(error, OSError) else error
        raise CommandError(f"{path}: {says}; none of its settings holds", 0, ExitCode.FAILED) from None


def keep(name: str, value: object) -> str:
    """Write a look into the file, and leave all else in it as it stands; says where.  A file that is broken is not
    touched (`CommandError`)."""
    path = config_file()
    now = _document(path) if path.exists() else {}
    text = path.read_text(encoding="utf-8") if now else ""
    line = f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}"
    changed = _with_line(text, name, line)
    from bpstep.writing import gives, write_whole

    try:
        _check_kept(changed, now, name, value, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, gives([changed]), replace=True)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}", 0, ExitCode.RUNNING) from None
    return f"kept in {path}"


def _with_line(text: str, name: str, line: str) -> str:
    """The text of a file with one of its settings as this line: in its place, or as the first line."""
    lines = text.splitlines(keepends=True)
    ends = next((k for k, one in enumerate(lines) if one.lstrip().startswith("[")), len(lines))
    there = re.compile(rf"\s*[\"']?{name}[\"']?\s*=")
    for k in range(ends):
        if there.match(lines[k]):
            return "".join([*lines[:k], line + "\n", *lines[k + 1 :]])
    return "".join([line + "\n", *lines])


def _check_kept(text: str, before: Mapping[str, object], name: str, value: object, path: Path) -> None:
    """The text says what it said before, and this."""
    import tomllib

    try:
        as_meant = tomllib.loads(text) == {**before, name: value}
    except ValueError:
        as_meant = False
    if not as_meant:
        raise CommandError(f"{path}: write it there yourself: {name} = {value}", 0, ExitCode.FAILED)
