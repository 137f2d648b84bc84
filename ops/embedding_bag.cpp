#include <rewind/ops/embedding_bag.h>

#include <algorithm>

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/record.h>
#include <rewind/autograd/sparse_grad.h>
#include <rewind/kernels/index/add_rows.h>
#include <rewind/ops/argument_checks.h>
#include <rewind/ops/embedding_parts.h>
#include <rewind/ops/index_parts.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/searching.h>
#include <rewind/tensor/factories.h>

namespace rw {

using namespace detail;

namespace {

constexpr const char* op = "embedding_bag";

// --- Arguments ----------------------------------------------------------------------------------

void check_weight(const Tensor& input, const Tensor& weight, const EmbeddingBagFuncOptions& o) {
  check_table(op, input, weight, o.padding_idx);
  check_floating(op, weight, "weight");
  check(o.mode != BagMode::max || (!o.scale_grad_by_freq && !o.sparse),
        "{}: expected neither scale_grad_by_freq nor sparse with BagMode::max", op);
  if (o.sparse) check_sparse(op, weight, o.scale_grad_by_freq);
}

void check_sample_weights(const Tensor& input, const Tensor& weight, const Tensor& each,
                          BagMode mode) {
  if (!each.defined()) return;
  check(mode == BagMode::sum, "{}: expected per_sample_weights with BagMode::sum alone", op);
  check<ShapeError>(each.shape() == input.shape(),
                    "{}: expected per_sample_weights of the input's shape {}, got {}", op,
                    input.shape(), each.shape());
  check<DTypeError>(each.dtype() == weight.dtype(),
                    "{}: expected per_sample_weights of {}, as the weight, got {}", op,
                    weight.dtype(), each.dtype());
}

// Where bags begin, and at last the number of indices: int64 of one more than there are bags.
std::vector<int64_t> bounds(const Tensor& input, const Tensor& offsets, bool includes_last) {
  const int64_t n = input.numel();
  if (input.dim() == 2) {
    check(!offsets.defined(),
          "{}: expected no offsets for an input of two dimensions, whose rows are the bags", op);
    std::vector<int64_t> first;
    for (int64_t k = 0; k <= input.size(0); ++k) first.push_back(k * input.size(1));
    return first;
  }
  check<ShapeError>(input.dim() == 1, "{}: expected a vector or a matrix of indices, got shape {}",
                    op, input.shape());
  check(offsets.defined(), "{}: expected offsets for a vector of indices", op);
  check<DTypeError>(offsets.dtype() == input.dtype(),
                    "{}: expected offsets of {}, as the input, got {}", op, input.dtype(),
                    offsets.dtype());
  check<ShapeError>(offsets.dim() == 1 && (!includes_last || offsets.numel() > 0),
                    "{}: expected a vector of offsets{}, got shape {}", op,
                    includes_last ? ", one at least with include_last_offset" : "",
                    offsets.shape());
  std::vector<int64_t> first = offsets.to(int64).to_vector<int64_t>();
  check(first.empty() ? n == 0 : first[0] == 0, "{}: expected offsets that begin with 0", op);
  check(std::is_sorted(first.begin(), first.end()), "{}: expected offsets that do not descend", op);
  if (!includes_last) first.push_back(std::max(n, first.empty() ? n : first.back()));
  check(first.back() == n, "{}: expected offsets of up to the {} indices{}, got {}", op, n,
        includes_last ? ", which is to be the last" : "", first.back());
  return first;
}

// --- Sums ---------------------------------------------------------------------------------------

// How the weight's gradient differs from the derivative, or where it goes.
struct WeightGradient {
  bool by_frequency = false, sparse = false;
};

// `sum`, or zeros, with the rows of x that `from` names, each times its number, added at `to`.
Tensor row_sums(Tensor sum, const Tensor& x, const Tensor& scale, const Tensor& from,
                const Tensor& to, int64_t rows) {
  const Tensor in = x.detach().contiguous();
  sum = sum.defined() ? sum.contiguous() : zeros({rows, in.shape()[1]}, in.dtype());
  const kernels::NamedPlaces named(to.data<const int64_t>(), 1, to.numel());
  const Tensor order = empty({to.numel()}, int64);
  std::copy(named.members.begin(), named.members.end(), order.data<int64_t>());
  const Tensor rows_of = from.index_select(0, order);
  kernels::RowSums sums = named.sums();
  sums.from = rows_of.data<const int64_t>();
  Tensor factors;
  if (scale.defined()) {
    factors = scale.detach().index_select(0, order);
    sums.scale = factors.raw_data();
  }
  kernels::add_row_sums(in.dtype(), sums, in.shape()[1], in.raw_data(), sum.raw_data());
  return sum;
}

// y[to[i]] += scale[i] x[from[i]]        (scale, of compute_dtype, may be undefined: ones)
// dx[from[i]] += scale[i] g[to[i]]       the same the other way round
// dscale[i] = x[from[i]] . g[to[i]]
Tensor combined(const Tensor& x, const Tensor& scale, const Tensor& from, const Tensor& to,
                int64_t rows, const WeightGradient& how = {}, Tensor onto = {}) {
  const profile_scope scope(op);
  const auto forward = [&] {
    const no_grad guard;
    return row_sums(std::move(onto), x, scale, from, to, rows);
  };
  std::vector<Tensor> inputs = {x};
  if (scale.defined() && scale.requires_grad()) inputs.push_back(scale);
  return record(
      op, forward(), inputs,
      [x = inputs.size() > 1 ? save(x) : SavedTensor(), scale = save(scale), from = save(from),
       to = save(to), shape = x.shape(), both = inputs.size() > 1,
       how](const Tensor& g, Needs needs) -> Grads {
        const Tensor at = from.get(), bag = to.get(), factors = scale.get();
        Tensor dx, dscale;
        if (both && needs[1])
          dscale = (x.get().index_select(0, at).to(factors.dtype()) *
                    g.index_select(0, bag).to(factors.dtype()))
                       .sum(1);
        if (needs[0] && how.sparse) {
          Tensor values = g.index_select(0, bag);
          if (factors.defined()) values = (values * factors.unsqueeze(1)).to(g.dtype());
          give_rows({at, values, shape[0]});
        } else if (needs[0]) {
          Tensor shares = factors;
          if (how.by_frequency) {
            const Tensor counts =
                bincount(at, {}, shape[0]).index_select(0, at).to(compute_dtype(g.dtype()));
            shares = factors.defined() ? factors / counts : counts.reciprocal();
          }
          dx = combined(g, shares, bag, at, shape[0], {}, take_gathered(shape));
        }
        return both ? Grads(dx, dscale) : Grads(dx);
      });
}

// The greatest of each bag's rows by columns, 0 of none.
Tensor greatest(const Tensor& weight, const Tensor& index, const int64_t* first, int64_t bags) {
  const Tensor at = empty({bags, weight.shape()[1]}, int64), in = weight.detach().contiguous();
  kernels::greatest_rows(in.dtype(), bags, first, index.data<const int64_t>(), in.shape()[1],
                         in.raw_data(), at.data<int64_t>());
  const Tensor y = gather_checked(op, weight, 0, clamp(at, 0));
  return masked_fill(y, lt(at, 0), 0);
}

}  // namespace

Tensor embedding_bag(const Tensor& input, const Tensor& weight, const Tensor& offsets,
                     const EmbeddingBagFuncOptions& options, const Tensor& per_sample_weights) {
  check_weight(input, weight, options);
  check_sample_weights(input, weight, per_sample_weights, options.mode);
  std::vector<int64_t> ends = bounds(input, offsets, options.include_last_offset);
  int64_t* const first = ends.data();
  const int64_t rows = weight.shape()[0], bags = static_cast<int64_t>(ends.size()) - 1;
  Tensor index = index_argument(op, input.reshape(-1)).contiguous();
  check_index(op, index, rows);
  if (options.max_norm) shorten_rows(weight, index, *options.max_norm, options.norm_type);

  Tensor bag = empty({index.numel()}, int64);
  for (int64_t k = 0; k < bags; ++k)
    std::fill(bag.data<int64_t>() + first[k], bag.data<int64_t>() + first[k + 1], k);
  Tensor scale = per_sample_weights;
  if (scale.defined()) scale = scale.reshape(-1).to(compute_dtype(weight.dtype()));
  if (options.padding_idx) {
    const int64_t padding = *options.padding_idx + (*options.padding_idx < 0 ? rows : 0);
    const Tensor kept = nonzero_positions(ne(index, padding));
    index = index.index_select(0, kept);
    bag = bag.index_select(0, kept);
    if (scale.defined()) scale = scale.index_select(0, kept);
    const auto in_bags = bincount(bag, {}, bags).to_vector<int64_t>();
    for (int64_t k = 0; k < bags; ++k) first[k + 1] = first[k] + in_bags.data()[k];
  }
  if (options.mode == BagMode::max && index.numel() > 0)
    return greatest(weight, index, first, bags);
  if (options.mode == BagMode::mean) {
    scale = empty({index.numel()}, float64);
    for (int64_t k = 0; k < bags; ++k)
      std::fill(scale.data<double>() + first[k], scale.data<double>() + first[k + 1],
                1 / static_cast<double>(first[k + 1] - first[k]));
    scale = scale.to(compute_dtype(weight.dtype()));
  }
  return combined(weight, scale, index, bag, bags,
                  {.by_frequency = options.scale_grad_by_freq, .sparse = options.sparse});
}

}  // namespace rw
