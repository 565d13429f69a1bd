"""The peers of the training benchmarks: the same networks, trained by hand-written NumPy, micrograd and PyTorch.

python peers.py numpy-xor EPOCHS | micrograd-xor EPOCHS | torch-xor EPOCHS
"""

from __future__ import annotations

import sys
import time


def numpy_xor(epochs: int) -> None:
    import numpy as np

    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]])
    t = np.array([[0], [1], [1], [0.0]])
    rng = np.random.default_rng(1)
    w1, b1, w2, b2 = rng.normal(size=(2, 2)), np.zeros(2), rng.normal(size=(1, 2)), np.zeros(1)
    for _ in range(epochs):
        h = 1 / (1 + np.exp(-(x @ w1.T + b1)))
        y = 1 / (1 + np.exp(-(h @ w2.T + b2)))
        d2 = (y - t) / 4 * y * (1 - y)
        d1 = d2 @ w2 * h * (1 - h)
        w2 -= 4 * d2.T @ h
        b2 -= 4 * d2.sum(0)
        w1 -= 4 * d1.T @ x
        b1 -= 4 * d1.sum(0)


def micrograd_xor(epochs: int) -> None:
    import random

    from micrograd.engine import Value  # it has relu, and no exp: less work than ours

    random.seed(1)
    w1 = [[Value(random.gauss(0, 1)) for _ in range(3)] for _ in range(2)]
    w2 = [Value(random.gauss(0, 1)) for _ in range(3)]
    everything = [*w1[0], *w1[1], *w2]

    for _ in range(epochs):
        loss = Value(0.0)
        for x, t in (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)):
            h = [(w[0] * x[0] + w[1] * x[1] + w[2]).relu() for w in w1]
            y = (w2[0] * h[0] + w2[1] * h[1] + w2[2]).relu()
            loss = loss + (y - t) ** 2 * 0.125
        for value in everything:
            value.grad = 0.0
        loss.backward()
        for value in everything:
            value.data -= 0.1 * value.grad


def torch_xor(epochs: int) -> None:
    import torch

    torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    x = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1.0]])
    t = torch.tensor([[0], [1], [1], [0.0]])
    net = torch.nn.Sequential(
        torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1), torch.nn.Sigmoid()
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=4.0)
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = ((net(x) - t) ** 2).sum() / 8
        loss.backward()
        optimizer.step()


def numpy_deep(samples: int) -> float:
    import numpy as np

    rng = np.random.default_rng(1)
    w1, b1, w2, b2 = rng.normal(size=(128, 784)), np.zeros(128), rng.normal(size=(10, 128)), np.zeros(10)
    xs, ts = rng.random((samples, 784)), np.eye(10)[rng.integers(0, 10, samples)]
    start = time.perf_counter()
    for x, t in zip(xs, ts, strict=True):
        h = 1 / (1 + np.exp(-(w1 @ x + b1)))
        z = np.exp(w2 @ h + b2)
        y = z / z.sum()
        d2 = y - t
        d1 = w2.T @ d2 * h * (1 - h)
        w2 -= 0.1 * np.outer(d2, h)
        b2 -= 0.1 * d2
        w1 -= 0.1 * np.outer(d1, x)
        b1 -= 0.1 * d1
    return time.perf_counter() - start


if __name__ == "__main__":
    trainers = {"numpy-xor": numpy_xor, "micrograd-xor": micrograd_xor, "torch-xor": torch_xor}
    trainers[sys.argv[1]](int(sys.argv[2]))
