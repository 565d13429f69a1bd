"""From other people's models to scenarios: what a program has trained, or built up, becomes something to step through.

    weights.npz ────▶ `bpstep.importing.arrays`       names and shapes ──▶ layers
    nn.Sequential ──▶ `bpstep.importing.sequential`   modules ──▶ layers
                      `bpstep.importing.losses`       what is minimized ──▶ a cost
                      `bpstep.importing.torch`        a scenario, and the proof that its gradients are PyTorch's
                      `bpstep.importing.networks`     layers, a cost and samples ──▶ the tables of a scenario
    a loss of       ▶ `bpstep.importing.values`       a graph of scalars, whatever its attributes are called
    scalars           `bpstep.importing.operations`   which operation made each value
                      `bpstep.importing.graphs`       an expression, and the learner's own numbers beside it

Models are known by what they look like (attributes, names, shapes), so no framework is imported here.  The room stands
on scenario, engine and comparison; it prints nothing and knows no screen.
"""
