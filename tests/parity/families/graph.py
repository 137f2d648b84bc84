"""Several ops in one graph, and derivatives of functions."""

import torch
from torch.autograd import functional
from torch.nn import functional as F

from .common import case, real, x, y

def attention(x, q, k, v):
    scores = (x @ q) @ (x @ k).transpose(-1, -2) / 2
    return scores.softmax(-1) @ (x @ v)


maps = [real(4, 4, low=-1, high=1) for _ in range(3)]
case("attention", attention, real(2, 3, 4, low=-1, high=1), *maps)


def layer_norm(x):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (x.var(-1, unbiased=False, keepdim=True) + 1e-5).sqrt()


def conv_norm_relu_pool(x, w, g, b):
    y = F.conv2d(x, w, padding=1)
    return F.max_pool2d(F.relu(F.batch_norm(y, None, None, g, b, training=True)), 2)


case("layer_norm_by_hand", layer_norm, x)
norm_inputs = [real(2), real(2)]
case("conv_norm_relu_pool", conv_norm_relu_pool, real(2, 1, 4, 4), real(2, 1, 3, 3), *norm_inputs)


def mixed(x, y):
    return (x.tanh() @ (y * y)).sin()


def of_functions(function):
    """torch.autograd.functional's `function`; vectors come after the two inputs."""

    def run(x, y, *vectors):
        scalar = function in (functional.hessian, functional.hvp)
        f = (lambda x, y: mixed(x, y).square().sum()) if scalar else mixed
        v = () if not vectors else (vectors[0] if len(vectors) == 1 else vectors,)
        result = function(f, (x, y), *v, create_graph=True)
        return flat(result[-1] if vectors else result)

    return run


def flat(tensors):
    return [tensors] if isinstance(tensors, torch.Tensor) else [t for s in tensors for t in flat(s)]


a, b = real(2, 3, low=-1, high=1), real(3, 2, low=-1, high=1)
case("jacobian", of_functions(functional.jacobian), a, b)
case("hessian", of_functions(functional.hessian), a, b)
case("vjp", of_functions(functional.vjp), a, b, real(2, 2))
case("jvp", of_functions(functional.jvp), a, b, a, b)
case("hvp", of_functions(functional.hvp), a, b, a, b)
