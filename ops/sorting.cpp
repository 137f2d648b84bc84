#include <rewind/ops/sorting.h>

#include <limits>
#include <span>
#include <vector>

#include <rewind/autograd/traced.h>
#include <rewind/kernels/index/indexing_kernel.h>
#include <rewind/kernels/sort/sort_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduced.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

using detail::Attributes;
using kernels::Rank;

// The adjoint of taking elements by an index that names none of them twice: g at its places, and 0
// elsewhere.
Tensor put_back(const Tensor& g, const Shape& shape, int d, const Tensor& index) {
  const profile_scope scope("sort_backward");
  const Tensor y = detail::make_tensor(shape, g.dtype());
  if (y.numel() > 0) {
    if (index.numel() < y.numel()) detail::copy_into(y, zeros({}, g.dtype()));
    kernels::scatter(g.dtype(), index.shape(), d, detail::operand(g, index.shape()),
                     detail::operand(index, index.shape()), detail::operand(y, shape));
  }
  return record("sort_backward", y, {g},
                [d, index = save(index)](const Tensor& gg, Needs) -> Grads {
                  return gather(gg, d, index.get());
                });
}

// Values taken from x along dimension d, and where they stood there.
struct Taken {
  Tensor values, indices;
};

// Results for x, laid out densely in its memory order, with `size` places along d.
struct SortedPlaces {
  Tensor in;
  Taken out;
  kernels::Groups groups;
};

SortedPlaces places_for(const Tensor& x, int d, int64_t size, bool with_values = true) {
  const Strides strides = detail::dense_strides_like(x);
  SortedPlaces p{detail::laid_out(x, strides), {}, kernels::groups_along(x.shape(), strides, d)};
  Shape shape = x.shape();
  if (!shape.empty()) shape[d] = size;
  const Strides out =
      detail::dense_strides_like(detail::make_view(p.in, shape, strides, p.in.impl()->offset));
  if (with_values) p.out.values = detail::make_tensor(shape, out, x.dtype());
  p.out.indices = detail::make_tensor(shape, out, int64);
  return p;
}

int64_t* index_data(const Tensor& t) { return static_cast<int64_t*>(t.raw_data()); }

int64_t size_along(const Tensor& x, int d) { return x.dim() ? x.shape()[d] : 1; }

// Without dimension d, which has size 1.
Tensor without(const Tensor& t, int d) {
  Shape shape;
  Strides strides;
  for (int i = 0; i < t.dim(); ++i) {
    if (i == d) continue;
    shape.push_back(t.shape()[i]);
    strides.push_back(t.strides()[i]);
  }
  return Tensor(detail::make_view(t, shape, strides, t.impl()->offset));
}

// Rows of one value, as an expanded tensor has them, are in order as they are: whether those of x
// are, and then the values and their places.
bool took_constant_rows(const Tensor& x, int d, SortedPlaces& p) {
  if (x.dim() == 0 || x.shape()[d] < 2 || x.strides()[d] != 0) return false;
  Shape along = Shape::filled(x.dim(), 1);
  along[d] = x.shape()[d];
  detail::copy_into(p.out.indices, arange(along[d]).view(along));
  if (p.out.values.defined()) p.out.values = p.in;
  return true;
}

// What f(places) takes of x, `size` values along d; rows that repeat are looked at once.
template <class F>
Taken take(const Tensor& x, int d, int64_t size, bool with_values, const F& f) {
  const Tensor once = detail::without_repeats(x, d);
  if (once.shape() == x.shape()) {
    SortedPlaces p = places_for(x, d, size, with_values);
    f(p);
    return p.out;
  }
  const Taken one = take(once, d, size, with_values, f);
  Shape shape = x.shape();
  shape[d] = size;
  const auto repeated = [&](const Tensor& t) {
    if (!t.defined()) return t;
    const Tensor y = detail::make_tensor(shape, t.dtype());
    detail::copy_into(y, t);
    return y;
  };
  return {repeated(one.values), repeated(one.indices)};
}

// Puts on the tape what was taken from x, its dimension d gone if `drop`.
// `options` returns what the op went by.
template <class F>
std::pair<Tensor, Tensor> recorded(const char* op, const Tensor& x, int d, const Taken& taken,
                                   bool drop, const F& options) {
  drop = drop && x.dim() > 0;
  const auto pullback = [d, drop, shape = x.shape(), index = save(taken.indices)](
                            std::span<const Tensor> g, Needs) -> Grads {
    if (shape.empty()) return g[0];
    return put_back(drop ? g[0].unsqueeze(d) : g[0], shape, d, index.get());
  };
  std::vector<Tensor> results = {taken.values, taken.indices};
  if (drop)
    for (Tensor& t : results) t = without(t, d);
  results = record(op, std::move(results), {x}, pullback);
  detail::enter(op, {x}, results, options);
  return {results[0], results[1]};
}

Taken ordered(const Tensor& x, int d, bool descending, bool with_values) {
  return take(x, d, size_along(x, d), with_values, [&](SortedPlaces& p) {
    if (!took_constant_rows(x, d, p))
      kernels::sort(x.dtype(), p.groups, descending, p.in.raw_data(),
                    with_values ? p.out.values.raw_data() : nullptr, index_data(p.out.indices));
  });
}

}  // namespace

// dx = g, each at the position that its value had
std::pair<Tensor, Tensor> sort(const Tensor& x, int64_t dim, bool descending, bool) {
  const profile_scope scope("sort");
  const int d = detail::checked_dim("sort", x, dim);
  return recorded("sort", x, d, ordered(x, d, descending, true), false, [=] {
    return Attributes{{"dim", d}, {"descending", descending}};
  });
}

Tensor argsort(const Tensor& x, int64_t dim, bool descending, bool) {
  const profile_scope scope("argsort");
  const int d = detail::checked_dim("argsort", x, dim);
  return detail::traced("argsort", ordered(x, d, descending, false).indices, {x}, [=] {
    return Attributes{{"dim", d}, {"descending", descending}};
  });
}

Tensor msort(const Tensor& x) { return sort(x, 0).first; }

std::pair<Tensor, Tensor> topk(const Tensor& x, int64_t k, int64_t dim, bool largest, bool sorted) {
  const profile_scope scope("topk");
  detail::refuse_bool("topk", x);
  const int d = detail::checked_dim("topk", x, dim);
  check<IndexError>(k >= 0 && k <= size_along(x, d),
                    "topk: expected k in [0, {}], the size of dimension {}, got {}",
                    size_along(x, d), d, k);
  const Taken first = take(x, d, k, true, [&](const SortedPlaces& p) {
    kernels::select_first(x.dtype(), p.groups, x.dim() ? k : 1, largest, sorted, p.in.raw_data(),
                          p.out.values.raw_data(), index_data(p.out.indices));
  });
  return recorded("topk", x, d, first, false, [=] {
    return Attributes{{"dim", d}, {"k", k}, {"largest", largest}, {"sorted", sorted}};
  });
}

namespace {

std::pair<Tensor, Tensor> of_rank(const char* op, const Tensor& x, int d, Rank rank, int64_t k,
                                  bool keepdim) {
  check<IndexError>(size_along(x, d) > 0,
                    "{}: expected at least one value along dimension {}, got "
                    "shape {}",
                    op, d, x.shape());
  const Taken one = take(x, d, 1, true, [&](const SortedPlaces& p) {
    kernels::select_rank(x.dtype(), p.groups, rank, k, p.in.raw_data(), p.out.values.raw_data(),
                         index_data(p.out.indices));
  });
  return recorded(op, x, d, one, !keepdim, [=] {
    return Attributes{{"dim", d}, {"k", k}, {"keepdim", keepdim}};
  });
}

std::pair<Tensor, Tensor> median_along(const char* op, const Tensor& x, int64_t dim, Rank rank,
                                       bool keepdim) {
  const profile_scope scope(op);
  detail::refuse_bool(op, x);
  return of_rank(op, x, detail::checked_dim(op, x, dim), rank, 0, keepdim);
}

Tensor median_of_nothing(DType dtype) {
  return dispatch(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T>)
      return full({}, int64_t{std::numeric_limits<T>::min()}, dtype);
    else
      return full({}, std::numeric_limits<double>::quiet_NaN(), dtype);
  });
}

// dx = g / (number of values equal to y) where x == y
Tensor median_of_all(const char* op, const Tensor& x, Rank rank) {
  const profile_scope scope(op);
  detail::refuse_bool(op, x);
  const Tensor y = [&] {
    const no_grad guard;
    if (x.numel() == 0) return median_of_nothing(x.dtype());
    return of_rank(op, x.reshape(-1), 0, rank, 0, false).first;
  }();
  return record(op, y, {x}, [x = save(x), y = save_result(y)](const Tensor& g, Needs) -> Grads {
    const Tensor in = x.get(), value = y.get();
    const Tensor ties = (isnan(value).item<bool>() ? isnan(in) : eq(in, value)).to(g.dtype());
    return ties * (g / sum(ties));
  });
}

}  // namespace

std::pair<Tensor, Tensor> kthvalue(const Tensor& x, int64_t k, int64_t dim, bool keepdim) {
  const profile_scope scope("kthvalue");
  detail::refuse_bool("kthvalue", x);
  const int d = detail::checked_dim("kthvalue", x, dim);
  check<IndexError>(k >= 1 && k <= size_along(x, d),
                    "kthvalue: expected k in [1, {}], the size of dimension {}, got {}",
                    size_along(x, d), d, k);
  return of_rank("kthvalue", x, d, Rank::kth, k - 1, keepdim);
}

Tensor median(const Tensor& x) { return median_of_all("median", x, Rank::median); }
std::pair<Tensor, Tensor> median(const Tensor& x, int64_t dim, bool keepdim) {
  return median_along("median", x, dim, Rank::median, keepdim);
}
Tensor nanmedian(const Tensor& x) { return median_of_all("nanmedian", x, Rank::nanmedian); }
std::pair<Tensor, Tensor> nanmedian(const Tensor& x, int64_t dim, bool keepdim) {
  return median_along("nanmedian", x, dim, Rank::nanmedian, keepdim);
}

std::pair<Tensor, Tensor> mode(const Tensor& x, int64_t dim, bool keepdim) {
  const profile_scope scope("mode");
  return of_rank("mode", x, detail::checked_dim("mode", x, dim), Rank::mode, 0, keepdim);
}

}  // namespace rw
