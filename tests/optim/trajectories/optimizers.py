#!/usr/bin/python3
"""Writes optimizers.txt: what PyTorch's optimizers make of the parameters of problem.py. A line is a
step, and all numbers of all parameters."""

import pathlib

import torch
from problem import numbers, shapes, shown, steps, write
from torch import optim

torch.set_default_dtype(torch.float64)  # numbers of the state are of this type
here = pathlib.Path(__file__).parent
cases = {}


def tensor(values, k):
    return torch.tensor(values).reshape(shapes[k])


def run(make):
    params = [tensor(numbers(k, 0)[0], k).requires_grad_() for k in range(3)]
    optimizer = make(params)
    rows = []
    for step in range(1, steps + 1):
        def closure():
            optimizer.zero_grad()
            loss = 0
            for k, p in enumerate(params):
                _, a, c = numbers(k, step)
                loss = loss + (tensor(a, k) * p * p / 2 + 0.075 * p**4 - tensor(c, k) * p).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        if step in shown:
            rows.append([step] + [v for p in params for v in p.flatten().tolist()])
        if step == 25:  # goes on with another optimizer, from the state of this one
            state = optimizer.state_dict()
            params = [p.detach().clone().requires_grad_() for p in params]
            optimizer = make(params)
            optimizer.load_state_dict(state)
    return rows


def case(name, cls, first, second=None, **common):
    def make(params):
        groups = [dict(params=params[:2], **first), dict(params=params[2:], **(second or {}))]
        return cls(groups, **common)

    cases[name] = run(make)


case("sgd", optim.SGD, dict(lr=0.05), dict(lr=0.02, weight_decay=0.1))
case("sgd_momentum", optim.SGD, dict(lr=0.02, momentum=0.9, dampening=0.3, weight_decay=0.01),
     dict(lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.1))
case("sgd_maximize", optim.SGD, dict(lr=0.001, maximize=True), dict(lr=0.002, momentum=0.5))
case("adam", optim.Adam, dict(lr=0.05, betas=(0.8, 0.9), weight_decay=0.1),
     dict(lr=0.1, amsgrad=True, eps=1e-3))
case("adam_decoupled", optim.Adam, dict(lr=0.05, weight_decay=0.2, decoupled_weight_decay=True),
     dict(lr=0.001, maximize=True))
case("adamw", optim.AdamW, dict(lr=0.05), dict(lr=0.1, weight_decay=0.3, amsgrad=True))
case("nadam", optim.NAdam, dict(lr=0.05, weight_decay=0.1),
     dict(lr=0.02, weight_decay=0.2, decoupled_weight_decay=True, momentum_decay=0.01))
case("radam", optim.RAdam, dict(lr=0.05, weight_decay=0.1),
     dict(lr=0.02, betas=(0.9, 0.99), weight_decay=0.2, decoupled_weight_decay=True))
case("adamax", optim.Adamax, dict(lr=0.05, weight_decay=0.1),
     dict(lr=0.001, betas=(0.7, 0.8), eps=1e-3, maximize=True))
case("adagrad", optim.Adagrad, dict(lr=0.2, lr_decay=0.1, weight_decay=0.1),
     dict(lr=0.1, eps=1e-2), initial_accumulator_value=0.5)
case("adadelta", optim.Adadelta, dict(rho=0.8, weight_decay=0.1), dict(lr=0.5, eps=1e-3))
case("rmsprop", optim.RMSprop, dict(lr=0.01, alpha=0.9, weight_decay=0.1),
     dict(lr=0.02, momentum=0.9, centered=True))
case("rprop", optim.Rprop, dict(lr=0.05),
     dict(lr=0.02, etas=(0.4, 1.3), step_sizes=(1e-3, 0.1), maximize=False))
case("asgd", optim.ASGD, dict(lr=0.05, lambd=0.01, alpha=0.6, t0=10, weight_decay=0.1),
     dict(lr=0.02, t0=30))
case("adafactor", optim.Adafactor, dict(lr=0.1, weight_decay=0.1),
     dict(lr=0.05, beta2_decay=-0.5, eps=(1e-2, 1e-2), d=1.5))


def rosenbrock(make):
    """A step of an optimizer with a closure on Rosenbrock's function of six numbers in two tensors."""
    params = [torch.tensor(v).requires_grad_() for v in ([-1.25, 1.0, 0.5, -0.5], [[0.75, -1.0]])]
    optimizer = make(params)
    rows = []
    for step in range(1, steps + 1):
        def closure():
            optimizer.zero_grad()
            x = torch.cat([p.flatten() for p in params])
            loss = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
            loss.backward()
            return loss

        loss = optimizer.step(closure)
        if step in (1, 2, 3, 4, 5, 6, 25, 26, 50):
            rows.append([step, loss.item()] + [v for p in params for v in p.flatten().tolist()])
        if step == 4:
            state = optimizer.state_dict()
            params = [p.detach().clone().requires_grad_() for p in params]
            optimizer = make(params)
            optimizer.load_state_dict(state)
    return rows


for name, options in {
    "lbfgs": dict(lr=0.01, max_iter=3, history_size=4),
    "lbfgs_wolfe": dict(max_iter=4, history_size=5, line_search_fn="strong_wolfe"),
    "lbfgs_wolfe_few": dict(lr=0.5, max_iter=6, max_eval=7, history_size=2,
                            line_search_fn="strong_wolfe"),
}.items():
    cases[name] = rosenbrock(lambda params: optim.LBFGS(params, **options))


def muon(**options):
    """Two matrices that follow the gradients of problem.py."""
    def values(k, step):
        return [((i * 5 + k * 3 + step * 7) % 11 - 5) / 4 for i in range(24)]

    shapes = [(4, 6), (6, 4)]
    params = [torch.tensor(values(k, 0)).reshape(s).requires_grad_() for k, s in enumerate(shapes)]
    optimizer = optim.Muon(params, **options)
    rows = []
    for step in range(1, steps + 1):
        for k, p in enumerate(params):
            p.grad = torch.tensor(values(k, step)).reshape(shapes[k]) + p.detach()
        optimizer.step()
        if step in shown:
            rows.append([step] + [v for p in params for v in p.flatten().tolist()])
    return rows


cases["muon"] = muon(lr=0.02)
cases["muon_options"] = muon(lr=0.02, momentum=0.8, nesterov=False, weight_decay=0.2, ns_steps=3,
                             ns_coefficients=(2.0, -1.5, 0.5), adjust_lr_fn="match_rms_adamw")
cases["muon_unclamped"] = muon(lr=0.02, adjust_lr_fn="spectral_unclamped")

write(here / "optimizers.txt", f"Written by optimizers.py with PyTorch {torch.__version__}.", cases)
