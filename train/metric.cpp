#include <rewind/train/metric.h>

#include <cmath>
#include <typeinfo>
#include <utility>

#include <rewind/autograd/grad_mode.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::metrics {

Metric::Metric(const char* name, StateDict initial)
    : name_(name), initial_(std::move(initial)), state_(initial_) {}

double Metric::value() const {
  const Tensor t = compute();
  check(t.numel() == 1, "{}: expected one number, got those of shape {}", name_, t.shape());
  return t.item<double>();
}

void Metric::merge(const Metric& other) {
  check(typeid(*this) == typeid(other), "{}: merge: expected another {}, got {}", name_, name_,
        other.name_);
  check(options() == other.options(), "{}: merge: expected one of {}, got {}", name_, options(),
        other.options());
  const no_grad guard;
  combine(checked("merge", other.gathered()));
}

void Metric::load_state_dict(const StateDict& state) {
  take(checked("load_state_dict", state).clone());
}

void Metric::add(size_t k, const Tensor& more) { set_state(k, state(k) + more); }
void Metric::add(size_t k, double more) { set_state(k, state(k) + more); }

void Metric::combine(const StateDict& other) {
  for (size_t k = 0; k < state_.size(); ++k) add(k, other[k].second);
}

// Its tensors in the order of this state.
StateDict Metric::checked(const char* what, const StateDict& other) const {
  check(other.size() == initial_.size(), "{}: {}: expected {} tensors, got {}", name_, what,
        initial_.size(), other.size());
  StateDict out;
  for (size_t k = 0; k < initial_.size(); ++k) {
    const auto& [name, own] = initial_[k];
    check(other.contains(name), "{}: {}: there is no tensor '{}'", name_, what, name);
    const Tensor& t = other.at(name);
    check(t.defined(), "{}: {}: '{}' is undefined", name_, what, name);
    Shape shape = own.shape();
    if (has_any_length(k) && t.dim() > 0) shape[0] = t.size(0);
    check<ShapeError>(t.shape() == shape, "{}: {}: expected '{}' of shape {}, got {}", name_, what,
                      name, shape, t.shape());
    check<DTypeError>(t.dtype() == own.dtype(), "{}: {}: expected '{}' of {}, got {}", name_, what,
                      name, own.dtype(), t.dtype());
    out.emplace_back(name, t);
  }
  check_numbers(what, out);
  return out;
}

Mean::Mean() : Metric("Mean", {{"sum", zeros({}, float64)}, {"weight", zeros({}, float64)}}) {}

void Mean::update(double value, double weight) {
  check(weight >= 0, "Mean: expected weight >= 0, got {}", weight);
  add(0, weight > 0 ? value * weight : 0);
  add(1, weight);
}

void Mean::update(const Tensor& values, double weight) {
  check(weight >= 0, "Mean: expected weight >= 0, got {}", weight);
  const no_grad guard;
  if (weight > 0) add(0, values.to(float64).sum() * weight);
  add(1, weight * static_cast<double>(values.numel()));
}

Tensor Mean::compute() const { return state(0) / state(1); }

namespace {

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Throughput::Throughput()
    : Metric("Throughput", {{"items", zeros({}, int64)}, {"seconds", zeros({}, float64)}}),
      last_(std::chrono::steady_clock::now()) {}

void Throughput::update(int64_t items) {
  const auto now = std::chrono::steady_clock::now();
  update(items, seconds_between(last_, now));
  last_ = now;
}

void Throughput::update(int64_t items, double seconds) {
  check(items >= 0 && seconds >= 0 && std::isfinite(seconds),
        "Throughput: expected items and seconds >= 0, got {} and {}", items, seconds);
  add(0, full({}, items, int64));
  add(1, seconds);
}

Tensor Throughput::compute() const { return state(0).to(float64) / state(1); }

void Throughput::reset() {
  Metric::reset();
  last_ = std::chrono::steady_clock::now();
}

void Throughput::combine(const StateDict& other) {
  add(0, other[0].second);
  set_state(1, maximum(state(1), other[1].second));
}

}  // namespace rw::metrics
