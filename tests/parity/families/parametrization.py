"""Weights that are computed from others, with their gradients, and the state of power iterations."""

from torch import nn
from torch.nn.utils import parametrizations as p

from .common import case, fixed, real

def layer(make, calls, buffers):
    """Calls a parametrized layer with the parameters and buffers that are given, in the order of its
    state: the result, the gradients of its parameters, and the buffers after."""

    def run(x, g, *state):
        m = make().double()
        m.load_state_dict(dict(zip(m.state_dict(), state, strict=True)))
        for _ in range(calls - 1):
            m(x)
        y = m(x)
        y.backward(g)
        after = list(m.buffers()) if buffers else []
        return [y.detach(), *(q.grad for q in m.parameters()), *(b.clone() for b in after)]

    return run


def inputs(make):
    return [fixed(real(*t.shape)) for t in make().state_dict().values()]


for name, make, x, g in (
    ("weight_norm_linear", lambda: p.weight_norm(nn.Linear(3, 4)), (2, 3), (2, 4)),
    ("weight_norm_dim1", lambda: p.weight_norm(nn.Linear(3, 4), dim=1), (2, 3), (2, 4)),
    ("weight_norm_all", lambda: p.weight_norm(nn.Linear(3, 4), dim=None), (2, 3), (2, 4)),
    ("weight_norm_conv", lambda: p.weight_norm(nn.Conv2d(2, 3, 2)), (1, 2, 3, 3), (1, 3, 2, 2)),
):
    case(name, layer(make, 1, False), fixed(real(*x)), fixed(real(*g)), *inputs(make))
for name, make, x, g, calls in (
    ("spectral_norm_linear", lambda: p.spectral_norm(nn.Linear(3, 4)), (2, 3), (2, 4), 1),
    ("spectral_norm_calls", lambda: p.spectral_norm(nn.Linear(3, 4)), (2, 3), (2, 4), 3),
    ("spectral_norm_power", lambda: p.spectral_norm(nn.Linear(3, 4), "weight", 4, 1e-3), (2, 3), (2, 4), 2),
    ("spectral_norm_eval", lambda: p.spectral_norm(nn.Linear(3, 4)).eval(), (2, 3), (2, 4), 2),
    ("spectral_norm_conv", lambda: p.spectral_norm(nn.Conv2d(2, 3, 2)), (1, 2, 3, 3), (1, 3, 2, 2), 2),
    ("spectral_norm_transposed", lambda: p.spectral_norm(nn.ConvTranspose1d(2, 3, 2)), (1, 2, 3), (1, 3, 4), 2),
    ("spectral_norm_dim", lambda: p.spectral_norm(nn.Conv2d(2, 3, 2), dim=-1), (1, 2, 3, 3), (1, 3, 2, 2), 2),
):
    case(name, layer(make, calls, True), fixed(real(*x)), fixed(real(*g)), *inputs(make))


def assigned(make):
    """What the parametrized weight becomes by an assignment, and what is kept of it."""

    def run(w):
        m = make().double()
        m.weight = w
        kept = [] if hasattr(m.parametrizations.weight[0], "base") else [m.parametrizations.weight.original.detach()]
        return [m.weight.detach(), *kept]

    return run


for name, options in (
    ("by_default", {}),
    ("matrix_exp", dict(orthogonal_map="matrix_exp")),
    ("cayley", dict(orthogonal_map="cayley")),
    ("householder", dict(orthogonal_map="householder")),
    ("matrix_exp_alone", dict(orthogonal_map="matrix_exp", use_trivialization=False)),
    ("cayley_alone", dict(orthogonal_map="cayley", use_trivialization=False)),
    ("householder_alone", dict(orthogonal_map="householder", use_trivialization=False)),
):
    for shape, size in (("square", (3, 3)), ("tall", (2, 4)), ("wide", (4, 2))):
        make = lambda options=options, size=size: p.orthogonal(nn.Linear(*size), **options)
        case(f"orthogonal_{name}_{shape}", layer(make, 1, False), fixed(real(2, size[0])), fixed(real(2, size[1])), *inputs(make))
        if not name.endswith(("exp_alone", "cayley_alone")):
            case(f"orthogonal_assigned_{name}_{shape}", assigned(make), fixed(real(size[1], size[0])))
