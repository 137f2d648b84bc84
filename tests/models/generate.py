#!/usr/bin/python3
"""usage: generate.py

Writes, beside itself, what the models are held to, with PyTorch and torchvision:

keys.txt    the state of each model: `= NAME PARAMETERS`, then a line for each layer, of its path
            and its tensors with their sizes, in order
scores.txt  what each model makes of two images, in training and in evaluation mode, in float64:
            `NAME MODE SIZES: SCORES`. Weights and images are numbers of a formula (`numbers`),
            which fixtures.h has as well.
gpt.txt     both for a small GPT
"""
import math
from pathlib import Path

import numpy as np
import torch
import torchvision.models as tv
from torch import nn
from torch.nn import functional as F

folder = Path(__file__).resolve().parent


# --- The models that torchvision does not have ---------------------------------------------------


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


class CifarBlock(nn.Module):
    """As github.com/akamaster/pytorch_resnet_cifar10 has it, option A."""

    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(o)
        self.conv2 = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(o)
        self.shortcut = nn.Sequential()
        self.more = (o - i) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.more:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more, self.more))
        return F.relu(y + x)


class CifarResNet(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        i = 16
        for stage, o in enumerate((16, 32, 64)):
            blocks = [CifarBlock(i if b == 0 else o, o, 2 if b == 0 and stage else 1)
                      for b in range((depth - 2) // 6)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
            i = o
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.linear(x.mean((2, 3)))


class DoubleConv(nn.Module):
    """This and what follows as in github.com/milesial/Pytorch-UNet, bilinear=False."""

    def __init__(self, i, o):
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
            nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(i, o))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.up, self.conv = nn.ConvTranspose2d(i, o, 2, 2), DoubleConv(i, o)

    def forward(self, x, before):
        x = self.up(x)
        dy, dx = before.size(2) - x.size(2), before.size(3) - x.size(3)
        x = F.pad(x, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        return self.conv(torch.cat([before, x], 1))


class OutConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 1)

    def forward(self, x):
        return self.conv(x)


class UNet(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.inc = DoubleConv(3, width)
        for i in range(4):
            setattr(self, f"down{i + 1}", Down(width << i, width << i + 1))
        for i in range(4):
            setattr(self, f"up{i + 1}", Up(width << 4 - i, width << 3 - i))
        self.outc = OutConv(width, 2)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x4 = self.down3(x3)
        x = self.up1(self.down4(x4), x4)
        return self.outc(self.up4(self.up3(self.up2(x, x3), x2), x1))


class Generator(nn.Module):
    """This and the next as in github.com/pytorch/examples/blob/main/dcgan/main.py."""

    def __init__(self, nz=100, ngf=64, nc=3):
        super().__init__()
        layers = [nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 8),
                  nn.ReLU(True)]
        for k in (8, 4, 2):
            layers += [nn.ConvTranspose2d(ngf * k, ngf * k // 2, 4, 2, 1, bias=False),
                       nn.BatchNorm2d(ngf * k // 2), nn.ReLU(True)]
        layers += [nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, x):
        return self.main(x)


class Discriminator(nn.Module):
    def __init__(self, ndf=64, nc=3):
        super().__init__()
        layers = [nn.Conv2d(nc, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
        for k in (1, 2, 4):
            layers += [nn.Conv2d(ndf * k, ndf * k * 2, 4, 2, 1, bias=False),
                       nn.BatchNorm2d(ndf * k * 2), nn.LeakyReLU(0.2, inplace=True)]
        layers += [nn.Conv2d(ndf * 8, 1, 4, 1, 0, bias=False), nn.Sigmoid()]
        self.main = nn.Sequential(*layers)

    def forward(self, x):
        return self.main(x).view(-1, 1).squeeze(1)


class GPTBlock(nn.Module):
    """This and the next as in github.com/karpathy/nanoGPT, without dropout."""

    def __init__(self, heads, size):
        super().__init__()
        self.heads = heads
        self.ln_1 = nn.LayerNorm(size)
        self.attn = nn.ModuleDict({"c_attn": nn.Linear(size, 3 * size), "c_proj": nn.Linear(size, size)})
        self.ln_2 = nn.LayerNorm(size)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(size, 4 * size), "c_proj": nn.Linear(4 * size, size)})

    def forward(self, x):
        n, length, size = x.shape
        q, k, v = (p.view(n, length, self.heads, -1).transpose(1, 2)
                   for p in self.attn.c_attn(self.ln_1(x)).split(size, 2))
        scores = q @ k.transpose(-1, -2) / math.sqrt(size // self.heads)
        seen = torch.ones(length, length, dtype=torch.bool).tril()
        y = scores.masked_fill(~seen, -math.inf).softmax(-1) @ v
        x = x + self.attn.c_proj(y.transpose(1, 2).reshape(n, length, size))
        return x + self.mlp.c_proj(F.gelu(self.mlp.c_fc(self.ln_2(x))))


class GPT(nn.Module):
    def __init__(self, vocabulary=50, block=16, layers=3, heads=2, size=24):
        super().__init__()
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(vocabulary, size), "wpe": nn.Embedding(block, size),
            "h": nn.ModuleList(GPTBlock(heads, size) for _ in range(layers)),
            "ln_f": nn.LayerNorm(size)})
        self.lm_head = nn.Linear(size, vocabulary, bias=False)
        self.lm_head.weight = self.transformer.wte.weight

    def forward(self, tokens):
        t = self.transformer
        x = t.wte(tokens) + t.wpe(torch.arange(tokens.shape[1]))
        for block in t.h:
            x = block(x)
        return self.lm_head(t.ln_f(x))


# --- States --------------------------------------------------------------------------------------

torchvision_names = [
    "alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn",
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d",
    "wide_resnet50_2", "densenet121", "mobilenet_v2", "efficientnet_b0", "convnext_tiny", "vit_b_16"]
own = {"lenet": LeNet, **{f"resnet{d}": (lambda d=d: CifarResNet(d)) for d in (20, 32, 44, 56, 110)},
       "unet": UNet, "dcgan_generator": Generator, "dcgan_discriminator": Discriminator}


def keys(name, model):
    lines = [f"= {name} {sum(p.numel() for p in model.parameters())}"]
    before = None
    for key, tensor in model.state_dict().items():
        layer, _, last = key.rpartition(".")
        sizes = "x".join(map(str, tensor.shape)) or "-"
        if layer == before:
            lines[-1] += f" {last} {sizes}"
        else:
            lines.append(f"{layer or '.'} {last} {sizes}")
        before = layer
    return lines


# --- Scores --------------------------------------------------------------------------------------


def numbers(n, k):
    """n numbers within -1 and 1, of a sequence that goes by k."""
    h = np.arange(n, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(k * 0x9E3779B9 & 0xFFFFFFFF)
    h ^= h >> 16
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> 13
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> 16
    return (h >> 8) * 2.0**-23 - 1


def fill(model):
    """Weights by He's bounds, numbers near 1 in norms and for variances, small ones elsewhere."""
    for k, (key, t) in enumerate(model.state_dict().items()):
        if key.endswith("num_batches_tracked"):
            continue
        x = numbers(t.numel(), k + 1)
        if t.dim() > 1:
            x *= math.sqrt(6 / (t.numel() / t.shape[0]))
        elif key.endswith(("weight", "running_var")):
            x = 1 + 0.25 * x
        else:
            x *= 0.125
        t.copy_(torch.from_numpy(x.astype(np.float32)).view(t.shape))


def images(shape):
    return torch.from_numpy(numbers(math.prod(shape), 0)).view(shape)


few = {"num_classes": 10}
image = (2, 3, 64, 64)
score_cases = {
    "alexnet": (lambda: tv.alexnet(dropout=0, **few), image),
    "vgg11": (lambda: tv.vgg11(dropout=0, **few), (2, 3, 32, 32)),
    "vgg16_bn": (lambda: tv.vgg16_bn(dropout=0, **few), (2, 3, 64, 64)),
    **{name: (lambda name=name: getattr(tv, name)(**few), image)
       for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
                    "resnext50_32x4d", "wide_resnet50_2", "densenet121")},
    "mobilenet_v2": (lambda: tv.mobilenet_v2(dropout=0, **few), image),
    "mobilenet_v2_1.4": (lambda: tv.mobilenet_v2(dropout=0, width_mult=1.4, **few), image),
    "efficientnet_b0": (lambda: tv.efficientnet_b0(dropout=0, stochastic_depth_prob=0, **few), image),
    "convnext_tiny": (lambda: tv.convnext_tiny(stochastic_depth_prob=0, **few), image),
    "vit_b_16": (lambda: tv.vit_b_16(image_size=64, **few), image),
    "small_vit": (lambda: tv.VisionTransformer(64, 8, 3, 4, 64, 96, **few), image),
    "lenet": (LeNet, (2, 1, 28, 28)),
    "resnet20": (lambda: CifarResNet(20), (2, 3, 32, 32)),
    "resnet110": (lambda: CifarResNet(110), (2, 3, 32, 32)),
    "unet_4": (lambda: UNet(4), (2, 3, 37, 50)),
    "dcgan_generator_4": (lambda: Generator(10, 4), (2, 10, 1, 1)),
    "dcgan_discriminator_4": (lambda: Discriminator(4), (2, 3, 64, 64)),
}


def scores(name, make, shape):
    lines = []
    for mode in ("train", "eval"):
        model = make()
        fill(model)
        y = model.double().train(mode == "train")(images(shape))
        flat = y.flatten()[: 512]  # of pixels the first
        lines.append(f"{name} {mode} {'x'.join(map(str, shape))}: " + " ".join(f"{v:.9g}" for v in flat))
    return lines


def write_gpt():
    """What a small GPT makes of tokens that are numbered (7 i) % 50."""
    model = GPT()
    fill(model)
    y = model.double()((7 * torch.arange(24) % 50).view(2, 12))
    lines = keys("gpt", model) + [" ".join(f"{v:.9g}" for v in y.flatten())]
    (folder / "gpt.txt").write_text("\n".join(lines) + "\n")


with torch.no_grad(), torch.device("cpu"):
    lines = []
    for name in torchvision_names:
        with torch.device("meta"):
            lines += keys(name, getattr(tv, name)())
    for name, make in own.items():
        lines += keys(name, make())
    (folder / "keys.txt").write_text("\n".join(lines) + "\n")
    lines = []
    for name, (make, shape) in score_cases.items():
        lines += scores(name, make, shape)
    (folder / "scores.txt").write_text("\n".join(lines) + "\n")
    write_gpt()
