"""Exports modules of PyTorch to ONNX, each with inputs and results: exports.py small FOLDER, or
exports.py models FOLDER, networks of torchvision, with gradients.

The files in tests/onnx/files are the small ones, written by PyTorch 2.14."""
import inspect
import pathlib
import warnings

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from tensors import command, save_file, weighted

warnings.filterwarnings("ignore")


class Function(nn.Module):
    def __init__(self, f, of=None):
        super().__init__()
        self.f, self.of = f, of

    def forward(self, *inputs):
        return self.f(*inputs)


class Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=8)
        self.up = nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1)
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu6(self.norm(self.conv(x))), 3, 2, 1)
        x = F.hardswish(self.depthwise(x)) * torch.sigmoid(x)
        x = F.avg_pool2d(F.leaky_relu(self.up(x)), 2, ceil_mode=True)
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 5, bidirectional=True, batch_first=True)

    def forward(self, tokens):
        x, (h, c) = self.lstm(self.tokens(tokens))
        return x, h, c


class GRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(6, 4)
        self.rnn = nn.RNN(4, 3, nonlinearity="relu")

    def forward(self, x, h):
        x, state = self.gru(x, h)
        return self.rnn(x)[0], state


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.wide, self.narrow = nn.Linear(8, 16), nn.Linear(16, 8)

    def forward(self, x):
        y = self.norm(x)
        y, weights = self.attention(y, y, y)
        return x + self.narrow(F.dropout(F.gelu(self.wide(x + y)), training=self.training)), weights


def shapes(x):
    n, c, h, w = x.shape
    y = x.view(n, c * h, w).transpose(1, 2)
    a, b = y.chunk(2, dim=2)
    z = torch.cat([a, b[:, :, 1:], torch.zeros(n, w, 1)], dim=-1)
    z = F.pad(z[:, ::2, :-1], (1, 2, 0, 1), value=0.5)
    return z.flip(1).unsqueeze(0).expand(2, -1, -1, -1).mean(dim=(0, 2)), z.argmax(1), z.std(2)


def indices(x, i):
    y = x.gather(1, i) + x[:, i[0]]
    values, places = y.topk(2, dim=1)
    z = torch.zeros_like(x).scatter(1, i, y)
    mask = torch.ones(4, 4).tril()
    w = x.clone()
    w[:, 1:3] = values
    return (values, places, z.cumsum(1), (x @ mask).where(x > 0, w), F.one_hot(i, 6),
            torch.einsum("ij,kj->ik", x, w))


def resized(x):
    return (F.interpolate(x, scale_factor=2), F.interpolate(x, size=(7, 9), mode="bilinear"),
            F.interpolate(x, scale_factor=1.5, mode="bicubic", align_corners=True),
            F.pixel_shuffle(x, 2), F.interpolate(x, size=(3, 4), mode="nearest"))


def functions(x):
    return (F.gelu(x), F.softplus(x), F.selu(x), F.celu(x, 0.7), F.elu(x), F.mish(x),
            F.log_softmax(x, 1), torch.logsumexp(x, 1), x.norm(dim=1), x.clamp(min=-1),
            torch.round(x) % 3, x.pow(3) / x.exp().add(1).sqrt(), x.abs().sum(1).log(),
            F.layer_norm(x, (6,)), x.prod(1), (x > 0) & ~(x > 1), x.amax(0), F.hardsigmoid(x),
            F.group_norm(x.view(2, 2, 6), 2), F.instance_norm(x.view(2, 2, 6)))


def small_cases():
    torch.manual_seed(0)
    image, rows = torch.randn(2, 3, 16, 18), torch.randn(4, 6)
    return {
        "convolutions": (Convolutions(), (image,), 13),
        "lstm": (LSTM(), (torch.randint(0, 11, (3, 5)),), 17),
        "gru": (GRU(), (torch.randn(5, 3, 6), torch.randn(1, 3, 4)), 15),
        "transformer": (Transformer(), (torch.randn(2, 5, 8),), 17),
        "block": (torchvision.models.resnet.BasicBlock(6, 6), (torch.randn(2, 6, 7, 7),), 11),
        "inverted": (torchvision.models.mobilenetv3.InvertedResidual(
            torchvision.models.mobilenetv3.InvertedResidualConfig(8, 3, 16, 8, True, "HS", 1, 1, 1),
            nn.BatchNorm2d), (torch.randn(2, 8, 7, 7),), 14),
        "shapes": (Function(shapes), (torch.randn(2, 3, 4, 6),), 16),
        "shapes_11": (Function(shapes), (torch.randn(2, 3, 4, 6),), 11),
        "indices": (Function(indices), (torch.rand(3, 4) - 0.5, torch.tensor([[0, 2], [3, 1], [2, 0]])),
                    17),
        "resized": (Function(resized), (torch.randn(2, 4, 4, 5),), 13),
        "functions": (Function(functions), (rows,), 18),
        "functions_12": (Function(functions), (rows,), 12),
    }


# Networks of torchvision, and the size of pictures that does for each.
MODELS = {"alexnet": 224, "convnext_tiny": 64, "deeplabv3_mobilenet_v3_large": 48,
          "densenet121": 64, "efficientnet_b0": 64, "googlenet": 64, "mnasnet0_5": 64,
          "mobilenet_v2": 64, "mobilenet_v3_small": 64, "regnet_y_400mf": 64, "resnet18": 64,
          "shufflenet_v2_x1_0": 64, "squeezenet1_1": 64, "swin_t": 64, "vgg11_bn": 224,
          "vit_b_16": 32, "wide_resnet50_2": 64}


def model(name, size):
    options = {"image_size": size} if name == "vit_b_16" else {}
    if name == "googlenet":
        options = {"aux_logits": False, "init_weights": True}
    if name.startswith("deeplab"):
        options = {"weights_backbone": None}
    module = (torchvision.models.segmentation if name.startswith("deeplab")
              else torchvision.models)
    parts = getattr(module, name)(weights=None, **options)
    net = Function(lambda x: parts(x)["out"], parts) if name.startswith("deeplab") else parts
    settle(net, torch.randn(8, 3, size, size))
    return net


def settle(net, images):
    """Draws numbers such that no part does nothing. Statistics are about those of the images: with
    others, signals fade on their way through a deep network, and all images get the same scores."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    with torch.no_grad():
        for key, p in net.named_parameters():
            if p.dim() == 1:
                p.add_(torch.randn_like(p) * 0.1)
            elif "layer_scale" in key or not p.any():
                p.normal_(0, 0.2)
            elif not norms:
                p.mul_(2)
        for m in norms:
            m.momentum = 1
        net.train()(images)
        net.eval()
        for m in norms:
            m.running_mean.add_(torch.randn_like(m.running_mean) * 0.3 * m.running_var.sqrt())
            # No channel is enlarged by far, as then rounding would be too.
            m.running_var.mul_(torch.rand_like(m.running_var) + 0.5)
            m.running_var.add_(m.running_var.mean() * 0.25)


def export(folder, name, model, inputs, opset):
    model.eval()
    # The fast path of attention has no form in ONNX.
    if hasattr(torch.backends, "mha"):
        torch.backends.mha.set_fastpath_enabled(False)
    for m in model.modules():
        if isinstance(m, nn.MultiheadAttention) and not hasattr(torch.backends, "mha"):
            m.training = True  # without dropout, all that this changes is the path
    names = [f"input{i}" for i in range(len(inputs))]
    path = pathlib.Path(folder) / f"{name}.onnx"
    options = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(model, inputs, str(path), opset_version=opset, input_names=names,
                      dynamic_axes={names[0]: {0: "batch"}}, do_constant_folding=False,
                      training=torch.onnx.TrainingMode.PRESERVE, **options)
    return path


def save(path, inputs, results, gradients=()):
    tensors = {f"input{i}": x.detach().contiguous() for i, x in enumerate(inputs)}
    tensors |= {f"result{i}": y.detach().contiguous() for i, y in enumerate(results)}
    tensors |= {f"gradient{i}": g.contiguous() for i, g in enumerate(gradients)}
    save_file(tensors, str(path.with_suffix(".safetensors")))
    print(path.stem, path.stat().st_size, path.with_suffix(".safetensors").stat().st_size)


def small(folder):
    # PyTorch 1.13 knows 17, but not how a LayerNormalization without weights is written.
    newest = 16 if torch.__version__ < "2" else 18
    for name, (model, inputs, opset) in small_cases().items():
        for m in model.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.running_mean.normal_(0, 0.3)
                m.running_var.uniform_(0.5, 1.5)
        path = export(folder, name, model, inputs, min(opset, newest))
        with torch.no_grad():
            results = model(*inputs)
        save(path, inputs, (results,) if isinstance(results, torch.Tensor) else results)


def models(folder):
    torch.manual_seed(0)
    for name, size in MODELS.items():
        net, x = model(name, size), torch.randn(2, 3, size, size)
        path = export(folder, name, net, (x,), 17)
        results = (net(x),)
        other = net(torch.randn_like(x))
        change = (other - results[0]).abs().max() / results[0].abs().max()
        assert change > 0.01, f"{name}: results of two inputs differ by {change} only"
        # In float64, as in float32 whether a ReLU lets its gradient pass can depend on a last bit.
        x64 = x.double().requires_grad_()
        weighted((net.double()(x64),)).backward()
        save(path, (x,), results, (x64.grad,))


command(small=small, models=models)
