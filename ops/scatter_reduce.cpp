#include <cmath>
#include <limits>
#include <type_traits>

#include <rewind/autograd/record.h>
#include <rewind/kernels/index/indexing_kernel.h>
#include <rewind/ops/index_parts.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/scatter_parts.h>
#include <rewind/ops/scattering.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>

namespace rw {

using namespace detail;

namespace {

struct Joining {
  const char* op;
  int d;
  Reduce reduce;
  bool include_self;
};

// --- Values -------------------------------------------------------------------------------------

// What does not change the result when it is joined.
Scalar neutral(Reduce reduce, DType dtype) {
  if (reduce == Reduce::prod) return 1;
  if (reduce != Reduce::amax && reduce != Reduce::amin) return 0;
  const bool greatest = reduce == Reduce::amin;
  return dispatch(dtype, [&]<class T>() -> Scalar {
    if constexpr (std::is_same_v<T, bool>)
      return greatest;
    else if constexpr (std::is_integral_v<T>)
      return static_cast<int64_t>(greatest ? std::numeric_limits<T>::max()
                                           : std::numeric_limits<T>::min());
    else
      return greatest ? HUGE_VAL : -HUGE_VAL;
  });
}

BinaryOp joined_by(Reduce reduce) {
  if (reduce == Reduce::prod) return BinaryOp::mul;
  return reduce == Reduce::amax ? BinaryOp::maximum : BinaryOp::minimum;
}

// How many values went into each place of `shape`, at least 1.
Tensor counts(const Joining& j, const Shape& shape, const Tensor& index, DType dtype) {
  Tensor n = full(shape, 1, dtype);
  if (!j.include_self) put_at(n, j.d, index, zeros({}, dtype));
  n = add_at(n, j.d, index, ones({}, dtype).expand(index.shape()));
  return j.include_self ? n : clamp_min(n, 1);
}

// sums / n, towards minus infinity.
Tensor whole_quotient(const Tensor& sums, const Tensor& n) {
  const Tensor a = sums.to(int64).contiguous();
  const auto* by = n.data<const int64_t>();
  auto* value = static_cast<int64_t*>(a.raw_data());
  for (int64_t i = 0; i < a.numel(); ++i) {
    const int64_t rest = value[i] % by[i];
    value[i] = value[i] / by[i] - (rest < 0);
  }
  return a.to(sums.dtype());
}

// Sums and products of bool are those of whether there is any, or are all.
Tensor joined_bool(Joining j, const Tensor& x, const Tensor& index, const Tensor& src);

Tensor joined_values(const Joining& j, const Tensor& x, const Tensor& index, const Tensor& src) {
  const no_grad guard;
  if (x.dtype() == boolean) return joined_bool(j, x, index, src);
  const DType wide = compute_dtype(x.dtype());
  Tensor y = wide == x.dtype() ? x.clone() : x.to(wide);
  if (!j.include_self) put_at(y, j.d, index, full({}, neutral(j.reduce, wide), wide));
  const Tensor values = src.to(wide);
  if (j.reduce == Reduce::sum || j.reduce == Reduce::mean)
    y = add_at(y, j.d, index, values);
  else
    kernels::scatter_join(wide, joined_by(j.reduce), index.shape(), j.d,
                          operand(values, index.shape()), operand(index, index.shape()),
                          operand(y, y.shape()));
  if (j.reduce == Reduce::mean)
    y = is_floating(wide) ? y / counts(j, y.shape(), index, wide)
                          : whole_quotient(y, counts(j, y.shape(), index, int64));
  return y.to(x.dtype());
}

Tensor joined_bool(Joining j, const Tensor& x, const Tensor& index, const Tensor& src) {
  check<DTypeError>(j.reduce != Reduce::mean, "{}: not defined for the mean of bool", j.op);
  if (j.reduce == Reduce::sum) j.reduce = Reduce::amax;
  if (j.reduce == Reduce::prod) j.reduce = Reduce::amin;
  return joined_values(j, x.to(uint8), index, src.to(uint8)).to(boolean);
}

// --- Gradients ----------------------------------------------------------------------------------

Tensor joined(const Joining& j, const Tensor& x, const Tensor& index, const Tensor& src);

Tensor at_index(const Tensor& t, const Joining& j, const Tensor& index) {
  return gather_checked("gather", t, j.d, index);
}

// Where the value is zero the product of the others can't be had by division: it is computed with a
// one in place of a single zero. Of several zeros for one place each has a zero beside it.
Grads prod_gradients(const Joining& j, const Tensor& g, Needs needs, const Tensor& x,
                     const Tensor& index, const Tensor& src, const Tensor& result) {
  Tensor dx, dsrc;
  if (needs[0]) {
    const Tensor others = masked_fill(x, eq(x.detach(), 0), 1);
    dx = g * joined(j, others, index, src) / others;
  }
  if (needs[1]) {
    const Tensor zero = eq(src.detach(), 0);
    const Tensor zeros_there = add_at(zeros(x.shape(), int64), j.d, index, zero.to(int64));
    const Tensor alone = logical_and(zero, eq(at_index(zeros_there, j, index), 1));
    const Tensor without = joined(j, x, index, masked_fill(src, alone, 1));
    dsrc = where(alone, at_index(g * without, j, index),
                 at_index(g * result, j, index) / masked_fill(src, zero, 1));
  }
  return {dx, dsrc};
}

// Equal ones share.
Grads extreme_gradients(const Joining& j, const Tensor& g, Needs needs, const Tensor& x,
                        const Tensor& index, const Tensor& src, const Tensor& result) {
  const Tensor extreme = result.detach();
  const Tensor of_x = eq(x.detach(), extreme).to(g.dtype());
  const Tensor of_src = eq(src.detach(), at_index(extreme, j, index)).to(g.dtype());
  if (!j.include_self) put_at(of_x, j.d, index, zeros({}, g.dtype()));
  const Tensor share = g / clamp_min(add_at(of_x.clone(), j.d, index, of_src), 1);
  return {needs[0] ? of_x * share : Tensor(),
          needs[1] ? of_src * at_index(share, j, index) : Tensor()};
}

Grads sum_gradients(const Joining& j, const Tensor& g, Needs needs, const Tensor& index) {
  const Tensor share =
      j.reduce == Reduce::mean ? g / counts(j, g.shape(), index, compute_dtype(g.dtype())) : g;
  return {share, needs[1] ? at_index(share, j, index) : Tensor()};
}

// The values that x has at the index do not count without include_self.
Tensor joined(const Joining& j, const Tensor& x, const Tensor& index, const Tensor& src) {
  const profile_scope scope(j.op);
  const Tensor out = joined_values(j, x, index, src);
  const auto without_self = [j](Grads grads, Needs needs, const Tensor& at) {
    if (needs[0] && !j.include_self) grads[0] = cleared(grads[0], j.d, at);
    return grads;
  };
  if (j.reduce == Reduce::sum || j.reduce == Reduce::mean)
    return record(j.op, out, {x, src},
                  [=, index = save(index)](const Tensor& g, Needs needs) -> Grads {
                    const Tensor at = index.get();
                    return without_self(sum_gradients(j, g, needs, at), needs, at);
                  });
  const auto gradients = j.reduce == Reduce::prod ? prod_gradients : extreme_gradients;
  return record(j.op, out, {x, src},
                [=, index = save(index), x = save(x), src = save(src), result = save_result(out)](
                    const Tensor& g, Needs needs) -> Grads {
                  const Tensor at = index.get();
                  return without_self(gradients(j, g, needs, x.get(), at, src.get(), result.get()),
                                      needs, at);
                });
}

Tensor joined(const Joining& j, const Tensor& x, const Places& p) {
  if (x.dim() == 0) return joined(j, x.reshape(1), p.index, p.src).reshape({});
  return joined(j, x, p.index, p.src);
}

}  // namespace

Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                      Reduce reduce, bool include_self) {
  const Places p = places_of("scatter_reduce", x, dim, index, &src);
  return joined({"scatter_reduce", p.d, reduce, include_self}, x, p);
}

Tensor index_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source,
                    Reduce reduce, bool include_self) {
  check(reduce != Reduce::sum, "index_reduce: expected another Reduce than sum; use index_add");
  const Places p = slices_of("index_reduce", x, dim, index, &source);
  return joined({"index_reduce", p.d, reduce, include_self}, x, p);
}

}  // namespace rw
