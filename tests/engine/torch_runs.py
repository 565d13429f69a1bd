"""Writes torch_runs.json: Mazur's 2-2-2 network, trained by PyTorch itself under each optimizer.

    pip install torch && python tests/engine/torch_runs.py

PyTorch is too large to be asked for by the tests; what it computed is kept beside them, with its version.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch

UPDATES = (1, 2, 10, 1000)
OPTIMIZERS: dict[str, Callable[[list[torch.Tensor]], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.5),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
}


def trained(make: Callable[[list[torch.Tensor]], torch.optim.Optimizer]) -> dict[str, list[float]]:
    """The parameters after so many updates: the weights and biases of the hidden, then of the output layer."""
    hidden, output = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    parameters = [hidden.weight, hidden.bias, output.weight, output.bias]
    with torch.no_grad():
        hidden.weight.copy_(torch.tensor([[0.15, 0.2], [0.25, 0.3]]))
        hidden.bias.fill_(0.35)
        output.weight.copy_(torch.tensor([[0.4, 0.45], [0.5, 0.55]]))
        output.bias.fill_(0.6)
    x, t = torch.tensor([[0.05, 0.1]]), torch.tensor([[0.01, 0.99]])
    optimizer = make(list(parameters))
    found = {}
    for update in range(1, max(UPDATES) + 1):
        optimizer.zero_grad()
        y = torch.sigmoid(output(torch.sigmoid(hidden(x))))
        (((y - t) ** 2).sum() / 2).backward()
        optimizer.step()
        if update in UPDATES:
            found[str(update)] = [value for p in parameters for value in p.detach().flatten().tolist()]
    return found


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    runs = {name: trained(make) for name, make in OPTIMIZERS.items()}
    document = {"torch": torch.__version__.partition("+")[0], "runs": runs}
    Path(__file__).with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
