"""Views and joined tensors, squared."""

import torch

from .common import case, cube, fixed, integers, real, squared, values, x, y

case("reshape", squared(lambda x: x.reshape(4, -1)), cube)
case("flatten", squared(lambda x: x.flatten(1)), cube)
case("unflatten", squared(lambda x: x.unflatten(-1, (2, 2))), cube)
case("transpose", squared(lambda x: x.transpose(0, -1)), cube)
case("t", squared(lambda x: x.t()), x)
case("permute", squared(lambda x: x.permute(2, 0, 1)), cube)
case("permute_reshape", squared(lambda x: x.permute(2, 0, 1).reshape(8, 3)), cube)
case("expand", squared(lambda x: x.expand(2, 3, -1)), real(3, 1))
case("squeeze", squared(lambda x: x.squeeze()), real(1, 3, 1, 2))
case("squeeze_dim", squared(lambda x: x.squeeze(2)), real(1, 3, 1, 2))
case("unsqueeze", squared(lambda x: x.unsqueeze(-2)), x)
case("select", squared(lambda x: x.select(1, -1)), cube)
case("slice", squared(lambda x: x[:, 1:, 0:4:2]), cube)
case("slice_beyond", squared(lambda x: x[:, -2:100]), cube)
case("narrow", squared(lambda x: x.narrow(2, 1, 2)), cube)
case("split", squared(lambda x: x.split(3, 2)), cube)
case("split_sizes", squared(lambda x: x.split([1, 3], -1)), cube)
case("chunk", squared(lambda x: x.chunk(3, -1)), real(2, 7))
case("unbind", squared(lambda x: x.unbind(1)), cube)
case("diagonal", squared(lambda x: x.diagonal()), x)
case("diagonal_dims", squared(lambda x: x.diagonal(1, 1, 2)), cube)
case("cat", squared(lambda a, b: torch.cat([a, b])), real(2, 3), real(1, 3))
case(
    "cat_dim", squared(lambda a, b, c: torch.cat([a, b, c], -1)), real(2, 1), real(2, 3), real(2, 2)
)
case("cat_of_int_and_double", lambda a, b: torch.cat([a, b]), integers(2, below=9), real(2))
case("stack", squared(lambda a, b: torch.stack([a, b])), x, y)
case("stack_last", squared(lambda a, b: torch.stack([a, b], -1)), x, y)
case("to_float32_and_back", lambda x: x.square().to(torch.float32).to(torch.float64), x)
case("double_to_int", lambda x: x.to(torch.int64), fixed(values([-1.75, -0.5, 0.5, 2.9])))
