"""From other people's models to scenarios: what a program has trained, or built up, becomes something to step through.

    weights.npz ──▶ `bpstep.importing.arrays`     names and shapes ──▶ layers
                    `bpstep.importing.networks`   layers, a cost and samples ──▶ a scenario
    a loss made of ──▶ `bpstep.importing.values`      a graph of scalars, whatever its attributes are called
    scalars            `bpstep.importing.operations`  which operation each value is
                       `bpstep.importing.graphs`      an expression, and the learner's own numbers beside it

Models are known by what they look like (attributes, names, shapes), so no framework is imported here.  The room stands
on scenario, engine and comparison; it prints nothing and knows no screen.
"""
