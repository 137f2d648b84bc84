#!/usr/bin/python3
"""Writes schedulers.txt: the learning rates of two groups before each of 50 steps and after the last,
and then the momenta, where they cycle: a line for each group."""

import pathlib

import torch
from problem import steps, write
from torch.optim import SGD, Adam
from torch.optim.lr_scheduler import *

here = pathlib.Path(__file__).parent
cases = {}


def case(name, make, optimizer=SGD, momentum=False, **options):
    def new():
        params = [torch.zeros(1, requires_grad=True) for _ in range(2)]
        o = optimizer([dict(params=params[:1], lr=0.1), dict(params=params[1:], lr=0.5)], **options)
        return o, make(o)

    def row(o, key):
        values = [g[key][0] if key == "betas" else g[key] for g in o.param_groups]
        for k, v in enumerate(values):
            rows[(key != "lr") * 2 + k].append(v)

    keys = ["lr"] + ([("betas" if optimizer is Adam else "momentum")] if momentum else [])
    rows = [[] for _ in range(2 * len(keys))]
    o, s = new()
    for step in range(steps + 1):
        for key in keys:
            row(o, key)
        if step == 25:
            of_optimizer, of_scheduler = o.state_dict(), s.state_dict()
            o, s = new()
            o.load_state_dict(of_optimizer)
            s.load_state_dict(of_scheduler)
        o.step()
        if isinstance(s, ReduceLROnPlateau):
            s.step(((step * 7) % 5 + 3) / (1 + min(step, 12)))
        elif step < steps:
            s.step()
    cases[name] = rows


case("constant", lambda o: ConstantLR(o, factor=0.25, total_iters=7))
case("linear", lambda o: LinearLR(o, start_factor=0.1, end_factor=0.8, total_iters=30))
case("step", lambda o: StepLR(o, 8, gamma=0.5))
case("multi_step", lambda o: MultiStepLR(o, [5, 20, 20, 31], gamma=0.3))
case("exponential", lambda o: ExponentialLR(o, 0.9))
case("polynomial", lambda o: PolynomialLR(o, total_iters=40, power=1.7))
case("cosine", lambda o: CosineAnnealingLR(o, 12, eta_min=0.01))
case("cosine_long", lambda o: CosineAnnealingLR(o, 50))
case("warm_restarts", lambda o: CosineAnnealingWarmRestarts(o, 7, T_mult=2, eta_min=0.01))
case("warm_restarts_even", lambda o: CosineAnnealingWarmRestarts(o, 9))
case("lambda", lambda o: LambdaLR(o, [lambda e: 0.95**e, lambda e: 1 / (1 + e)]))
case("multiplicative", lambda o: MultiplicativeLR(o, lambda e: 1 - 1 / (e + 3)))
case("one_cycle", lambda o: OneCycleLR(o, [0.5, 1.0], total_steps=50), momentum=True)
case("one_cycle_three", lambda o: OneCycleLR(o, 0.5, epochs=5, steps_per_epoch=11, pct_start=0.4,
     anneal_strategy="linear", three_phase=True, div_factor=10, final_div_factor=100,
     base_momentum=0.7, max_momentum=[0.8, 0.9]), Adam, momentum=True)
case("cyclic", lambda o: CyclicLR(o, 0.01, [0.1, 0.3], step_size_up=5, step_size_down=8),
     momentum=True)
case("cyclic_2", lambda o: CyclicLR(o, 0.01, 0.1, step_size_up=6, mode="triangular2"), Adam,
     momentum=True)
case("cyclic_exp", lambda o: CyclicLR(o, [0.01, 0.02], 0.1, step_size_up=4, mode="exp_range",
     gamma=0.95, cycle_momentum=False))
case("cyclic_own", lambda o: CyclicLR(o, 0.01, 0.1, step_size_up=4, scale_fn=lambda x: 1 / x,
     cycle_momentum=False))
case("plateau", lambda o: ReduceLROnPlateau(o, factor=0.5, patience=2, cooldown=3,
     min_lr=[1e-3, 1e-2]))
case("plateau_max", lambda o: ReduceLROnPlateau(o, mode="max", factor=0.3, patience=4,
     threshold=0.1, threshold_mode="abs"))
case("warm_up", lambda o: SequentialLR(o, [LinearLR(o, 0.1, total_iters=10),
     CosineAnnealingLR(o, 40)], [10]))
case("sequence", lambda o: SequentialLR(o, [ConstantLR(o, 0.5, 4), ExponentialLR(o, 0.9),
     StepLR(o, 5), LambdaLR(o, lambda e: 1 / (1 + e))], [6, 20, 33]))
case("chained", lambda o: ChainedScheduler([LinearLR(o, 0.2, total_iters=10), ExponentialLR(o, 0.95)]))
case("two_at_once", lambda o: ChainedScheduler([ConstantLR(o, 0.5, 6),
     ChainedScheduler([StepLR(o, 9), PolynomialLR(o, 45)])]))

write(here / "schedulers.txt", f"Written by schedulers.py with PyTorch {torch.__version__}.", cases)
