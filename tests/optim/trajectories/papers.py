#!/usr/bin/python3
"""Writes papers.txt: Lion and LAMB on problem.py, and Muon in float64, in NumPy as their papers have
them.

- Lion: Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2.
- LAMB: You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020,
  algorithm 2, with the identity for phi and bias correction.
- Muon: Jordan et al., 2024, as PyTorch's documentation words it.
"""

import pathlib

import numpy as np
from problem import numbers, shapes, shown, steps, write

here = pathlib.Path(__file__).parent
cases = {}


def run(step_of, first, second):
    """step_of(p, g, state, t, options) returns the new p."""
    params = [np.array(numbers(k, 0)[0]) for k in range(3)]
    states = [{} for _ in params]
    rows = []
    for t in range(1, steps + 1):
        for k, p in enumerate(params):
            _, a, c = numbers(k, t)
            g = np.array(a) * p + 0.3 * p**3 - np.array(c)
            params[k] = step_of(p, g, states[k], t, **(second if k == 2 else first))
        if t in shown:
            rows.append([t] + [v for p in params for v in p])
    return rows


def lion(p, g, state, t, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
    m = state.get("m", np.zeros_like(p))
    update = np.sign(beta1 * m + (1 - beta1) * g)
    state["m"] = beta2 * m + (1 - beta2) * g
    return p - lr * (update + weight_decay * p)


def lamb(p, g, state, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=1e-2):
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    r = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps) + weight_decay * p
    of_p, of_r = np.linalg.norm(p), np.linalg.norm(r)
    trust = of_p / of_r if of_p > 0 and of_r > 0 else 1.0
    return p - lr * trust * r


def muon(lr=0.02, momentum=0.95, nesterov=True, weight_decay=0.1, ns_steps=5,
         coefficients=(3.4445, -4.7750, 2.0315), adjust=lambda a, b: np.sqrt(max(1, a / b))):
    a, b, c = coefficients

    def values(k, step):
        return [((i * 5 + k * 3 + step * 7) % 11 - 5) / 4 for i in range(24)]

    shapes = [(4, 6), (6, 4)]
    params = [np.array(values(k, 0)).reshape(s) for k, s in enumerate(shapes)]
    buffers = [np.zeros(s) for s in shapes]
    rows = []
    for step in range(1, steps + 1):
        for k, p in enumerate(params):
            g = np.array(values(k, step)).reshape(shapes[k]) + p
            buffers[k] = momentum * buffers[k] + (1 - momentum) * g
            x = momentum * buffers[k] + (1 - momentum) * g if nesterov else buffers[k]
            x = x.T if shapes[k][0] > shapes[k][1] else x
            x = x / max(np.linalg.norm(x), 1e-7)
            for _ in range(ns_steps):
                gram = x @ x.T
                x = a * x + (b * gram + c * gram @ gram) @ x
            x = x.T if shapes[k][0] > shapes[k][1] else x
            params[k] = p * (1 - lr * weight_decay) - lr * adjust(*shapes[k]) * x
        if step in shown:
            rows.append([step] + [v for p in params for v in p.flatten()])
    return rows


cases["lion"] = run(lion, dict(lr=0.02), dict(lr=0.01, beta1=0.8, beta2=0.9, weight_decay=0.2))
cases["lamb"] = run(lamb, dict(lr=0.02), dict(lr=0.05, beta1=0.8, eps=1e-3, weight_decay=0.3))
cases["muon"] = muon()
cases["muon_options"] = muon(momentum=0.8, nesterov=False, weight_decay=0.2, ns_steps=3,
                             coefficients=(2.0, -1.5, 0.5),
                             adjust=lambda a, b: 0.2 * np.sqrt(max(a, b)))
cases["muon_unclamped"] = muon(adjust=lambda a, b: np.sqrt(a / b))
write(here / "papers.txt", f"Written by papers.py with NumPy {np.__version__}.", cases)
