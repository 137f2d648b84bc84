#include <rewind/optim/line_search.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace rw::optim {

namespace {

// The least point of the cubic through two points with their slopes, within bounds.
double cubic_minimum(const LinePoint& a, const LinePoint& b, double low, double high) {
  const double d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t);
  const double square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const double d2 = std::sqrt(square);
  const double t = a.t <= b.t
                       ? b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
                       : a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2));
  return std::min(std::max(t, low), high);
}

class Search {
 public:
  static constexpr double c1 = 1e-4, c2 = 0.9;

  Search(const OnLine& at, const LinePoint& start, std::vector<Tensor>& buffers)
      : at_(at), start_(start), buffers_(buffers) {}

  LinePoint evaluate(double t, std::initializer_list<const LinePoint*> kept) {
    LinePoint p;
    p.t = t;
    for (Tensor& buffer : buffers_) {
      const bool taken = std::any_of(kept.begin(), kept.end(), [&](const LinePoint* other) {
        return other->g.is_same(buffer);
      });
      if (!taken) p.g = buffer;
    }
    std::tie(p.f, p.slope) = at_(t, p.g);
    return p;
  }
  bool falls_too_little(const LinePoint& p) const {
    return p.f > start_.f + c1 * p.t * start_.slope;
  }
  bool is_flat(const LinePoint& p) const { return std::abs(p.slope) <= -c2 * start_.slope; }

  // Goes on until a bracket is found; its ends, the same one where it fulfils the conditions.
  std::pair<LinePoint, LinePoint> bracket(double t, int64_t most) {
    LinePoint before = start_, p = evaluate(t, {&before});
    for (; tries_ < most; ++tries_) {
      if (falls_too_little(p) || (tries_ > 1 && p.f >= before.f)) return {before, p};
      if (is_flat(p)) {
        done_ = true;
        return {p, p};
      }
      if (p.slope >= 0) return {before, p};
      const double next = cubic_minimum(before, p, p.t + 0.01 * (p.t - before.t), p.t * 10);
      before = std::exchange(p, {});
      p = evaluate(next, {&before});
    }
    return {start_, p};
  }

  // Where to look inside of the bracket: not too near to its ends twice.
  double inside(const LinePoint& a, const LinePoint& b) {
    const auto [low, high] = std::minmax(a.t, b.t);
    double t = cubic_minimum(a, b, low, high);
    const double eps = 0.1 * (high - low);
    const bool is_near = std::min(high - t, t - low) < eps;
    if (is_near && (is_slow_ || t >= high || t <= low)) {
      t = std::abs(t - high) < std::abs(t - low) ? high - eps : low + eps;
      is_slow_ = false;
    } else {
      is_slow_ = is_near;
    }
    return t;
  }

  // Narrows a bracket in which `low` has the lower loss; the order of its ends, which decides
  // between equal ones and in the cubic, is that of `ends`.
  LinePoint zoom(std::pair<LinePoint, LinePoint> ends, double longest, double tolerance,
                 int64_t most) {
    LinePoint* const end[] = {&ends.first, &ends.second};
    size_t low = ends.first.f <= ends.second.f ? 0 : 1;
    while (!done_ && tries_ < most) {
      if (std::abs(ends.second.t - ends.first.t) * longest < tolerance) break;
      LinePoint p = evaluate(inside(ends.first, ends.second), {&ends.first, &ends.second});
      ++tries_;
      LinePoint &lowest = *end[low], &other = *end[1 - low];
      if (falls_too_little(p) || p.f >= lowest.f) {
        other = std::move(p);
        low = ends.first.f <= ends.second.f ? 0 : 1;
        continue;
      }
      if (is_flat(p))
        done_ = true;
      else if (p.slope * (other.t - lowest.t) >= 0)
        other = lowest;
      lowest = std::move(p);
    }
    return *end[low];
  }

 private:
  const OnLine& at_;
  const LinePoint& start_;
  std::vector<Tensor>& buffers_;
  int64_t tries_ = 0;
  bool done_ = false, is_slow_ = false;
};

}  // namespace

LinePoint strong_wolfe(const OnLine& at, const LinePoint& start, double t, double longest,
                       double tolerance_change, int64_t most, std::vector<Tensor>& buffers) {
  Search search(at, start, buffers);
  return search.zoom(search.bracket(t, most), longest, tolerance_change, most);
}

}  // namespace rw::optim
