"""Reading and writing by index, squared."""

from torch.nn import functional as F

from .common import case, cube, few, integers, mask, real, squared, values, x

case("index_number", squared(lambda x: x[1, -1]), cube)
case("index_ellipsis", squared(lambda x: x[..., 2]), cube)
case("index_none", squared(lambda x: x[:, None, 1]), cube)
case("index_tensor", squared(lambda x, i: x[i]), cube, values([1, 0, -1, 1]))
case("index_tensor_of_rank_2", squared(lambda x, i: x[:, i]), x, integers(2, 2, below=4))
case(
    "index_tensors", squared(lambda x, i, j: x[i, :, j]), cube, values([1, 0, 1]), values([3, 0, 3])
)
case(
    "index_tensors_side_by_side",
    squared(lambda x, i, j: x[:, i, j]),
    cube,
    values([[1], [0]]),
    values([3, 2]),
)
case("index_mask", squared(lambda x, m: x[m]), x, mask(3, 4))
case(
    "index_mask_of_rows",
    squared(lambda x, m: x[m, 1:]),
    real(4, 3),
    values([True, False, True, True]),
)
case("gather", squared(lambda x, i: x.gather(1, i)), x, integers(3, 5, below=4))
case("gather_dim_0", squared(lambda x, i: x.gather(0, i)), x, integers(2, 3, below=3))
case(
    "scatter_add",
    squared(lambda x, i, s: x.scatter_add(1, i, s)),
    x,
    integers(3, 5, below=4),
    real(3, 5),
)
case(
    "scatter_add_dim_0",
    squared(lambda x, i, s: x.scatter_add(0, i, s)),
    x,
    integers(2, 3, below=3),
    real(2, 3),
)
case("index_select", squared(lambda x, i: x.index_select(1, i)), cube, integers(5, below=3))
case(
    "index_add", squared(lambda x, i, s: x.index_add(0, i, s)), x, integers(5, below=3), real(5, 4)
)
case("masked_fill", squared(lambda x, m: x.masked_fill(m, 1.5)), x, mask(3, 4))
case("masked_fill_broadcast", squared(lambda x, m: x.masked_fill(m, -1.0)), x, mask(3, 1))
case("masked_select", squared(lambda x, m: x.masked_select(m)), x, mask(4))
case("nonzero", lambda x: x.nonzero(), few)
case("one_hot", lambda i: F.one_hot(i, 4), integers(2, 3, below=4))
case("tril", squared(lambda x: x.tril()), cube)
case("triu", squared(lambda x: x.triu(1)), cube)
case("tril_below", squared(lambda x: x.tril(-1)), x)

image = real(1, 2, 4, 5)
case("pad", squared(lambda x: F.pad(x, (1, 2), value=1.5)), x)
case("pad_crop", squared(lambda x: F.pad(x, (-1, 2, 1, -1))), x)
case("pad_three_dims", squared(lambda x: F.pad(x, (0, 1, 1, 0, 1, 1))), real(1, 2, 3))
case("pad_reflect", squared(lambda x: F.pad(x, (3, 1, 2, 3), mode="reflect")), image)
case("pad_replicate", squared(lambda x: F.pad(x, (3, 1, 0, 6), mode="replicate")), image)
case("pad_circular", squared(lambda x: F.pad(x, (3, 1, 4, 0), mode="circular")), image)
