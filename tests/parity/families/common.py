"""What the families of cases share: the register of cases, and functions that make a case's inputs
with its own random numbers."""

import torch

cases = {}


def case(name, function, *inputs, is_refused=False):
    assert name not in cases, name
    cases[name] = (function, inputs, is_refused)


def refused(name, function, *inputs):
    """A call that PyTorch answers with an exception."""
    case(name, function, *inputs, is_refused=True)


def real(*shape, low=-2.5, high=2.5):
    """Different numbers other than zero; multiples of 1/64, which float32 holds exactly."""

    def make(rng):
        steps = [i for i in range(int(low * 64), int(high * 64) + 1) if i != 0]
        chosen = rng.sample(steps, torch.Size(shape).numel())
        return (torch.tensor(chosen, dtype=torch.float64) / 64).reshape(shape).requires_grad_()

    return make


def positive(*shape):
    return real(*shape, low=0.25, high=3)


def fixed(make):
    """An input that is no leaf."""
    return lambda rng: make(rng).detach()


def integers(*shape, below, low=0):
    def make(rng):
        chosen = [rng.randrange(low, below) for _ in range(torch.Size(shape).numel())]
        return torch.tensor(chosen, dtype=torch.int64).reshape(shape)

    return make


def mask(*shape):
    return lambda rng: integers(*shape, below=2)(rng).bool()


def values(data):
    """These very numbers: a leaf where they are floating."""

    def make(rng):
        t = torch.tensor(data)
        return t.double().requires_grad_() if t.is_floating_point() else t

    return make


def probabilities(*shape):
    return lambda rng: (positive(*shape)(rng).detach() / 4).requires_grad_()


def squared(f):
    """All results of f squared."""

    def run(*inputs):
        y = f(*inputs)
        return y.square() if isinstance(y, torch.Tensor) else [t.square() for t in y]

    return run


x = real(3, 4)
y = real(3, 4)
few = fixed(values([[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]]))
cube = real(2, 3, 4)
large = values([[1000.0, 998.5, 0.0], [-1000.0, -999.0, -998.0]])
