"""A learner's own numbers beside the right ones: which is the first wrong one, and which mistake makes them all.

    reading ─▶ naming ─▶ a `Sheet`: yours beside the right ones ─▶ first wrong ─▶ search ─▶ `Report` ─▶ wording

A file of numbers is read (`bpstep.comparison.reading`), each of its names is given a place among the numbers of one
pass (`bpstep.comparison.naming`), and what disagrees is looked at twice.  From the bottom: a wrong number whose
operands are right is where the mistake was made (`bpstep.comparison.first`).  From the top: a table of mistakes
(`bpstep.comparison.table`), each a small change to one stage of a pass, is run (`bpstep.comparison.population`), and
a mistake is believed if it gives every one of the learner's numbers (`bpstep.comparison.search`).

The room stands on scenario and engine; it prints nothing, and knows no session and no screen.
"""
