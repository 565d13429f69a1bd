"""Exercises: questions about a run, graded by the engine, with a diagnosis of what went wrong.

No answer is ever written down.  An item names a cell; the engine computes its right value and the value that every
wrong rule would give, and an answer is compared with all of them.

`model` (an exercise), `loading` (the files that an author writes) · `variants` (other numbers for the same question) ·
`kind` (what a question is), `kinds` (a file for each kind), `listing` and `miswritten` (a program, and one wrong line
in it) · `grade` (what comes of an answer), `grading` (numbers), `hints` · `progress` (what a learner has done) ·
`tutor` (the conversation) · `checking` (what an author must prove) · `reports` (what a teacher collects).
"""
