#include <rewind/ops/grids.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/tensor/leaf.h>
#include <rewind/tensor/profile_scope.h>
#include <rewind/tensor/wide.h>

namespace rw {

using namespace detail;

namespace {

void check_vectors(const char* op, const std::vector<Tensor>& tensors, int least_rank) {
  check_all_defined(op, tensors);
  for (size_t i = 0; i < tensors.size(); ++i) {
    check<ShapeError>(least_rank <= tensors[i].dim() && tensors[i].dim() <= 1,
                      "{}: expected vectors, got shape {}", op, tensors[i].shape());
    check<DTypeError>(tensors[i].dtype() == tensors[0].dtype(),
                      "{}: expected tensors of one dtype, got {} and {}", op, tensors[0].dtype(),
                      tensors[i].dtype());
  }
}

}  // namespace

std::vector<Tensor> meshgrid(const std::vector<Tensor>& tensors, Indexing indexing) {
  check_vectors("meshgrid", tensors, 0);
  const auto rank = static_cast<int>(tensors.size());
  const bool swapped = indexing == Indexing::xy && rank >= 2;
  const auto dim_of = [=](int i) { return swapped && i < 2 ? 1 - i : i; };
  Shape shape = Shape::filled(std::min(rank, Shape::max_rank), 1);
  check<ShapeError>(rank <= Shape::max_rank, "meshgrid: expected at most {} tensors, got {}",
                    Shape::max_rank, rank);
  for (int i = 0; i < rank; ++i) shape[dim_of(i)] = tensors[static_cast<size_t>(i)].numel();
  std::vector<Tensor> grids;
  for (int i = 0; i < rank; ++i) {
    Shape along = Shape::filled(rank, 1);
    along[dim_of(i)] = shape[dim_of(i)];
    grids.push_back(tensors[static_cast<size_t>(i)].view(along).expand(shape));
  }
  return grids;
}

Tensor cartesian_prod(const std::vector<Tensor>& tensors) {
  check_vectors("cartesian_prod", tensors, 1);
  if (tensors.size() == 1) return tensors[0];
  std::vector<Tensor> columns = meshgrid(tensors);
  for (Tensor& column : columns) column = column.flatten();
  return stack(columns, 1);
}

namespace {

// How many ways there are to take r of n elements; nothing where there are too many.
int64_t count_combinations(int64_t n, int64_t r) {
  if (r > n) return 0;
  Wide count = 1;
  for (int64_t i = 1; i <= std::min(r, n - r); ++i) {
    count = count * (n - i + 1) / i;
    check<ShapeError>(count < Wide{1} << 62, "combinations: {} of {} elements are too many", r, n);
  }
  return static_cast<int64_t>(count);
}

// The next one in order: the last position that can be raised is, and those behind it follow.
void advance(int64_t* position, int64_t n, int64_t r, int64_t apart) {
  int64_t i = r - 1;
  while (i >= 0 && position[i] == n - 1 - (r - 1 - i) * apart) --i;
  if (i < 0) return;
  ++position[i];
  for (++i; i < r; ++i) position[i] = position[i - 1] + apart;
}

}  // namespace

Tensor combinations(const Tensor& x, int64_t r, bool with_replacement) {
  const profile_scope scope("combinations");
  check_defined("combinations", x);
  check<ShapeError>(x.dim() == 1, "combinations: expected a vector, got shape {}", x.shape());
  check(r >= 0, "combinations: expected r >= 0, got {}", r);
  if (r == 0) return empty(Shape{0}, x.dtype());
  check<ShapeError>(r < int64_t{1} << 48, "combinations: {} elements are too many", r);
  const int64_t n = x.numel(), apart = with_replacement ? 0 : 1;
  const int64_t count =
      with_replacement && n == 0 ? 0 : count_combinations(n + (with_replacement ? r - 1 : 0), r);
  check_allocatable("combinations", {count, r}, int64);
  Tensor index = empty({count, r}, int64);
  auto* row = index.data<int64_t>();
  for (int64_t i = 0; i < count; ++i, row += r) {
    if (i == 0) {
      for (int64_t k = 0; k < r; ++k) row[k] = k * apart;
    } else {
      std::copy_n(row - r, r, row);
      advance(row, n, r, apart);
    }
  }
  return index_select(x, 0, index.flatten()).view({count, r});
}

Tensor logspace(double start, double end, int64_t steps, double base,
                const TensorOptions& options) {
  check(steps >= 0, "logspace: expected steps >= 0, got {}", steps);
  const DType dtype = chosen_dtype("logspace", options, get_default_dtype());
  if (!is_floating(dtype)) start = std::trunc(start), end = std::trunc(end);
  const no_grad guard;
  const Tensor powers = pow(Scalar(base), linspace(start, end, steps, float64));
  // From here on as a leaf of its own.
  Tensor out = powers.to(dtype);
  if (options.requires_grad) out.requires_grad_();
  return out;
}

}  // namespace rw
