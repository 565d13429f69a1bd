// Tells the terminal where its session is and how large its letters are, before it begins.
"use strict";

// A window of so many columns at least, where letters can still be read.
const COLUMNS = 80, SMALLEST = 9, LARGEST = 16;
// So wide is a letter of the terminal, beside its height.
const SLENDER = 0.6;

const asked = Number(new URLSearchParams(location.search).get("fontsize"));
const fits = Math.floor(window.innerWidth / COLUMNS / SLENDER);
const terminal = document.getElementById("terminal");
// Beside the page, wherever a server in front of this one has put it.
terminal.dataset.sessionWebsocketUrl = new URL("session", location.href).href.replace(/^http/, "ws").split("?")[0];
terminal.dataset.fontSize = asked >= 6 && asked <= 72 ? asked : Math.min(LARGEST, Math.max(SMALLEST, fits));
document.getElementById("again").addEventListener("click", () => location.reload());

// Whoever has opened the page types at once.
new MutationObserver(() => {
  if (document.body.classList.contains("-loaded")) document.querySelector(".xterm-helper-textarea").focus();
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });
