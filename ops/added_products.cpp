#include <rewind/autograd/autocast.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/product_parts.h>
#include <rewind/ops/products.h>
#include <rewind/tensor/factories.h>

// beta * input + alpha * a product.

namespace rw {

using namespace detail;

namespace {

struct Factors {
  Scalar beta, alpha;
};

bool is_one(Scalar s) { return s.to_double() == 1; }

// Before the product is computed: of this shape it is going to be.
void check_added(const char* op, const Tensor& input, const Tensor& a, const Shape& shape) {
  check(input.defined(), "{}: the input is undefined", op);
  check<DTypeError>(input.dtype() == a.dtype(), "{}: expected tensors of one dtype, got {} and {}",
                    op, input.dtype(), a.dtype());
  check<ShapeError>(
      input.dim() <= shape.rank() && broadcast_shapes(input.shape(), shape, op) == shape,
      "{}: an input of shape {} does not broadcast to the product, {}", op, input.shape(), shape);
}

// As PyTorch, which cuts factors of integers to whole numbers.
Scalar fitted(Scalar factor, DType dtype) {
  return is_floating(dtype) || !factor.is_floating() ? factor
                                                     : static_cast<int64_t>(factor.to_double());
}

Tensor added(const Tensor& input, Tensor product, Factors by) {
  by = {fitted(by.beta, product.dtype()), fitted(by.alpha, product.dtype())};
  if (!is_one(by.alpha)) product = std::move(product) * by.alpha;
  if (by.beta.to_double() == 0) return product;
  return is_one(by.beta) ? std::move(product) + input : add(product, input, by.beta);
}

}  // namespace

Tensor addmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  check_ranks("addmm", a, 2, b, 2);
  if (must_lower(input, a, b)) return addmm(lowered(input), lowered(a), lowered(b), beta, alpha);
  check_added("addmm", input, a, {a.size(0), b.size(1)});
  const bool is_bias = input.dim() == 1 && input.size(0) == b.size(1) && is_one(beta) &&
                       is_one(alpha) && a.is_floating_point() && a.dtype() == b.dtype() &&
                       a.size(1) == b.size(0);
  return is_bias ? linear(a, b.t(), input) : added(input, mm(a, b), {beta, alpha});
}

Tensor addmv(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  check_ranks("addmv", a, 2, b, 1);
  check_added("addmv", input, a, a.size(0));
  return added(input, matmul(a, b), {beta, alpha});
}

Tensor addr(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  check_ranks("addr", a, 1, b, 1);
  check_added("addr", input, a, {a.size(0), b.size(0)});
  check<DTypeError>(a.is_floating_point() || (!beta.is_floating() && !alpha.is_floating()),
                    "addr: expected whole numbers beta and alpha for tensors of {}", a.dtype());
  if (a.dtype() != boolean) return added(input, outer(a, b), {beta, alpha});
  const auto part = [](const Tensor& x, Scalar factor) {
    return x & full({}, factor.to_double() != 0, boolean);
  };
  return part(outer(a, b), alpha) | part(input, beta);
}

// The sum over the batch is one over longer rows and columns.
Tensor addbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  check_ranks("addbmm", a, 3, b, 3);
  if (must_lower(input, a, b)) return addbmm(lowered(input), lowered(a), lowered(b), beta, alpha);
  check<ShapeError>(a.size(0) == b.size(0) && a.size(2) == b.size(1),
                    "addbmm: shapes {} and {} do not fit", a.shape(), b.shape());
  const int64_t rows = a.size(1), columns = b.size(2), k = a.size(0) * a.size(2);
  check_added("addbmm", input, a, {rows, columns});
  const Tensor product = mm(a.transpose(0, 1).reshape({rows, k}), b.reshape({k, columns}));
  return added(input, product, {beta, alpha});
}

Tensor baddbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  check_ranks("baddbmm", a, 3, b, 3);
  if (must_lower(input, a, b)) return baddbmm(lowered(input), lowered(a), lowered(b), beta, alpha);
  check_added("baddbmm", input, a, {a.size(0), a.size(1), b.size(2)});
  return added(input, bmm(a, b), {beta, alpha});
}

}  // namespace rw
