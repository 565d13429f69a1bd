"""A browser walks through the page, by its own keys: what it shows at every step is what the screen shows there."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bpstep.debugger.console import Console
from bpstep.engine.rules import RULES
from bpstep.scenario.loader import load
from bpstep.view.page import whole
from bpstep.view.page.collected import LAYOUTS, drawn
from bpstep.view.page.whole import page, steps_shown
from bpstep.view.scene.frame import Frame
from bpstep.view.words.narrate import sentence

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

#: Presses keys, and writes down what the page shows then.
DRIVER = """
const found = [];
const text = (id) => document.getElementById(id).innerText;
function press(key) {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  found.push({ key, hash: location.hash, network: text("network"), step: text("step"), chain: text("chain"),
               live: document.getElementById("live").textContent, why: document.querySelector("#why pre").textContent,
               note: document.getElementById("note").hidden ? null : text("note"), parted: text("parted"),
               now: document.querySelector("[aria-current]").textContent,
               wide: document.documentElement.scrollWidth > document.documentElement.clientWidth });
}
function walkThrough() {
  for (const key of KEYS) press(key);
  const told = document.createElement("pre");
  told.id = "walked";
  told.textContent = JSON.stringify(found);
  document.body.append(told);
}
// What is packed is unpacked first, and shown then.
const waiting = new MutationObserver(() => {
  if (!document.body.classList.contains("walks") || !document.body.dataset.step) return;
  waiting.disconnect();
  walkThrough();
});
if (document.body.dataset.step) walkThrough();
else waiting.observe(document.body, { attributes: true });
"""


def walked(session: Console, keys: list[str], folder: Path, width: int) -> list[dict[str, Any]]:
    """What a browser shows of a session's page after each key; the page's policy holds, and lets the driver run."""
    driver = DRIVER.replace("KEYS", json.dumps(keys))
    digest = base64.b64encode(hashlib.sha256(driver.encode()).digest()).decode()
    beside = [RULES["no-derivative"]]
    text = page(session, steps_shown(session), rules=beside)
    text = text.replace("script-src ", f"script-src 'sha256-{digest}' ", 1).replace(
        "</body>", f"<script>{driver}</script></body>"
    )
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
         f"--window-size={width},900", "--virtual-time-budget=20000",
         "--dump-dom", path.as_uri()],
        capture_output=True, timeout=300, check=True,
    )  # fmt: skip
    match = re.search(r'<pre id="walked">(.*?)</pre>', done.stdout.decode("utf-8"), re.DOTALL)
    assert match is not None, "the page ran its script and the driver"
    rows: list[dict[str, Any]] = json.loads(unescape(match[1]))
    return rows


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_a_browser_walks_through_the_page(tmp_path: Path) -> None:
    session = Console(load("fan-out"))
    forth = ["ArrowRight"] * session.length
    rows = walked(session, [*forth, "Home", "n", "]", "End", "ArrowLeft", "w", "r"], tmp_path, 1400)
    for position, row in enumerate(rows[: len(forth)], 1):
        session.position = position
        frame = Frame.of(session)
        assert frame.step is not None
        _, network, step, chain, *_ = drawn(frame, LAYOUTS[0])
        assert row["hash"] == f"#step-{position}"
        assert lines(row["network"]) == lines(network.text())
        assert lines(row["step"]) == lines(step.text())
        assert lines(row["chain"]) == lines(chain.text())
        assert row["live"].startswith(f"step {position} {frame.step.when.phase}, {frame.step.op}")
        assert sentence(frame, frame.step) in row["live"], "it is read aloud"
        assert row["now"] == str(position)
    assert not any(row["wide"] for row in rows), "it is no wider than the window"
    timeline = session.run.timeline
    home, neuron, phase, end, back, why, rule = rows[len(forth) :]
    assert home["hash"] == "#step-0"
    assert neuron["hash"] == f"#step-{timeline.next_boundary(0, 'neuron')}"
    assert phase["hash"] == f"#step-{timeline.next_boundary(timeline.next_boundary(0, 'neuron'), 'phase')}"
    assert (end["hash"], back["hash"]) == (f"#step-{session.length}", f"#step-{session.length - 1}")
    assert (back["why"], "upstream" in why["why"]) == ("", True), "why opens"
    assert "no-derivative" in rule["parted"], "a wrong rule is beside it"
    assert "no-derivative" in rule["live"]


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_a_browser_unpacks_a_large_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "LARGE", 1_000)
    session = Console(load("fan-out"))
    rows = walked(session, ["ArrowRight"] * 3, tmp_path, 1400)
    for position, row in enumerate(rows, 1):
        session.position = position
        _, network, *_ = drawn(Frame.of(session), LAYOUTS[0])
        assert lines(row["network"]) == lines(network.text())
