#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/scattering.h>
#include <rewind/ops/searching.h>
#include <rewind/ops/statistics.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/profile.h>

namespace rw {

namespace {

const char* const histogramdd_name = "histogramdd";

void check_points(const Tensor& x, int64_t bins, const HistogramddOptions& o) {
  detail::check_defined(histogramdd_name, x);
  check<DTypeError>(x.dtype() == float32 || x.dtype() == float64,
                    "{}: expected float32 or float64, got {}", histogramdd_name, x.dtype());
  check<ShapeError>(x.dim() >= 2,
                    "{}: expected points in a last dimension of two or more, got "
                    "shape {}",
                    histogramdd_name, x.shape());
  check<ShapeError>(x.size(-1) == bins, "{}: expected bins for each of {} coordinates, got {}",
                    histogramdd_name, x.size(-1), bins);
  check<ShapeError>(o.range.empty() || static_cast<int64_t>(o.range.size()) == bins,
                    "{}: expected a range for each of {} coordinates, got {}", histogramdd_name,
                    bins, o.range.size());
  if (!o.weight.defined()) return;
  Shape points;
  for (int d = 0; d + 1 < x.dim(); ++d) points.push_back(x.size(d));
  check<ShapeError>(o.weight.shape() == points, "{}: expected weights of shape {}, got {}",
                    histogramdd_name, points, o.weight.shape());
  check<DTypeError>(o.weight.dtype() == x.dtype(),
                    "{}: expected weights of {}, as the input, got {}", histogramdd_name, x.dtype(),
                    o.weight.dtype());
}

// The edges of so many bins over a range, or that of the values; a range of one number is widened.
Tensor even_edges(const Tensor& x, int64_t bins, const std::pair<double, double>* range) {
  check(bins > 0, "{}: expected one bin or more, got {}", histogramdd_name, bins);
  double low = 0, high = 1;
  if (range) {
    low = range->first;
    high = range->second;
  } else if (x.numel() > 0) {
    low = amin(x).item<double>();
    high = amax(x).item<double>();
  }
  check(std::isfinite(low) && std::isfinite(high), "{}: the range from {} to {} is not finite",
        histogramdd_name, low, high);
  check(low <= high, "{}: expected a range that ascends, got {} to {}", histogramdd_name, low,
        high);
  if (low == high) {
    low -= 0.5;
    high += 0.5;
  }
  return linspace(low, high, bins + 1, x.dtype());
}

// The values of coordinate d of all points.
Tensor coordinate(const Tensor& x, int64_t d) {
  return x.detach().select(-1, d).reshape(-1).contiguous();
}

// What each point counts, added where it lies; those beyond the edges are added to one more place.
Tensor counted(const Tensor& x, const std::vector<Tensor>& edges, const Shape& shape,
               const Tensor& weight) {
  Tensor place, inside;
  for (size_t d = 0; d < edges.size(); ++d) {
    const Tensor values = coordinate(x, static_cast<int64_t>(d));
    const int64_t bins = edges[d].numel() - 1;
    const Tensor found = searchsorted(edges[d], values, {.right = true}) - 1;
    const Tensor bin = clamp(found, 0, static_cast<double>(bins - 1));  // the last edge belongs in
    const Tensor within =
        logical_and(ge(values, edges[d].select(0, 0)), le(values, edges[d].select(0, bins)));
    place = place.defined() ? place * bins + bin : bin;
    inside = inside.defined() ? logical_and(inside, within) : within;
  }
  const int64_t n = shape.numel();
  const Tensor sums = zeros({n + 1}, float64);
  const Tensor w =
      weight.defined() ? weight.detach().reshape(-1).to(float64) : ones(place.shape(), float64);
  return index_add(sums, 0, where(inside, place, n), w).narrow(0, 0, n).reshape(shape);
}

Histogramdd between(const Tensor& x, const std::vector<Tensor>& edges,
                    const HistogramddOptions& o) {
  Shape shape;
  for (const Tensor& e : edges) shape.push_back(e.numel() - 1);
  Tensor counts = counted(x, edges, shape, o.weight);
  if (o.density) {
    counts = counts / sum(counts);
    for (int d = 0; d < shape.rank(); ++d) {
      const Tensor& e = edges[static_cast<size_t>(d)];
      Shape along = Shape::filled(shape.rank(), 1);
      along[d] = shape[d];
      counts = counts / diff(e).to(float64).reshape(along);
    }
  }
  return {counts.to(x.dtype()), edges};
}

}  // namespace

Histogramdd histogramdd(const Tensor& x, const std::vector<int64_t>& bins,
                        const HistogramddOptions& o) {
  const profile_scope scope(histogramdd_name);
  check_points(x, static_cast<int64_t>(bins.size()), o);
  const no_grad guard;
  std::vector<Tensor> edges;
  for (size_t d = 0; d < bins.size(); ++d)
    edges.push_back(even_edges(coordinate(x, static_cast<int64_t>(d)), bins[d],
                               o.range.empty() ? nullptr : &o.range[d]));
  return between(x, edges, o);
}

Histogramdd histogramdd(const Tensor& x, int64_t bins, const HistogramddOptions& o) {
  detail::check_defined(histogramdd_name, x);
  const auto coordinates = x.dim() ? static_cast<size_t>(x.size(-1)) : size_t{0};
  return histogramdd(x, std::vector<int64_t>(coordinates, bins), o);
}

Histogramdd histogramdd(const Tensor& x, const std::vector<Tensor>& bins,
                        const HistogramddOptions& o) {
  const profile_scope scope(histogramdd_name);
  check_points(x, static_cast<int64_t>(bins.size()), o);
  check(o.range.empty(), "{}: a range is for numbers of bins, not for edges", histogramdd_name);
  const no_grad guard;
  std::vector<Tensor> edges;
  for (const Tensor& e : bins) {
    detail::check_defined(histogramdd_name, e);
    check<DTypeError>(e.dtype() == x.dtype(), "{}: expected edges of {}, as the input, got {}",
                      histogramdd_name, x.dtype(), e.dtype());
    check<ShapeError>(e.dim() == 1 && e.numel() > 1,
                      "{}: expected vectors of two edges or more, got shape {}", histogramdd_name,
                      e.shape());
    edges.push_back(e.detach().clone(MemoryFormat::contiguous));
  }
  return between(x, edges, o);
}

}  // namespace rw
