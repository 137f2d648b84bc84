# Prints the histograms of PyTorch's torch.utils.tensorboard for tensorboard_test.cpp. The package
# tensorboard is not needed: only the function that counts is taken out of the source.
import re
import types

import numpy as np
import torch

path = torch.__path__[0] + "/utils/tensorboard/summary.py"
source = open(path).read()
function = re.search(r"^def make_histogram\(.*?(?=^def )", source, re.S | re.M).group()
names = {"np": np, "HistogramProto": lambda **k: types.SimpleNamespace(**k)}
exec(function, names)

writer = open(torch.__path__[0] + "/utils/tensorboard/writer.py").read()
v, buckets, neg = 1e-12, [], []
assert "v = 1e-12" in writer and "while v < 1e20:" in writer and "v *= 1.1" in writer
while v < 1e20:
    buckets.append(v)
    neg.append(-v)
    v *= 1.1
bins = neg[::-1] + [0] + buckets

for values in ([-2.0, -0.5, 0.0, 0.0, 1e-13, 0.75], [0.0], [5.0, 5.5, 5.5], [-1e-12, 1e-12],
               [1e25, 1.0]):
    h = names["make_histogram"](np.array(values), bins)
    numbers = [h.min, h.max, h.num, h.sum, h.sum_squares]
    first, last = 0, len(h.bucket)
    print("{", values, [float(x) for x in numbers], len(h.bucket_limit),
          [float(h.bucket_limit[0]), float(h.bucket_limit[-1])],
          {i: float(b) for i, b in enumerate(h.bucket) if b})
