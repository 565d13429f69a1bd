"""Rows as LaTeX: a ``Verbatim`` in colours, which says at its head what it needs."""

from __future__ import annotations

from collections.abc import Sequence

from bpstep.view.formats.looks import Look, looks, on_white
from bpstep.visible import visible

__all__ = ["tex"]

_HEAD = r"""% For LuaLaTeX or XeLaTeX, with these in the preamble (any monospaced font that has box drawing will do):
%   \usepackage{fontspec,fancyvrb,xcolor}
%   \setmonofont{DejaVu Sans Mono}[Scale=MatchLowercase]
"""
_SPECIAL = str.maketrans({"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"})


def tex(rows: Sequence[Sequence[tuple[str, str]]], theme: str, title: str) -> str:
    """Rows of text in roles, in the colours of a theme, to be taken into a document, whose pages are white."""
    found = looks(on_white(theme))
    used = sorted({role for row in rows for _, role in row if role in found and role})
    names = {role: f"bp{role.replace('-', '')}" for role in used}
    lines = [_HEAD + f"% {visible(title)}", "{%"]
    for role in used:
        look = found[role]
        lines.append(rf"\definecolor{{{names[role]}}}{{HTML}}{{{look.ink[1:].upper()}}}%")
        if look.paper:
            lines.append(rf"\definecolor{{{names[role]}paper}}{{HTML}}{{{look.paper[1:].upper()}}}%")
    lines += [r"\setlength{\fboxsep}{0pt}%", r"\begin{Verbatim}[commandchars=\\\{\},fontsize=\footnotesize]"]
    for row in rows:
        runs = [_run(text, names.get(role, ""), found.get(role, found[""])) for text, role in row]
        lines.append("".join(runs).rstrip())
    return "\n".join([*lines, r"\end{Verbatim}", "}", ""])


def _run(text: str, name: str, look: Look) -> str:
    """A run in the look of its role, whose colours are called ``name``; "" has none of its own."""
    shown = visible(text).translate(_SPECIAL)
    if not name or not text.strip():
        return shown
    if look.bold:
        shown = rf"\textbf{{{shown}}}"
    shown = rf"\textcolor{{{name}}}{{{shown}}}"
    return rf"\colorbox{{{name}paper}}{{{shown}}}" if look.paper else shown
