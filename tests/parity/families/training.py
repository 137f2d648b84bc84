"""Parameters after each step of an optimizer."""

import torch
from torch import nn
from torch.nn import functional as F

from .common import case, fixed, integers, positive, real, x

def train(model, steps, loss, optimizer=torch.optim.SGD, **options):
    """Trains on one batch, from the state that is given; gives the state after each step."""

    def run(x, target, *state):
        names = [n for n in model.state_dict() if not n.endswith("num_batches_tracked")]
        model.load_state_dict(dict(zip(names, state, strict=True)), strict=False)
        optim = optimizer(model.parameters(), **options)
        after = []
        for _ in range(steps):
            optim.zero_grad()
            loss(model(x), target).backward()
            optim.step()
            after += [model.state_dict()[n].clone() for n in names]
        return after

    return run


def state(model):
    return [
        fixed(positive(*t.shape) if name.endswith("var") else real(*t.shape, low=-1, high=1))
        for name, t in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    ]


mlp = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
case(
    "train_mlp",
    train(mlp, 5, F.mse_loss, lr=0.1, momentum=0.9),
    fixed(real(4, 3)),
    fixed(real(4, 2)),
    *state(mlp),
)
case(
    "train_mlp_decay",
    train(mlp, 4, F.mse_loss, lr=0.05, momentum=0.8, dampening=0.3, weight_decay=0.1),
    fixed(real(4, 3)),
    fixed(real(4, 2)),
    *state(mlp),
)
for name, optimizer, options in (
    ("adam", torch.optim.Adam, dict(lr=0.1)),
    ("adam_betas", torch.optim.Adam, dict(lr=0.05, betas=(0.7, 0.8), eps=1e-3, weight_decay=0.1)),
    ("adam_amsgrad", torch.optim.Adam, dict(lr=0.1, betas=(0.5, 0.6), amsgrad=True)),
    ("adamw", torch.optim.AdamW, dict(lr=0.1)),
    ("adamw_decay", torch.optim.AdamW, dict(lr=0.05, weight_decay=0.3, amsgrad=True)),
):
    case(
        f"train_mlp_{name}",
        train(mlp, 5, F.mse_loss, optimizer, **options),
        fixed(real(4, 3)),
        fixed(real(4, 2)),
        *state(mlp),
    )
conv_net = nn.Sequential(
    nn.Conv2d(1, 2, 3, padding=1),
    nn.BatchNorm2d(2),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(8, 3),
).double()
case(
    "train_conv_net",
    train(conv_net, 5, F.cross_entropy, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    fixed(real(3, 1, 4, 4)),
    integers(3, below=3),
    *state(conv_net),
)
