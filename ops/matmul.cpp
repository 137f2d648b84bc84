#include <rewind/ops/matmul.h>

#include <optional>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/record.h>
#include <rewind/autograd/traced.h>
#include <rewind/kernels/matmul/dots.h>
#include <rewind/kernels/matmul/gemm.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/onednn/matmul_primitive.h>
#include <rewind/onednn/support.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/wide.h>

namespace rw {

namespace {

// --- Over plain memory --------------------------------------------------------------------------

template <class F>
void dispatch_product(DType dtype, F&& f) {
  dispatch_among<float, BFloat16, Float16, double, int64_t>(dtype, f);
}

// From this many multiplications on, oneDNN's threads (float32) and bfloat16 instructions win over
// our kernel, which has no call to pay for. Measured with oneDNN 2.6.3 on two threads with AVX-512.
// With float32 vectors it was never faster.
constexpr int64_t onednn_from_float32 = 1 << 20, onednn_from_bfloat16 = 1 << 17;

template <class T>
bool onednn_is_faster(const kernels::Gemm<T>& g) {
  const int64_t multiplications = g.m * g.n * g.k;
  if constexpr (std::is_same_v<T, float>)
    return multiplications >= onednn_from_float32 && g.m > 1 && g.n > 1;
  if constexpr (std::is_same_v<T, BFloat16>) return multiplications >= onednn_from_bfloat16;
  return false;
}

template <class T>
onednn::Matrices batch_of(const kernels::Matrix<T>& m, Strides batch) {
  batch.push_back(m.row);
  batch.push_back(m.column);
  return {const_cast<T*>(m.data), batch};
}

// Columns times rows: each result is a product of two numbers.
template <class T>
void multiply_outer(const kernels::Gemm<T>& g, const kernels::Batch& batch) {
  Shape shape = batch.shape;
  shape.push_back(g.m);
  shape.push_back(g.n);
  Strides a = batch.a, b = batch.b;
  a.push_back(g.a.row);
  a.push_back(0);
  b.push_back(0);
  b.push_back(g.b.column);
  kernels::binary(kernels::BinaryOp::mul, {}, dtype_of<T>, shape, {const_cast<T*>(g.a.data), a},
                  {const_cast<T*>(g.b.data), b}, {g.c, contiguous_strides(shape)});
}

template <class T>
void multiply(const kernels::Gemm<T>& g, const kernels::Batch& batch = {}) {
  check<ShapeError>(detail::countable({batch.shape.numel(), g.m, g.n, g.k}),
                    "matmul: {} products of {}x{} and {}x{} matrices take more than 2^60 "
                    "multiplications",
                    batch.shape.numel(), g.m, g.k, g.k, g.n);
  if (g.k == 1 && !g.bias) return multiply_outer(g, batch);
  if (g.m == 1 && g.n == 1 && !g.bias && batch.shape.rank() == 1) {
    detail::report_implementation("own kernel");
    return kernels::dots<T>(batch.shape[0], g.k, {g.a.data, batch.a[0], g.a.column},
                            {g.b.data, batch.b[0], g.b.row}, g.c);
  }
  const bool by_onednn = onednn_is_faster(g) && batch.shape.numel() > 0 &&
                         onednn::supports(dtype_of<T>) &&
                         onednn::takes_batch(batch.shape, batch.a, batch.b) &&
                         onednn::takes_matrix(g.m, g.k, g.a.row, g.a.column) &&
                         onednn::takes_matrix(g.k, g.n, g.b.row, g.b.column);
  if (!by_onednn) {
    detail::report_implementation("own kernel");
    return kernels::gemm(g, batch);
  }
  Shape c_shape = batch.shape;
  c_shape.push_back(g.m);
  c_shape.push_back(g.n);
  onednn::matmul(dtype_of<T>, {batch.shape, g.m, g.n, g.k}, batch_of(g.a, batch.a),
                 batch_of(g.b, batch.b), {g.c, contiguous_strides(c_shape)}, {.bias = g.bias});
}

// A tensor's last two dimensions as a matrix, or its transpose.
struct Operand {
  const Tensor& tensor;
  bool transposed;

  int row() const { return tensor.dim() - (transposed ? 1 : 2); }
  int column() const { return tensor.dim() - (transposed ? 2 : 1); }
  int64_t rows() const { return tensor.shape()[row()]; }
  int64_t columns() const { return tensor.shape()[column()]; }
  template <class T>
  kernels::Matrix<T> matrix() const {
    return {tensor.data<T>(), tensor.strides()[row()], tensor.strides()[column()]};
  }
};

// A copy where oneDNN would not take a tensor's matrices as they lie, such as expanded gradients:
// large products are worth it.
Tensor as_onednn_takes(const Tensor& t, int64_t multiplications) {
  if (multiplications < onednn_from_float32 || t.dim() < 2) return t;
  if (t.dtype() != float32 && t.dtype() != bfloat16) return t;
  if (onednn::takes_matrix(t.size(-2), t.size(-1), t.stride(-2), t.stride(-1))) return t;
  Tensor once = t;  // a matrix that is repeated is copied once
  for (int d = 0; d < t.dim() - 2; ++d)
    if (t.strides()[d] == 0 && t.shape()[d] > 1) once = once.narrow(d, 0, 1);
  return once.contiguous().expand(t.shape());
}

Shape without_last(const Shape& shape, int count) {
  return {shape.data(), static_cast<size_t>(shape.rank() - count)};
}

// The distance between the rows that all dimensions but the last make up, as if they were one;
// nothing where the distances differ.
std::optional<int64_t> row_stride(const Tensor& t) {
  int64_t rows = 1, stride = 0;
  for (int d = t.dim() - 2; d >= 0; --d) {
    if (t.shape()[d] == 1) continue;
    if (rows == 1) stride = t.strides()[d];
    if (t.strides()[d] != stride * rows) return {};
    rows *= t.shape()[d];
  }
  return stride;
}

// x [..., k] times the matrix in y, plus bias.
Tensor multiply_rows(const Tensor& x, const Operand& y, const Tensor& bias) {
  const no_grad guard;
  const int64_t multiplications = x.numel() * y.columns();
  const Tensor rows = as_onednn_takes(x, multiplications);
  const Tensor matrix = as_onednn_takes(y.tensor, multiplications);
  const Operand b = {matrix, y.transposed};
  const std::optional<int64_t> stride = row_stride(rows);
  const Tensor a = stride ? rows : rows.contiguous();
  const Tensor added = bias.defined() ? bias.contiguous() : Tensor();
  Shape shape = a.shape();
  const int64_t m = without_last(shape, 1).numel(), k = shape.back(), n = b.columns();
  shape[shape.rank() - 1] = n;
  Tensor c = detail::make_tensor(shape, a.dtype());
  dispatch_product(a.dtype(), [&]<class T>() {
    const kernels::Matrix<T> all_rows = {a.data<T>(), stride.value_or(k), a.strides().back()};
    const T* const added_data = added.defined() ? added.data<T>() : nullptr;
    multiply<T>({m, n, k, all_rows, b.matrix<T>(), added_data, c.data<T>(), n});
  });
  return c;
}

// Strides of the batch dimensions of `t`, broadcast to `shape`.
Strides batch_strides(const Tensor& t, const Shape& shape) {
  Strides strides = Strides::filled(shape.rank(), 0);
  const int missing = shape.rank() - (t.dim() - 2);
  for (int d = missing; d < shape.rank(); ++d)
    if (t.shape()[d - missing] != 1) strides[d] = t.strides()[d - missing];
  return strides;
}

// What oneDNN takes, and the keys of its primitives have room for.
constexpr int max_batch_rank = 6;

Tensor multiply_batch(const Operand& x, const Operand& y);

// With one dimension for all of `batch`, to which both broadcast.
Tensor multiply_batch_as_one(const Operand& a, const Operand& b, Shape batch) {
  const no_grad guard;
  const auto as_one = [&](const Tensor& t) {
    const int64_t rows = t.size(-2), columns = t.size(-1);
    Shape whole = batch;
    whole.push_back(rows);
    whole.push_back(columns);
    return t.expand(whole).reshape({batch.numel(), rows, columns});
  };
  const Tensor x = as_one(a.tensor), y = as_one(b.tensor);
  batch.push_back(a.rows());
  batch.push_back(b.columns());
  return multiply_batch({x, a.transposed}, {y, b.transposed}).view(batch);
}

// Matrices times matrices, one by one.
Tensor multiply_batch(const Operand& x, const Operand& y) {
  const no_grad guard;
  Shape shape =
      broadcast_shapes(without_last(x.tensor.shape(), 2), without_last(y.tensor.shape(), 2),
                       "matmul: before the last two dimensions");
  if (shape.rank() > max_batch_rank) return multiply_batch_as_one(x, y, shape);
  const int64_t multiplications = x.rows() * x.columns() * y.columns();
  const Tensor left = as_onednn_takes(x.tensor, multiplications);
  const Tensor right = as_onednn_takes(y.tensor, multiplications);
  const Operand a = {left, x.transposed}, b = {right, y.transposed};
  const kernels::Batch batch = {shape, batch_strides(a.tensor, shape),
                                batch_strides(b.tensor, shape)};
  const int64_t m = a.rows(), n = b.columns(), k = a.columns();
  shape.push_back(m);
  shape.push_back(n);
  Tensor c = detail::make_tensor(shape, a.tensor.dtype());
  dispatch_product(c.dtype(), [&]<class T>() {
    multiply<T>({m, n, k, a.matrix<T>(), b.matrix<T>(), nullptr, c.data<T>(), n}, batch);
  });
  return c;
}

// --- On the tape --------------------------------------------------------------------------------

// [..., n] as a matrix of n columns; differentiable.
Tensor fold(const Tensor& t) {
  if (t.dim() == 2) return t;
  return t.reshape({without_last(t.shape(), 1).numel(), t.shape().back()});
}

// c = a b + bias. Either matrix may be meant transposed: its transpose need not go on the tape for
// that, nor in the pullback, which is made of such products again:
//   da = g b^T, db = a^T g, dbias = g
// or the transpose of these for a transposed operand. When b is a matrix, `a` may be a vector or
// any number of dimensions of rows. The engine sums the gradients of what was broadcast.
Tensor product(const char* name, const Tensor& a, bool a_transposed, const Tensor& b,
               bool b_transposed, const Tensor& bias = {}) {
  // Integers wrap around, so that those of int64 have the lower bits of all others.
  if (const DType dtype = a.dtype(); is_integer(dtype) && dtype != int64)
    return product(name, a.to(int64), a_transposed, b.to(int64), b_transposed).to(dtype);
  const profile_scope scope(name);
  const bool rows = b.dim() == 2 && !a_transposed;
  Tensor c = rows ? multiply_rows(a, {b, b_transposed}, bias)
                  : multiply_batch({a, a_transposed}, {b, b_transposed});
  return detail::traced(
      name,
      record(name, std::move(c), {a, b, bias},
             [saved_a = save_for(b, a), saved_b = save_for(a, b), name, rows, a_transposed,
              b_transposed](const Tensor& g, Needs needs) -> Grads {
               Tensor da, db;
               if (needs[0])
                 da = a_transposed ? product(name, saved_b.get(), b_transposed, g, true)
                                   : product(name, g, false, saved_b.get(), !b_transposed);
               if (needs[1]) {
                 const Tensor x = rows ? fold(saved_a.get()) : saved_a.get(),
                              gx = rows ? fold(g) : g;
                 db = b_transposed ? product(name, gx, true, x, a_transposed)
                                   : product(name, x, !a_transposed, gx, false);
               }
               return {da, db, needs[2] ? g : Tensor()};
             }),
      {a, b, bias}, [=] {
        return detail::Attributes{{"a_transposed", a_transposed}, {"b_transposed", b_transposed}};
      });
}

// --- Arguments ----------------------------------------------------------------------------------

void check_operands(const char* op, const Tensor& a, const Tensor& b) {
  check(a.defined() && b.defined(), "{}: the {} tensor is undefined", op,
        a.defined() ? "second" : "first");
  check<DTypeError>(a.dtype() == b.dtype(), "{}: expected tensors of one dtype, got {} and {}", op,
                    a.dtype(), b.dtype());
  check<DTypeError>(a.dtype() != boolean, "{}: expected floating or integer tensors, got {}", op,
                    a.dtype());
}

void check_inner(const char* op, const Tensor& a, const Tensor& b) {
  const bool vector = b.dim() == 1;
  const int64_t k = a.shape().back(), rows = b.shape()[vector ? 0 : b.dim() - 2];
  check<ShapeError>(k == rows,
                    "{}: shapes {} and {} do not fit: expected the last dimension of the first "
                    "({}) to equal the {} of the second ({})",
                    op, a.shape(), b.shape(), k, vector ? "only one" : "second to last", rows);
}

void check_rank(const char* op, const Tensor& a, const Tensor& b, int rank) {
  check<ShapeError>(a.dim() == rank && b.dim() == rank,
                    "{}: expected two tensors of rank {}, got shapes {} and {}", op, rank,
                    a.shape(), b.shape());
}

void check_linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check(x.defined() && weight.defined(), "linear: the {} is undefined",
        x.defined() ? "weight" : "input");
  check<DTypeError>(
      x.dtype() != boolean && x.dtype() == weight.dtype(),
      "linear: expected a floating or integer input and weight of one dtype, got {} and {}",
      x.dtype(), weight.dtype());
  check<ShapeError>(weight.dim() == 2, "linear: expected a weight of shape [out, in], got {}",
                    weight.shape());
  const int64_t in = weight.shape()[1], out = weight.shape()[0];
  check<ShapeError>(x.dim() >= 1 && x.shape().back() == in,
                    "linear: expected an input of {} features (weight is {}), got shape {}", in,
                    weight.shape(), x.shape());
  if (!bias.defined()) return;
  check<DTypeError>(bias.dtype() == x.dtype(), "linear: expected a bias of dtype {}, got {}",
                    x.dtype(), bias.dtype());
  check<ShapeError>(bias.dim() == 1 && bias.shape()[0] == out,
                    "linear: expected a bias of shape [{}] (weight is {}), got {}", out,
                    weight.shape(), bias.shape());
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  if (detail::must_lower(a, b)) return matmul(detail::lowered(a), detail::lowered(b));
  check_operands("matmul", a, b);
  check<ShapeError>(a.dim() >= 1 && b.dim() >= 1,
                    "matmul: expected tensors of rank 1 or more, got shapes {} and {}", a.shape(),
                    b.shape());
  check_inner("matmul", a, b);
  if (b.dim() == 1) {
    if (a.dim() == 2) return product("matmul", b, false, a, true);
    return product("matmul", a, false, b.unsqueeze(1), false).squeeze(-1);
  }
  if (a.dim() == 1 && b.dim() > 2)
    return product("matmul", a.unsqueeze(0), false, b, false).squeeze(-2);
  return product("matmul", a, false, b, false);
}

Tensor mm(const Tensor& a, const Tensor& b) {
  if (detail::must_lower(a, b)) return mm(detail::lowered(a), detail::lowered(b));
  check_operands("mm", a, b);
  check_rank("mm", a, b, 2);
  check_inner("mm", a, b);
  return product("mm", a, false, b, false);
}

Tensor bmm(const Tensor& a, const Tensor& b) {
  if (detail::must_lower(a, b)) return bmm(detail::lowered(a), detail::lowered(b));
  check_operands("bmm", a, b);
  check_rank("bmm", a, b, 3);
  check_inner("bmm", a, b);
  check<ShapeError>(a.shape()[0] == b.shape()[0],
                    "bmm: expected batches of one size, got shapes {} and {}", a.shape(),
                    b.shape());
  return product("bmm", a, false, b, false);
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (detail::must_lower(x, weight, bias))
    return linear(detail::lowered(x), detail::lowered(weight), detail::lowered(bias));
  check_linear(x, weight, bias);
  if (!x.is_floating_point()) {
    const Tensor y = product("linear", x, false, weight, true);
    return bias.defined() ? y + bias : y;
  }
  return product("linear", x, false, weight, true, bias);
}

}  // namespace rw
