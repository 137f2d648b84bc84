#include <rewind/ops/searching.h>

#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/kernels/sort/search_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/scan.h>
#include <rewind/ops/sorting.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/profile_scope.h>

namespace rw {
namespace {

// Things one after another, elements of a vector or rows of a matrix, and where they were before.
struct Sequence {
  Tensor things;
  Tensor order;  // undefined where they are in their places
};

// Which things differ from the one before; the first one does.
Tensor begins_run(const Tensor& things) {
  const int64_t n = things.shape()[0];
  if (n == 0) return zeros({0}, boolean);
  Tensor differs = ne(things.narrow(0, 1, n - 1), things.narrow(0, 0, n - 1));
  if (differs.dim() > 1) differs = any(differs, 1);
  return cat({ones({1}, boolean), differs}, 0);
}

// One of each run of equal things. `inverse` has a place for each thing, in their first order.
Unique runs_of(const Sequence& s, const UniqueOptions& o) {
  const Tensor begins = begins_run(s.things);
  Tensor starts;
  Unique y;
  if (!o.return_counts && s.things.dim() == 1) {
    y.output = masked_select(s.things, begins);
  } else {
    starts = detail::nonzero_positions(begins);
    y.output = index_select(s.things, 0, starts);
  }
  if (o.return_counts) {
    const Tensor ends = cat({starts, full({1}, s.things.shape()[0], int64)}, 0);
    y.counts = starts.numel() ? ends.narrow(0, 1, starts.numel()) - starts : starts;
  }
  if (o.return_inverse) {
    const Tensor run = cumsum(begins, 0) - 1;
    y.inverse_indices = s.order.defined() ? empty_like(run) : run;
    if (s.order.defined()) y.inverse_indices.index_put_({s.order}, run);
  }
  return y;
}

// Slices along dimension d as rows.
Tensor as_rows(const Tensor& x, int d) {
  return x.movedim(d, 0).contiguous().reshape({x.shape()[d], -1});
}

// Runs of slices along the dimension that is asked for.
template <class F>
Unique of_slices(const char* op, const Tensor& x, const UniqueOptions& o, const F& sequence) {
  const int d = normalize_dim(*o.dim, x.dim(), op);
  check<IndexError>(x.dim() > 0, "{}: expected a tensor with dimensions, got one of rank 0", op);
  for (int i = 0; i < x.dim(); ++i)
    check<ShapeError>(x.shape()[i] > 0 || (i == d && x.numel() == 0),
                      "{}: expected slices that are not empty, got shape {}", op, x.shape());
  if (x.shape()[d] == 0) {
    const Tensor none = zeros({0}, int64);
    return {x.clone(), o.return_inverse ? none : Tensor(), o.return_counts ? none : Tensor()};
  }
  Unique y = runs_of(sequence(as_rows(x, d)), o);
  Shape shape = x.movedim(d, 0).shape();
  shape[0] = y.output.shape()[0];
  y.output = y.output.reshape(shape).movedim(0, d).contiguous();
  return y;
}

Unique of_elements(const Sequence& s, const Shape& shape, const UniqueOptions& o) {
  Unique y = runs_of(s, o);
  if (o.return_inverse) y.inverse_indices = y.inverse_indices.reshape(shape);
  return y;
}

// Of truth values there are two: how many are true says it all.
Unique of_truths(const Tensor& x, const UniqueOptions& o) {
  const int64_t yes = sum(x).item<int64_t>(), no = x.numel() - yes;
  const int64_t first = no > 0 ? 0 : 1, count = (no > 0) + (yes > 0);
  const auto present = [&](const Tensor& both) { return both.narrow(0, first, count).clone(); };
  Unique y;
  y.output = present(arange(2).to(boolean));
  if (o.return_counts) y.counts = present(from(std::vector<int64_t>{no, yes}));
  if (o.return_inverse) y.inverse_indices = x.contiguous().to(int64) - first;
  return y;
}

}  // namespace

Unique unique(const Tensor& input, const UniqueOptions& o) {
  const profile_scope scope("unique");
  detail::check_defined("unique", input);
  const no_grad guard;
  const Tensor x = input.detach();
  if (!o.dim && x.dtype() == boolean && x.numel() > 0) return of_truths(x, o);
  if (!o.dim) {
    const auto [values, order] = sort(x.reshape(-1));
    return of_elements({values, order}, x.shape(), o);
  }
  return of_slices("unique", x, o, [](const Tensor& rows) -> Sequence {
    const Tensor order = empty({rows.shape()[0]}, int64);
    kernels::order_rows(rows.dtype(), rows.shape()[0], rows.shape()[1], rows.raw_data(),
                        static_cast<int64_t*>(order.raw_data()));
    return {index_select(rows, 0, order), order};
  });
}

Unique unique_consecutive(const Tensor& input, const UniqueOptions& o) {
  const profile_scope scope("unique_consecutive");
  detail::check_defined("unique_consecutive", input);
  const no_grad guard;
  const Tensor x = input.detach();
  if (!o.dim) return of_elements({x.reshape(-1), {}}, x.shape(), o);
  return of_slices("unique_consecutive", x, o, [](const Tensor& rows) -> Sequence {
    return {rows, {}};
  });
}

}  // namespace rw
