"""A program in a terminal of its own: started, typed at, and timed until it has painted."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from pathlib import Path

__all__ = ["Terminal"]


class Terminal:
    """A process on a pseudo-terminal of some columns and rows."""

    def __init__(self, argv: list[str], size: tuple[int, int] = (80, 24)) -> None:
        self.started = time.perf_counter()
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.environ["COLORTERM"] = "truecolor"
            os.execv(argv[0], argv)
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def until(self, marker: bytes, seconds: float = 20.0) -> float:
        """Read until a text has been painted; the seconds since the start."""
        seen = b""
        while time.perf_counter() - self.started < seconds:
            if select.select([self.handle], [], [], 0.05)[0]:
                seen += os.read(self.handle, 65536)
                if marker in seen:
                    return time.perf_counter() - self.started
        raise TimeoutError(f"{marker!r} was not painted in {seconds} s; last: {seen[-200:]!r}")

    def quiet(self, seconds: float = 0.06, most: float = 20.0) -> float | None:
        """Read until nothing comes for a while (or something for too long); when the last byte came."""
        last, end = None, time.perf_counter() + most
        while time.perf_counter() < end and select.select([self.handle], [], [], seconds)[0]:
            try:
                if not os.read(self.handle, 65536):
                    break
            except OSError:
                break
            last = time.perf_counter()
        return last

    def key(self, text: bytes) -> float:
        """Press a key; the seconds until its last painted byte."""
        self.quiet(0.02)
        pressed = time.perf_counter()
        os.write(self.handle, text)
        last = self.quiet()
        return (last or pressed) - pressed

    def key_until(self, text: bytes, marker: bytes) -> float:
        """Press a key; the seconds until a text that it brings is painted, whatever else is painted meanwhile."""
        self.quiet(0.0)
        pressed, seen = time.perf_counter(), b""
        os.write(self.handle, text)
        while marker not in seen:
            if not select.select([self.handle], [], [], 5.0)[0]:
                raise TimeoutError(f"{marker!r} was not painted; last: {seen[-200:]!r}")
            seen = seen[-len(marker) :] + os.read(self.handle, 65536)
        return time.perf_counter() - pressed

    def spent(self) -> float:
        """The processor time of all its threads so far, in seconds; 0 where the system does not tell."""
        tasks = Path(f"/proc/{self.pid}/task")
        files = [task / "schedstat" for task in tasks.iterdir()] if tasks.is_dir() else []
        return sum(int(file.read_text().split()[0]) for file in files if file.is_file()) / 1e9

    def resident(self) -> float:
        """The memory it holds now, in MB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def close(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.handle)
