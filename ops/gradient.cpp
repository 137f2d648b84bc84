#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/statistics.h>
#include <rewind/tensor/profile.h>

namespace rw {

namespace {

const char* const gradient_name = "gradient";

// The dimensions to differentiate along, from 0 on.
std::vector<int> chosen(const Tensor& x, const Dims& dims) {
  std::vector<int> all;
  if (dims.empty())
    for (int d = 0; d < x.dim(); ++d) all.push_back(d);
  for (const int64_t dim : dims) {
    const int d = normalize_dim(dim, x.dim(), gradient_name);
    for (const int other : all)
      check<ShapeError>(other != d, "{}: dimension {} is there twice in {}", gradient_name, dim,
                        dims);
    all.push_back(d);
  }
  return all;
}

// x in a floating dtype, its sizes along these dimensions being enough.
Tensor checked(const Tensor& x, const std::vector<int>& dims, int64_t edge_order) {
  check(edge_order == 1 || edge_order == 2, "{}: expected an edge_order of 1 or 2, got {}",
        gradient_name, edge_order);
  check<DTypeError>(x.dtype() != uint8 && x.dtype() != boolean, "{}: not defined for {}",
                    gradient_name, x.dtype());
  for (const int d : dims)
    check<ShapeError>(x.size(d) > edge_order,
                      "{}: expected more than {} elements along dimension {}, got shape {}",
                      gradient_name, edge_order, d, x.shape());
  return detail::as_floating(gradient_name, x);
}

// Of elements h apart.
Tensor evenly(const Tensor& x, int d, double h, int64_t edge_order) {
  const int64_t n = x.size(d);
  const auto at = [&](int64_t i) { return x.narrow(d, i, 1); };
  const Tensor inner = (x.narrow(d, 2, n - 2) - x.narrow(d, 0, n - 2)) / (2 * h);
  if (edge_order == 1) return cat({(at(1) - at(0)) / h, inner, (at(n - 1) - at(n - 2)) / h}, d);
  const Tensor first = (at(1) * 2 - at(0) * 1.5 - at(2) * 0.5) / h;
  const Tensor last = (at(n - 1) * 1.5 - at(n - 2) * 2 + at(n - 3) * 0.5) / h;
  return cat({first, inner, last}, d);
}

// Of elements at these coordinates: the slope of the parabola through three of them, s and t being
// the distances of neighbours.
Tensor unevenly(const Tensor& x, int d, const Tensor& coordinates, int64_t edge_order) {
  const int64_t n = x.size(d);
  Shape along = Shape::filled(x.dim(), 1);
  along[d] = n - 1;
  const Tensor gaps =
      (coordinates.narrow(0, 1, n - 1) - coordinates.narrow(0, 0, n - 1)).reshape(along);
  const Tensor rises = (x.narrow(d, 1, n - 1) - x.narrow(d, 0, n - 1)) / gaps;
  const auto part = [d](const Tensor& t, int64_t i, int64_t count) {
    return t.narrow(d, i, count);
  };
  const Tensor s = part(gaps, 0, n - 2), t = part(gaps, 1, n - 2);
  const Tensor before = part(rises, 0, n - 2), after = part(rises, 1, n - 2);
  const Tensor inner = (before * t + after * s) / (s + t);
  if (edge_order == 1) return cat({part(rises, 0, 1), inner, part(rises, n - 2, 1)}, d);
  const Tensor bend = (after - before) / (s + t);
  const Tensor first = part(before, 0, 1) - part(bend, 0, 1) * part(s, 0, 1);
  const Tensor last = part(after, n - 3, 1) + part(bend, n - 3, 1) * part(t, n - 3, 1);
  return cat({first, inner, last}, d);
}

}  // namespace

std::vector<Tensor> gradient(const Tensor& x, Scalar spacing, const Dims& dims,
                             int64_t edge_order) {
  detail::check_defined(gradient_name, x);
  const size_t n = chosen(x, dims).size();
  return gradient(x, std::vector<double>(n, spacing.to_double()), dims, edge_order);
}

std::vector<Tensor> gradient(const Tensor& x, const std::vector<double>& spacing, const Dims& dims,
                             int64_t edge_order) {
  const profile_scope scope(gradient_name);
  detail::check_defined(gradient_name, x);
  const std::vector<int> along = chosen(x, dims);
  check(spacing.size() == along.size(), "{}: expected a spacing for each of {} dimensions, got {}",
        gradient_name, along.size(), spacing.size());
  const Tensor in = checked(x, along, edge_order);
  std::vector<Tensor> slopes;
  for (size_t i = 0; i < along.size(); ++i)
    slopes.push_back(evenly(in, along[i], spacing[i], edge_order));
  return slopes;
}

std::vector<Tensor> gradient(const Tensor& x, const std::vector<Tensor>& coordinates,
                             const Dims& dims, int64_t edge_order) {
  const profile_scope scope(gradient_name);
  detail::check_defined(gradient_name, x);
  const std::vector<int> along = chosen(x, dims);
  check(coordinates.size() == along.size(),
        "{}: expected coordinates for each of {} dimensions, got {}", gradient_name, along.size(),
        coordinates.size());
  const Tensor in = checked(x, along, edge_order);
  for (size_t i = 0; i < along.size(); ++i) {
    detail::check_defined(gradient_name, coordinates[i]);
    check<ShapeError>(coordinates[i].shape() == Shape{x.size(along[i])},
                      "{}: expected {} coordinates along dimension {}, got shape {}", gradient_name,
                      x.size(along[i]), along[i], coordinates[i].shape());
  }
  std::vector<Tensor> slopes;
  for (size_t i = 0; i < along.size(); ++i)
    slopes.push_back(unevenly(in, along[i], coordinates[i], edge_order));
  return slopes;
}

}  // namespace rw
