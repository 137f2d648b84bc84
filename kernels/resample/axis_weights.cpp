#include <rewind/kernels/resample/axis_weights.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rw::kernels {
namespace {

AxisWeights room_for(int64_t sources, int64_t targets, int64_t most) {
  AxisWeights w;
  w.sources = sources;
  w.most = most;
  w.first.reserve(static_cast<size_t>(targets));
  w.count.reserve(static_cast<size_t>(targets));
  w.weights.assign(static_cast<size_t>(targets * most), 0);
  return w;
}

// The next target, made of `count` sources; its weights.
double* add_target(AxisWeights& w, int64_t first, int64_t count) {
  w.first.push_back(static_cast<int32_t>(first));
  w.count.push_back(static_cast<int32_t>(count));
  return w.weights.data() + (w.targets() - 1) * w.most;
}

double place_of(const AxisScale& s, int64_t target) {
  const auto t = static_cast<double>(target);
  return s.align_corners ? t * s.step : (t + 0.5) * s.step - 0.5;
}

// At a distance of x from a source, and of up to 2.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double filter_at(WideFilter filter, double x) {
  switch (filter) {
    case WideFilter::linear:
      return std::max(0.0, 1 - std::abs(x));
    case WideFilter::cubic:
      return cubic(x, -0.5);
    case WideFilter::lanczos:
      break;
  }
  return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
}

}  // namespace

bool AxisWeights::is_identity() const {
  if (sources != targets()) return false;
  for (int64_t t = 0; t < targets(); ++t) {
    const auto i = static_cast<size_t>(t);
    if (first[i] != t || count[i] != 1 || *of(t) != 1) return false;
  }
  return true;
}

AxisWeights AxisWeights::identity(int64_t size) {
  AxisWeights w = room_for(size, size, 1);
  for (int64_t t = 0; t < size; ++t) *add_target(w, t, 1) = 1;
  return w;
}

AxisWeights AxisWeights::transposed() const {
  std::vector<int32_t> counts(static_cast<size_t>(sources));
  std::vector<int32_t> firsts(static_cast<size_t>(sources), -1);
  for (size_t t = 0; t < first.size(); ++t)
    for (int32_t k = 0; k < count[t]; ++k) {
      const auto source = static_cast<size_t>(first[t] + k);
      if (counts[source]++ == 0) firsts[source] = static_cast<int32_t>(t);
    }
  const int32_t greatest = sources > 0 ? *std::max_element(counts.begin(), counts.end()) : 0;
  AxisWeights w = room_for(targets(), sources, std::max(greatest, 1));
  int32_t next = 0;
  for (size_t s = 0; s < counts.size(); ++s) {
    if (firsts[s] < 0) firsts[s] = next;  // goes nowhere
    add_target(w, firsts[s], counts[s]);
    next = firsts[s];
  }
  for (int64_t t = 0; t < targets(); ++t)
    for (int32_t k = 0; k < count[static_cast<size_t>(t)]; ++k) {
      const int64_t s = first[static_cast<size_t>(t)] + k;
      w.weights[static_cast<size_t>(s * w.most + t - w.first[static_cast<size_t>(s)])] = of(t)[k];
    }
  return w;
}

AxisWeights linear_weights(const AxisScale& s) {
  if (s.sources == s.targets) return AxisWeights::identity(s.sources);
  AxisWeights w = room_for(s.sources, s.targets, 2);
  for (int64_t t = 0; t < s.targets; ++t) {
    const double place = std::max(place_of(s, t), 0.0);
    const auto last = static_cast<double>(s.sources - 1);
    const auto below = static_cast<int64_t>(std::min(std::floor(place), last));
    if (below == s.sources - 1) {
      *add_target(w, below, 1) = 1;
      continue;
    }
    const double share = std::min(place - static_cast<double>(below), 1.0);
    double* to = add_target(w, below, 2);
    to[0] = 1 - share;
    to[1] = share;
  }
  return w;
}

AxisWeights cubic_weights(const AxisScale& s) {
  AxisWeights w = room_for(s.sources, s.targets, 4);
  for (int64_t t = 0; t < s.targets; ++t) {
    const double place = place_of(s, t), last = static_cast<double>(s.sources - 1);
    const double below = std::min(std::floor(place), last);
    const double share = std::clamp(place - below, 0.0, 1.0);
    const auto inside = [&](double source) {
      return static_cast<int64_t>(std::clamp(source, 0.0, last));
    };
    const int64_t first = inside(below - 1);
    double* to = add_target(w, first, inside(below + 2) - first + 1);
    for (int k = -1; k <= 2; ++k) to[inside(below + k) - first] += cubic(share - k, -0.75);
  }
  return w;
}

AxisWeights area_weights(int64_t sources, int64_t targets) {
  AxisWeights w = room_for(sources, targets, (sources + targets - 1) / targets + 1);
  for (int64_t t = 0; t < targets; ++t) {
    const auto at = [&](int64_t i) { return static_cast<__int128>(i) * sources; };
    const auto begin = static_cast<int64_t>(at(t) / targets);
    const auto end = static_cast<int64_t>((at(t + 1) + targets - 1) / targets);
    std::fill_n(add_target(w, begin, end - begin), end - begin,
                1 / static_cast<double>(end - begin));
  }
  return w;
}

AxisWeights nearest_weights(const AxisScale& s, bool exact) {
  AxisWeights w = room_for(s.sources, s.targets, 1);
  // In float32 for every dtype: it is the rounding that says which of two equally near ones it is.
  const auto step = static_cast<float>(s.step);
  for (int64_t t = 0; t < s.targets; ++t) {
    const float place = (static_cast<float>(t) + (exact ? 0.5f : 0.0f)) * step;
    const auto last = static_cast<double>(s.sources - 1);
    *add_target(w, static_cast<int64_t>(std::min<double>(std::floor(place), last)), 1) = 1;
  }
  return w;
}

AxisWeights filter_weights(const AxisScale& s, WideFilter filter) {
  const double reach = filter == WideFilter::linear ? 1 : filter == WideFilter::cubic ? 2 : 3;
  const double stretch = std::max(s.step, 1.0), support = reach * stretch;
  const auto last = static_cast<double>(s.sources);
  const auto most = static_cast<int64_t>(std::min(2 * std::ceil(support) + 1, last));
  AxisWeights w = room_for(s.sources, s.targets, most);
  for (int64_t t = 0; t < s.targets; ++t) {
    const double middle = s.step * (static_cast<double>(t) + 0.5);
    const double low = std::clamp(std::trunc(middle - support + 0.5), 0.0, last - 1);
    const double high = std::clamp(std::trunc(middle + support + 0.5), low + 1, last);
    const auto first = static_cast<int64_t>(low);
    const auto count = std::min(static_cast<int64_t>(high) - first, most);
    double* to = add_target(w, first, count);
    double total = 0;
    for (int64_t k = 0; k < count; ++k) {
      to[k] = filter_at(filter, (static_cast<double>(k) + low - middle + 0.5) / stretch);
      total += to[k];
    }
    if (total != 0)
      for (int64_t k = 0; k < count; ++k) to[k] /= total;
  }
  return w;
}

}  // namespace rw::kernels
