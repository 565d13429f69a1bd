"""bpstep: a step-through debugger for back-propagation, in the terminal.

The rooms, in the direction in which data walks through them: `bpstep.scenario` (what the author wrote),
`bpstep.engine` (every number of it), `bpstep.debugger` (a cursor in time, and commands), `bpstep.exercises`
(questions, and who grades them), `bpstep.view` (words and pictures), and the faces: `bpstep.tui` (the screen),
`bpstep.repl`, `bpstep.replay` and `bpstep.cli`.

A newcomer reads `bpstep.engine.chainrule` first.
"""
