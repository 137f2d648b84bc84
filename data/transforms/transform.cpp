#include <rewind/data/transforms/transform.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <rewind/data/sampler.h>
#include <rewind/data/transforms/draws.h>
#include <rewind/ops/joining.h>
#include <rewind/tensor/check.h>

namespace rw::data::transforms {

Tensor Compose::operator()(const Tensor& x, Generator& gen) const {
  Tensor y = detail::off_tape(x);
  for (const Transform& t : transforms_) y = t(y, gen);
  return y;
}

Tensor RandomApply::operator()(const Tensor& x, Generator& gen) const {
  return p_.happens(gen) ? transforms_(x, gen) : detail::off_tape(x);
}

RandomChoice::RandomChoice(std::vector<Transform> transforms, std::vector<double> p)
    : transforms_(std::move(transforms)), bounds_(std::move(p)) {
  check(!transforms_.empty(), "RandomChoice: expected at least one transform");
  if (bounds_.empty()) bounds_.assign(transforms_.size(), 1);
  check(bounds_.size() == transforms_.size(),
        "RandomChoice: expected as many p as transforms, {}, got {}", transforms_.size(),
        bounds_.size());
  for (const double v : bounds_)
    check(v >= 0 && std::isfinite(v), "RandomChoice: expected p of at least 0, got {}", v);
  std::partial_sum(bounds_.begin(), bounds_.end(), bounds_.begin());
  check(bounds_.back() > 0 && std::isfinite(bounds_.back()),
        "RandomChoice: expected p with a sum greater than 0, got {}", bounds_.back());
}

Tensor RandomChoice::operator()(const Tensor& x, Generator& gen) const {
  const double at = detail::uniform(gen, 0, bounds_.back());
  const auto which = std::upper_bound(bounds_.begin(), bounds_.end() - 1, at) - bounds_.begin();
  return transforms_[static_cast<size_t>(which)](x, gen);
}

Tensor RandomOrder::operator()(const Tensor& x, Generator& gen) const {
  Tensor y = detail::off_tape(x);
  for (const int64_t i : detail::order(gen, static_cast<int64_t>(transforms_.size())))
    y = transforms_[static_cast<size_t>(i)](y, gen);
  return y;
}

Tensor apply_each(const Transform& transform, const Tensor& images, Generator& gen) {
  check<ShapeError>(images.dim() == 4 && images.size(0) > 0,
                    "apply_each: expected images [N, C, H, W], at least one, got shape {}",
                    images.shape());
  const no_grad guard;
  const uint64_t seed = gen.next();
  std::vector<Tensor> results;
  for (int64_t i = 0; i < images.size(0); ++i) {
    Generator each(data::detail::derive_seed(seed, static_cast<uint64_t>(i)));
    results.push_back(transform(images.select(0, i), each));
  }
  return stack(results);
}

detail::Probability::Probability(const char* transform, double p) : p_(p) {
  check(0 <= p && p <= 1, "{}: expected a probability p from 0 to 1, got {}", transform, p);
}

bool detail::Probability::happens(Generator& gen) const { return uniform(gen) < p_; }

}  // namespace rw::data::transforms
