"""The fuzzer: inputs by the hundred thousand, made up at random and the same in every run.

    python -m tests.fuzz --inputs 100000 --keys 100000 --seed 1 --jobs 2
    python -m tests.fuzz --only commands --case 417        one case again, with its tracebacks

It is no part of the suite (pytest collects nothing here).  Each family of inputs is a module: `scenarios`,
`expressions`, `commands`, `scripts`, `papers`, `exercises`, `answers`, `keys`.  A family makes *cases*, each from its
own random numbers, which follow from the seed of the run, the family and the number of the case alone: so a finding is
seen again by naming the two.  A case feeds one input after the other to the program, in this process, and holds the
program to what it promises: an answer or one line, within five seconds, without a control code; equations that hold;
nothing given away; nothing read or written that a script may not have.
"""
