# Prints what tests/data/sampler_test.cpp and combine_test.cpp expect of PyTorch.
import torch
from torch.utils.data import DistributedSampler, random_split

for n, replicas, rank, drop in [(10, 3, 0, 0), (10, 3, 1, 0), (10, 3, 2, 0), (10, 3, 2, 1),
                                (9, 3, 1, 1), (2, 5, 4, 0), (2, 5, 3, 0), (2, 5, 1, 1)]:
    s = DistributedSampler(range(n), replicas, rank, shuffle=False, drop_last=bool(drop))
    print(n, replicas, rank, drop, list(s))
for n, parts in [(10, [.33, .33, .34]), (11, [.5, .25, .25]), (11, [1., 0.])]:
    print(n, parts, [len(p) for p in random_split(range(n), parts)])
