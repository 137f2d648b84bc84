#include <rewind/ops/products.h>

#include <algorithm>

#include <rewind/autograd/record.h>
#include <rewind/kernels/pointwise/cross_kernel.h>
#include <rewind/ops/linalg.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/product_parts.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/wide.h>

namespace rw {

using namespace detail;

void detail::check_ranks(const char* op, const Tensor& a, int a_rank, const Tensor& b, int b_rank) {
  check_defined(op, a, b);
  check<ShapeError>(a.dim() == a_rank && b.dim() == b_rank,
                    "{}: expected tensors of rank {} and {}, got shapes {} and {}", op, a_rank,
                    b_rank, a.shape(), b.shape());
}

// --- Vectors ------------------------------------------------------------------------------------

namespace {

Tensor scalar_product(const char* op, const Tensor& a, const Tensor& b) {
  check_ranks(op, a, 1, b, 1);
  check<ShapeError>(a.numel() == b.numel(), "{}: expected vectors of one size, got {} and {}", op,
                    a.shape(), b.shape());
  return matmul(a, b);
}

Tensor outer_product(const char* op, const Tensor& a, const Tensor& b) {
  check_ranks(op, a, 1, b, 1);
  return mul(a.unsqueeze(1), b);
}

}  // namespace

Tensor dot(const Tensor& a, const Tensor& b) { return scalar_product("dot", a, b); }
Tensor vdot(const Tensor& a, const Tensor& b) { return scalar_product("vdot", a, b); }
Tensor outer(const Tensor& a, const Tensor& b) { return outer_product("outer", a, b); }
Tensor ger(const Tensor& a, const Tensor& b) { return outer_product("ger", a, b); }

Tensor mv(const Tensor& matrix, const Tensor& vector) {
  check_ranks("mv", matrix, 2, vector, 1);
  return matmul(matrix, vector);
}

Tensor inner(const Tensor& a, const Tensor& b) {
  check_defined("inner", a, b);
  if (a.dim() == 0 || b.dim() == 0) return mul(a, b);
  check<ShapeError>(a.shape().back() == b.shape().back(),
                    "inner: expected last dimensions of one size, got shapes {} and {}", a.shape(),
                    b.shape());
  if (a.dim() == 1 && b.dim() == 1) return matmul(a, b);
  return tensordot(a, b, {-1}, {-1});
}

// da = b x g, db = g x a
Tensor linalg::cross(const Tensor& a, const Tensor& b, int64_t dim) {
  const profile_scope scope("cross");
  check_defined("cross", a, b);
  check<ShapeError>(a.dim() == b.dim(), "cross: expected tensors of one rank, got shapes {} and {}",
                    a.shape(), b.shape());
  const int d = normalize_dim(dim, a.dim(), "cross");
  check<ShapeError>(a.dim() > 0 && a.shape()[d] == 3 && b.shape()[d] == 3,
                    "cross: expected 3 elements along dimension {}, got shapes {} and {}", d,
                    a.shape(), b.shape());
  check<DTypeError>(a.dtype() == b.dtype() && a.dtype() != boolean,
                    "cross: expected tensors of one dtype other than bool, got {} and {}",
                    a.dtype(), b.dtype());
  const Shape shape = broadcast_shapes(a.shape(), b.shape(), "cross");
  const Tensor out = empty_for("cross", a, b, a.dtype());
  kernels::cross(a.dtype(), shape, d, operand(a, shape), operand(b, shape), operand(out, shape));
  return record("cross", out, {a, b},
                [x = save_for(b, a), y = save_for(a, b), d](const Tensor& g, Needs needs) -> Grads {
                  return {needs[0] ? linalg::cross(y.get(), g, d) : Tensor(),
                          needs[1] ? linalg::cross(g, x.get(), d) : Tensor()};
                });
}

Tensor cross(const Tensor& a, const Tensor& b, std::optional<int64_t> dim) {
  check_defined("cross", a, b);
  if (dim) return linalg::cross(a, b, *dim);
  const Shape shape = broadcast_shapes(a.shape(), b.shape(), "cross");
  const auto* const three = std::find(shape.begin(), shape.end(), 3);
  check<ShapeError>(three != shape.end(), "cross: no dimension of shape {} has size 3", shape);
  return linalg::cross(a, b, three - shape.begin());
}

// --- Tensors ------------------------------------------------------------------------------------

namespace {

Dims without(const Dims& dims, int rank) {
  Dims rest;
  for (int d = 0; d < rank; ++d)
    if (std::find(dims.begin(), dims.end(), d) == dims.end()) rest.push_back(d);
  return rest;
}

Dims joined(Dims a, const Dims& b) {
  for (const int64_t d : b) a.push_back(d);
  return a;
}

int64_t numel_of(const Shape& shape, const Dims& dims) {
  int64_t n = 1;
  for (const int64_t d : dims) n *= shape[static_cast<int>(d)];
  return n;
}

Dims normalized(const Tensor& t, Dims dims) {
  for (int i = 0; i < dims.rank(); ++i) {
    const int d = normalize_dim(dims[i], t.dim(), "tensordot");
    check<ShapeError>(t.dim() > 0, "tensordot: a tensor of rank 0 has no dimension to contract");
    for (int k = 0; k < i; ++k)
      check<ShapeError>(dims[k] != d, "tensordot: dimension {} appears twice in {}", d, dims);
    dims[i] = d;
  }
  return dims;
}

}  // namespace

Tensor tensordot(const Tensor& a, const Tensor& b, const Dims& dims_a, const Dims& dims_b) {
  check_defined("tensordot", a, b);
  check<ShapeError>(dims_a.rank() == dims_b.rank(),
                    "tensordot: expected as many dimensions of both, got {} and {}", dims_a,
                    dims_b);
  const Dims of_a = normalized(a, dims_a), of_b = normalized(b, dims_b);
  Tensor x = a, y = b;
  for (int i = 0; i < of_a.rank(); ++i) {
    const auto m = static_cast<int>(of_a[i]), n = static_cast<int>(of_b[i]);
    const int64_t in_a = a.shape()[m], in_b = b.shape()[n];
    check<ShapeError>(in_a == in_b || in_a == 1 || in_b == 1,
                      "tensordot: sizes {} and {} of dimensions {} and {} do not fit, of shapes "
                      "{} and {}",
                      in_a, in_b, m, n, a.shape(), b.shape());
    if (in_b == 1 && in_a != 1) x = sum(x, m, true, x.dtype());
    if (in_a == 1 && in_b != 1) y = sum(y, n, true, y.dtype());
  }
  const Dims free_a = without(of_a, a.dim()), free_b = without(of_b, b.dim());
  const int64_t k = numel_of(x.shape(), of_a);
  Shape shape;
  for (const int64_t d : free_a) shape.push_back(a.shape()[static_cast<int>(d)]);
  for (const int64_t d : free_b) shape.push_back(b.shape()[static_cast<int>(d)]);
  x = x.permute(joined(free_a, of_a)).reshape({numel_of(a.shape(), free_a), k});
  y = y.permute(joined(of_b, free_b)).reshape({k, numel_of(b.shape(), free_b)});
  return mm(x, y).view(shape);
}

Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims) {
  check_defined("tensordot", a, b);
  check<ShapeError>(0 <= dims && dims <= std::min(a.dim(), b.dim()),
                    "tensordot: {} dimensions can't be contracted of shapes {} and {}", dims,
                    a.shape(), b.shape());
  Dims last, first;
  for (int64_t i = 0; i < dims; ++i) {
    last.push_back(a.dim() - dims + i);
    first.push_back(i);
  }
  return tensordot(a, b, last, first);
}

Tensor kron(const Tensor& a, const Tensor& b) {
  check_defined("kron", a, b);
  const int rank = std::max(a.dim(), b.dim());
  check<ShapeError>(2 * rank <= Shape::max_rank,
                    "kron: expected at most {} dimensions, got shapes {} and {}",
                    Shape::max_rank / 2, a.shape(), b.shape());
  Shape of_a, of_b, shape;
  for (int d = 0; d < rank; ++d) {
    const int in_a = d - (rank - a.dim()), in_b = d - (rank - b.dim());
    const int64_t m = in_a < 0 ? 1 : a.shape()[in_a], n = in_b < 0 ? 1 : b.shape()[in_b];
    for (const int64_t size : {m, int64_t{1}}) of_a.push_back(size);
    for (const int64_t size : {int64_t{1}, n}) of_b.push_back(size);
    shape.push_back(to_size("kron", Wide{m} * n, "a dimension"));
  }
  return mul(a.reshape(of_a), b.reshape(of_b)).reshape(shape);
}

// Row by row x1 W, for all outputs at once, and then times x2.
Tensor bilinear(const Tensor& x1, const Tensor& x2, const Tensor& weight, const Tensor& bias) {
  check_defined("bilinear", x1, x2);
  check(weight.defined(), "bilinear: the weight is undefined");
  check<ShapeError>(weight.dim() == 3,
                    "bilinear: expected a weight of shape [out, in1, in2], got {}", weight.shape());
  check<ShapeError>(x1.dim() >= 1 && x1.dim() == x2.dim(),
                    "bilinear: expected inputs of one rank, got shapes {} and {}", x1.shape(),
                    x2.shape());
  const int64_t out = weight.size(0), in1 = weight.size(1), in2 = weight.size(2);
  Shape shape = x1.shape(), other = x2.shape();
  check<ShapeError>(shape.back() == in1 && other.back() == in2,
                    "bilinear: expected inputs of {} and {} features (weight is {}), got shapes {} "
                    "and {}",
                    in1, in2, weight.shape(), x1.shape(), x2.shape());
  shape[x1.dim() - 1] = other[x1.dim() - 1] = out;
  check<ShapeError>(shape == other, "bilinear: shapes {} and {} differ before the last dimension",
                    x1.shape(), x2.shape());
  refuse_bool("bilinear", x1);
  check<ShapeError>(!bias.defined() || bias.shape() == Shape(out),
                    "bilinear: expected a bias of shape [{}], got {}", out,
                    bias.defined() ? bias.shape() : Shape());
  Shape leading = x1.shape();
  leading.erase(x1.dim() - 1);
  const int64_t rows = leading.numel();
  const Tensor by_first =
      mm(x1.reshape({rows, in1}), weight.permute({1, 0, 2}).reshape({in1, out * in2}));
  const Tensor y = bmm(by_first.view({rows, out, in2}), x2.reshape({rows, in2, 1})).view(shape);
  return bias.defined() ? add(y, bias) : y;
}

Tensor chain_matmul(const std::vector<Tensor>& matrices) {
  check_all_defined("chain_matmul", matrices);
  for (const Tensor& m : matrices)
    check<ShapeError>(m.dim() == 2, "chain_matmul: expected matrices, got shape {}", m.shape());
  return matrices.size() == 1 ? matrices[0] : linalg::multi_dot(matrices);
}

}  // namespace rw
