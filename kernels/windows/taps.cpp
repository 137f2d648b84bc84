#include <rewind/kernels/windows/taps.h>

#include <algorithm>

namespace rw::kernels {

Taps Taps::sliding(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t padding,
                   int64_t dilation, int64_t position_step) {
  Taps t;
  t.sources_ = in;
  t.period_ = 1;
  t.step_ = stride;
  t.axes_ = 1;
  t.steps_within_[0] = {static_cast<int32_t>(dilation), static_cast<int32_t>(position_step)};
  t.first_.reserve(static_cast<size_t>(out) + 1);
  t.taps_.reserve(static_cast<size_t>(out * std::min(kernel, in)));
  for (int64_t i = 0; i < out; ++i) {
    const int64_t start = i * stride - padding;
    for (int64_t k = start < 0 ? (-start - 1) / dilation + 1 : 0; k < kernel; ++k) {
      const int64_t source = start + k * dilation;
      if (source >= in) break;
      t.taps_.push_back({static_cast<int32_t>(source), static_cast<int32_t>(k * position_step)});
    }
    t.first_.push_back(t.taps_.size());
  }
  return t;
}

Taps Taps::adaptive(int64_t in, int64_t out, int64_t position_step) {
  if (out > 0 && in % out == 0) return sliding(in, out, in / out, in / out, 0, 1, position_step);
  Taps t;
  t.sources_ = in;
  t.axes_ = 1;
  t.steps_within_[0] = {1, static_cast<int32_t>(position_step)};
  for (int64_t i = 0; i < out; ++i) {
    const int64_t start = i * in / out, end = ((i + 1) * in + out - 1) / out;
    for (int64_t s = start; s < end; ++s)
      t.taps_.push_back(
          {static_cast<int32_t>(s), static_cast<int32_t>((s - start) * position_step)});
    t.first_.push_back(t.taps_.size());
  }
  return t;
}

Taps Taps::times(const Taps& inner) const {
  Taps t;
  t.sources_ = sources_ * inner.sources_;
  t.axes_ = 2;
  t.steps_within_[0] = {steps_within_[0].source * static_cast<int32_t>(inner.sources_),
                        steps_within_[0].position};
  t.steps_within_[1] = inner.steps_within_[0];
  t.first_.reserve(static_cast<size_t>(targets() * inner.targets()) + 1);
  t.taps_.reserve(taps_.size() * inner.taps_.size());
  for (int64_t i = 0; i < targets(); ++i)
    for (int64_t j = 0; j < inner.targets(); ++j) {
      for (const Tap& a : of(i))
        for (const Tap& b : inner.of(j))
          t.taps_.push_back({a.source * static_cast<int32_t>(inner.sources_) + b.source,
                             a.position + b.position});
      t.first_.push_back(t.taps_.size());
    }
  return t;
}

int64_t Taps::widest() const {
  int64_t widest = 0;
  for (int64_t t = 0; t < targets(); ++t)
    widest = std::max(widest, static_cast<int64_t>(of(t).size()));
  return widest;
}

Taps Taps::transposed() const {
  Taps t;
  t.sources_ = targets();
  t.period_ = step_;
  t.step_ = period_;
  t.first_.assign(static_cast<size_t>(sources_) + 1, 0);
  for (const Tap& tap : taps_) ++t.first_[static_cast<size_t>(tap.source) + 1];
  for (size_t i = 1; i < t.first_.size(); ++i) t.first_[i] += t.first_[i - 1];
  t.taps_.resize(taps_.size());
  std::vector<size_t> next(t.first_.begin(), t.first_.end() - 1);
  for (int64_t i = 0; i < targets(); ++i)
    for (const Tap& tap : of(i))
      t.taps_[next[static_cast<size_t>(tap.source)]++] = {static_cast<int32_t>(i), tap.position};
  return t;
}

Taps::Regular Taps::regular(const double* by_target, const double* by_source) const {
  if (period_ == 0) return {};
  Regular best = {0, 0, period_, step_};
  const auto same = [&](int64_t t) {
    const auto before = of(t - period_), now = of(t);
    return (!by_target || by_target[t - period_] == by_target[t]) &&
           std::equal(before.begin(), before.end(), now.begin(), now.end(),
                      [&](const Tap& a, const Tap& b) {
                        return a.source + step_ == b.source && a.position == b.position &&
                               (!by_source || by_source[a.source] == by_source[b.source]);
                      });
  };
  int64_t begin = 0;
  for (int64_t t = period_; t <= targets(); ++t) {
    if (t < targets() && same(t)) continue;
    const int64_t whole = (t - begin) / period_ * period_;
    if (whole > best.end - best.begin) {
      best.begin = begin;
      best.end = begin + whole;
    }
    begin = t - period_ + 1;
  }
  return best;
}

// Padding can put the first window's elements at other places of it than the next one's.
bool Taps::takes_pairs() const {
  for (int64_t t = 0; t < targets(); ++t) {
    const auto taps = of(t);
    if (taps.size() != 2) return false;
    for (size_t k = 0; k < 2; ++k)
      if (taps[k].source != 2 * t + static_cast<int64_t>(k) ||
          taps[k].position != of(0)[k].position)
        return false;
  }
  return targets() > 0;
}

bool Taps::gives_pairs() const {
  for (int64_t t = 0; t < targets(); ++t) {
    const auto taps = of(t);
    if (taps.size() != 1 || taps[0].source != t / 2 || taps[0].position != of(t % 2)[0].position)
      return false;
  }
  return targets() > 0 && targets() == 2 * sources();
}

}  // namespace rw::kernels
