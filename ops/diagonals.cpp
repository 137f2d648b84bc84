#include <rewind/ops/diagonals.h>

#include <algorithm>
#include <cstdlib>

#include <rewind/autograd/inplace.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/rearranging.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/leaf.h>
#include <rewind/tensor/number.h>
#include <rewind/tensor/wide.h>

namespace rw {

using namespace detail;

// --- Matrices with a diagonal -------------------------------------------------------------------

Tensor diag(const Tensor& x, int64_t diagonal) {
  check_defined("diag", x);
  check<ShapeError>(x.dim() == 1 || x.dim() == 2,
                    "diag: expected a vector or a matrix, got shape {}", x.shape());
  return x.dim() == 1 ? diag_embed(x, diagonal) : x.diagonal(diagonal).clone();
}

Tensor diag_embed(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  const profile_scope scope("diag_embed");
  check_defined("diag_embed", x);
  check<ShapeError>(x.dim() >= 1, "diag_embed: expected at least 1 dimension");
  const int a = normalize_dim(dim1, x.dim() + 1, "diag_embed");
  const int b = normalize_dim(dim2, x.dim() + 1, "diag_embed");
  check<ShapeError>(a != b, "diag_embed: expected two different dimensions, got {} and {}", dim1,
                    dim2);
  const Wide beside = offset < 0 ? -Wide{offset} : Wide{offset};
  const int64_t n = to_size("diag_embed", x.shape().back() + beside, "a dimension");
  Shape shape = x.shape();
  shape.erase(x.dim() - 1);
  shape.insert(std::min(a, b), n);
  shape.insert(std::max(a, b), n);
  check_allocatable("diag_embed", shape, x.dtype());
  const Tensor out = zeros(shape, x.dtype());
  {
    const no_grad guard;
    copy_into(out.diagonal(offset, a, b), x);
  }
  return record("diag_embed", out, {x}, [offset, a, b](const Tensor& g, Needs) -> Grads {
    return g.diagonal(offset, a, b);
  });
}

Tensor diagflat(const Tensor& x, int64_t offset) {
  check_defined("diagflat", x);
  return diag_embed(x.reshape(-1), offset);
}

Tensor trace(const Tensor& x) {
  refuse_bool("trace", x);
  check<ShapeError>(x.dim() == 2, "trace: expected a matrix, got shape {}", x.shape());
  return sum(x.diagonal());
}

namespace {

// The place of each matrix in block_diag's result.
Tensor block_at(const Tensor& whole, const Shape& block, int64_t row, int64_t column) {
  return whole.narrow(0, row, block[0]).narrow(1, column, block[1]);
}

}  // namespace

Tensor block_diag(const std::vector<Tensor>& tensors) {
  const profile_scope scope("block_diag");
  check_all_defined("block_diag", tensors);
  std::vector<Tensor> blocks;
  Wide rows = 0, columns = 0;
  DType dtype = boolean;
  for (size_t i = 0; i < tensors.size(); ++i) {
    check<ShapeError>(tensors[i].dim() <= 2, "block_diag: expected matrices, got shape {}",
                      tensors[i].shape());
    blocks.push_back(atleast_2d(tensors[i]));
    dtype = i == 0 ? tensors[i].dtype() : promote_types(dtype, tensors[i].dtype());
    rows += blocks[i].shape()[0];
    columns += blocks[i].shape()[1];
  }
  const Shape shape = {to_size("block_diag", rows, "a dimension"),
                       to_size("block_diag", columns, "a dimension")};
  check_allocatable("block_diag", shape, dtype);
  const Tensor out = zeros(shape, dtype);
  std::vector<Shape> shapes;
  int64_t row = 0, column = 0;
  {
    const no_grad guard;
    for (const Tensor& block : blocks) {
      copy_into(block_at(out, block.shape(), row, column), block);
      shapes.push_back(block.shape());
      row += block.shape()[0];
      column += block.shape()[1];
    }
  }
  return record("block_diag", out, blocks,
                [shapes = std::move(shapes)](const Tensor& g, Needs needs) -> Grads {
                  std::vector<Tensor> grads(shapes.size());
                  int64_t r = 0, c = 0;
                  for (size_t i = 0; i < shapes.size(); ++i) {
                    if (needs[i]) grads[i] = block_at(g, shapes[i], r, c);
                    r += shapes[i][0];
                    c += shapes[i][1];
                  }
                  return grads;
                });
}

// --- Triangles ----------------------------------------------------------------------------------

namespace {

// How many elements there are in the first `columns` columns where row i has i + first of them,
// from 0 to all, for `rows` rows.
Wide triangle_count(Wide rows, Wide columns, Wide first) {
  const auto up_to = [&](Wide last) {  // of rows that have 1, 2, … last elements
    const Wide growing = std::clamp(last, Wide{0}, columns);
    return growing * (growing + 1) / 2 + std::max(last - columns, Wide{0}) * columns;
  };
  return up_to(rows - 1 + first) - up_to(first - 1);
}

// Columns [begin(row), end(row)) of each row, which are `count` elements. Rows without any come
// before `first` and from `last` on.
template <class Begin, class End>
Tensor triangle_indices(const char* op, Wide count, Wide first, Wide last, Begin begin, End end,
                        const TensorOptions& options) {
  const DType dtype = chosen_dtype(op, options, int64);
  check<DTypeError>(dtype == int64 || dtype == int32, "{}: expected int64 or int32, got {}", op,
                    dtype);
  const Shape shape = {2, to_size(op, count, "a result")};
  check_allocatable(op, shape, int64);
  Tensor out = empty(shape, int64);
  auto *row = out.data<int64_t>(), *column = row + shape[1];
  if (count == 0) return out.to(dtype);
  for (auto i = static_cast<int64_t>(first); i < last; ++i)
    for (int64_t j = begin(i), stop = end(i); j < stop; ++j) {
      *row++ = i;
      *column++ = j;
    }
  return out.to(dtype);
}

void check_sizes(const char* op, int64_t rows, int64_t columns) {
  constexpr int64_t most = int64_t{1} << 48;
  check<ShapeError>(rows >= 0 && columns >= 0 && rows < most && columns < most,
                    "{}: expected sizes of a matrix, got {} and {}", op, rows, columns);
}

// i + offset, within [0, n].
int64_t column_at(int64_t i, int64_t offset, int64_t n) {
  return static_cast<int64_t>(std::clamp(Wide{i} + offset, Wide{0}, Wide{n}));
}

}  // namespace

Tensor tril_indices(int64_t row, int64_t col, int64_t offset, const TensorOptions& options) {
  check_sizes("tril_indices", row, col);
  return triangle_indices(
      "tril_indices", triangle_count(row, col, Wide{offset} + 1), std::max(-Wide{offset}, Wide{0}),
      row, [](int64_t) { return int64_t{0}; },
      [=](int64_t i) { return column_at(i + 1, offset, col); }, options);
}

// All but the triangle below.
Tensor triu_indices(int64_t row, int64_t col, int64_t offset, const TensorOptions& options) {
  check_sizes("triu_indices", row, col);
  return triangle_indices(
      "triu_indices", Wide{row} * col - triangle_count(row, col, offset), 0,
      std::min(Wide{row}, Wide{col} - offset), [=](int64_t i) { return column_at(i, offset, col); },
      [=](int64_t) { return col; }, options);
}

// --- Others -------------------------------------------------------------------------------------

Tensor vander(const Tensor& x, std::optional<int64_t> n, bool increasing) {
  check_defined("vander", x);
  check<ShapeError>(x.dim() == 1, "vander: expected a vector, got shape {}", x.shape());
  const int64_t columns = n.value_or(x.numel());
  check(columns >= 0, "vander: expected n >= 0, got {}", columns);
  const Tensor base = x.to(promote_types(x.dtype(), int64)).unsqueeze(1);
  const Tensor exponents = increasing || columns == 0 ? arange(columns, base.dtype())
                                                      : arange(columns - 1, -1, -1, base.dtype());
  return pow(base, exponents);
}

void detail::fill_diagonal_in_place(Tensor& x, Scalar value, bool wrap) {
  check_defined("fill_diagonal_", x);
  check<ShapeError>(x.dim() >= 2, "fill_diagonal_: expected at least 2 dimensions, got shape {}",
                    x.shape());
  int64_t least = x.shape()[0];
  for (const int64_t n : x.shape()) {
    check<ShapeError>(x.dim() == 2 || n == least,
                      "fill_diagonal_: expected equal sizes beyond 2 dimensions, got shape {}",
                      x.shape());
    least = std::min(least, n);
  }
  const Tensor v = number("fill_diagonal_", value, x.dtype());
  check_inplace("fill_diagonal_", x, {x});
  int64_t step = 0;
  for (const int64_t s : x.strides()) step += s;
  const int64_t rows = x.shape()[0], columns = x.dim() == 2 ? x.shape()[1] : least;
  const bool in_rows = x.dim() == 2 && x.strides()[0] == columns * x.strides()[1];
  // A row is left out before a diagonal begins again: where rows follow one another in memory, the
  // last step of each diagonal is as long as the others.
  if (wrap && in_rows && columns > 0 && rows > columns) {
    const int64_t n = (rows * columns + columns) / (columns + 1);
    copy_into(make_view(x, n, step, x.impl()->offset), v);
  } else
    for (int64_t row = 0; row < rows && columns > 0; row += columns + 1) {
      const int64_t n = std::min(columns, rows - row);
      copy_into(make_view(x, n, step, x.impl()->offset + row * x.strides()[0]), v);
      if (!wrap || x.dim() > 2) break;
    }
  record_inplace("fill_diagonal_", x, {x}, [wrap](const Tensor& g, Needs) -> Grads {
    Tensor dx = g.clone();
    fill_diagonal_in_place(dx, 0, wrap);
    return dx;
  });
}

}  // namespace rw
