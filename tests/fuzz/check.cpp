#include "check.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../dtypes.h"

namespace rw::fuzz {

bool same_bits(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined()) return true;
  if (!(a.shape() == b.shape()) || a.dtype() != b.dtype()) return false;
  if (!a.is_floating_point()) return a.to_vector<int64_t>() == b.to_vector<int64_t>();
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i] != y[i] && !(std::isnan(x[i]) && std::isnan(y[i]))) return false;
  return true;
}

namespace {

constexpr int noisy_runs = 6;
constexpr double few = 8;

NumberRange range_of(DType narrow) {
  const double least = test::least_normal(narrow), most = test::greatest(narrow);
  if (narrow == float16) return {least, most, 0x1p-6, 16, 0x1p-12};
  return {least, most, 1e-18, 1e6, 0x1p-90};
}

// By absolute value, of the finite ones.
double greatest_of(const Tensors& all) {
  double greatest = 0;
  for (const Tensor& x : all) {
    if (!x.defined() || !x.is_floating_point()) continue;
    for (const double v : x.to_vector<double>())
      if (std::isfinite(v)) greatest = std::max(greatest, std::abs(v));
  }
  return greatest;
}

// By absolute value, of those that are not zero.
double least_of(const Tensors& all) {
  double least = INFINITY;
  for (const Tensor& x : all) {
    if (!x.defined() || !x.is_floating_point()) continue;
    for (const double v : x.to_vector<double>())
      if (v != 0) least = std::min(least, std::abs(v));
  }
  return least;
}

// Whether gradients of inputs are sums over dimensions in which they were broadcast.
bool broadcasts(const Tensors& inputs) {
  return std::any_of(inputs.begin(), inputs.end(),
                     [&](const Tensor& x) { return !(x.shape() == inputs[0].shape()); });
}

std::string number(double v) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", v);
  return text;
}

}  // namespace

Reference::Reference(const Op& op, const Call& call, const Plan& plan, DType narrow)
    : op_(op), call_(call), plan_(plan), eps_(test::epsilon(narrow) / 2), range_(range_of(narrow)) {
  exact_ = run(call, call.inputs, plan);
  int64_t elements = 1;
  for (const Tensor& x : call.inputs)
    if (x.is_floating_point()) elements += x.numel();
  // On the way to a sum or a gradient float32 may overflow where float64 does not.
  const double greatest = greatest_of(exact_.all);
  may_overflow_ = greatest > range_.greatest / 16 ||
                  (op.rule & in_chain && greatest > std::sqrt(range_.greatest)) ||
                  (op.rule & in_chain && narrow == float16) ||  // exp(12) does, say
                  (greatest_of(call.inputs) > range_.large && !(op.rule & pointwise));
  may_underflow_ = least_of(call.inputs) < range_.small;
  const double many = std::sqrt(static_cast<double>(elements));
  if (!(op.rule & pointwise)) fan_in_ = many;
  if (!(op.rule & pointwise) || broadcasts(call.inputs)) gradient_fan_in_ = many;
  const double slope = std::max(call.slope, op.rule & saturates ? 1.0 : 0.0);
  const double first = greatest_weight * slope;
  slope_ = std::max(first, first * first);  // of first and second derivatives
}

const std::vector<std::vector<std::vector<double>>>& Reference::noisy() {
  while (noisy_.size() < noisy_runs) {
    const Noise noise(eps_, plan_.seed + noisy_.size());
    const Outcome o = run(call_, call_.inputs, plan_);
    std::vector<std::vector<double>> values;
    for (const Tensor& t : o.all)
      values.push_back(t.defined() ? t.to_vector<double>() : std::vector<double>());
    noisy_.push_back(values);
  }
  return noisy_;
}

double Reference::greatest_gradient() const {
  return greatest_of(
      {exact_.all.begin() + static_cast<ptrdiff_t>(exact_.results), exact_.all.end()});
}

// How far noise moves an element; infinite where it makes it something else.
double Reference::deviation(const Element& e) {
  double d = 0;
  for (const auto& run : noisy()) {
    if (e.tensor >= run.size() || e.index >= run[e.tensor].size()) return INFINITY;
    const double v = run[e.tensor][e.index];
    if (!std::isfinite(v)) return INFINITY;
    d = std::max(d, std::abs(v - e.exact));
  }
  return d;
}

// Whether noise leaves an element that is not finite what it is.
bool Reference::is_stable(const Element& e) {
  for (const auto& run : noisy()) {
    if (e.tensor >= run.size() || e.index >= run[e.tensor].size()) return false;
    const double v = run[e.tensor][e.index];
    if (std::isnan(v) != std::isnan(e.exact) || std::isinf(v) != std::isinf(e.exact)) return false;
  }
  return true;
}

std::string Reference::describe(const Element& e) const {
  const bool is_result = e.tensor < exact_.results;
  return (is_result ? "result " : "gradient ") +
         std::to_string(is_result ? e.tensor : e.tensor - exact_.results) + ", element " +
         std::to_string(e.index) + ": " + number(e.got) + ", in float64 " + number(e.exact);
}

std::string Reference::judge(const Element& e, std::string& skip) {
  const double error = std::abs(e.got - e.exact);
  const double own = few * eps_ * std::abs(e.exact) + few * range_.least_normal;
  if (error <= own || e.got == e.exact) return "";
  if (std::isnan(e.exact) && std::isnan(e.got)) return "";
  const bool overflows = std::abs(e.exact) > range_.greatest * (1 - few * eps_);
  if (overflows && std::abs(e.got) > range_.greatest &&
      std::signbit(e.got) == std::signbit(e.exact))
    return "";
  if (std::isfinite(e.exact) ? !std::isfinite(e.got) || overflows || (op_.rule & in_chain)
      : std::isinf(e.exact)  ? std::isnan(e.got)
                             : op_.rule & in_chain)
    if (may_overflow_) {
      skip = "overflow on the way";
      return "";
    }
  // To where relu and abs have another slope, say; or to 0 / 0.
  const bool from_zero =
      op_.rule & in_chain ? e.got == 0 : std::isinf(e.exact) && std::isnan(e.got);
  if (from_zero && may_underflow_) {
    skip = "underflow on the way";
    return "";
  }
  if (!std::isfinite(e.exact) || !std::isfinite(e.got)) {
    if (is_stable(e)) return describe(e);
    skip = "at a branch";
    return "";
  }
  const double d = deviation(e);
  const bool is_gradient = e.tensor >= exact_.results;
  // In a chain errors of several ops meet, each of more than the one rounding that noise stands
  // for.
  const double ops = op_.rule & in_chain ? 2 : 1;
  double allowed = own + few * ops * (is_gradient ? gradient_fan_in_ : fan_in_) * d;
  if (is_gradient && slope_ > 0) allowed += few * gradient_fan_in_ * eps_ * slope_;
  if (op_.rule & near_one) allowed += few * eps_ * call_.one;
  if (is_gradient && op_.rule & cancelling)
    allowed += few * gradient_fan_in_ * eps_ * greatest_gradient();
  if (error <= allowed) return "";
  if (std::isinf(d)) {
    skip = "at a branch";
    return "";
  }
  // Also of a factor that saturates at 0.
  if ((!(op_.rule & pointwise) || op_.rule & saturates) && std::abs(e.exact) < range_.vanishing) {
    skip = "underflow on the way";
    return "";
  }
  return describe(e) + ", allowed " + number(allowed);
}

std::optional<Failure> Reference::compare_integers(const Tensor& got, size_t i, std::string& skip) {
  const Tensor& exact = exact_.all[i];
  const auto x = exact.to_vector<int64_t>(), y = got.to_vector<int64_t>();
  for (size_t k = 0; k < x.size(); ++k) {
    if (x[k] == y[k]) continue;
    for (const auto& run : noisy())
      if (run.size() <= i || run[i].size() <= k || run[i][k] != static_cast<double>(x[k])) {
        skip = "at a branch";
        return {};
      }
    return Failure{"value", "result " + std::to_string(i) + ", element " + std::to_string(k) +
                                ": " + std::to_string(y[k]) + ", in float64 " +
                                std::to_string(x[k])};
  }
  return {};
}

std::optional<Failure> Reference::compare_tensor(const Tensor& got, size_t i, std::string& skip) {
  const Tensor& exact = exact_.all[i];
  const std::string kind = i < exact_.results ? "value" : "gradient";
  if (got.defined() != exact.defined()) return Failure{kind, "is only in one dtype defined"};
  if (!got.defined()) return {};
  if (!(got.shape() == exact.shape())) {
    return Failure{kind, "shape " + got.shape().str() + ", in float64 " + exact.shape().str()};
  }
  if (!exact.is_floating_point()) return compare_integers(got, i, skip);
  const auto x = exact.to_vector<double>(), y = got.to_vector<double>();
  for (size_t k = 0; k < x.size(); ++k)
    if (std::string wrong = judge({i, k, x[k], y[k]}, skip); !wrong.empty())
      return Failure{kind, wrong};
  return {};
}

std::optional<Failure> Reference::compare(const Outcome& o, Skips& skips) {
  if (o.failed && o.error.find("does not fit into float16") != std::string::npos) {
    ++skips["a number that float16 does not hold"];
    return {};
  }
  if (o.failed != exact_.failed || o.stage != exact_.stage)
    return Failure{"error", "one dtype: \"" + o.error + "\", float64: \"" + exact_.error + "\""};
  if (o.failed) return {};
  if (o.all.size() != exact_.all.size()) return Failure{"value", "another number of results"};
  std::string skip = o.too_large ? "too large" : "";
  for (size_t i = 0; i < o.all.size(); ++i)
    if (auto failure = compare_tensor(o.all[i], i, skip)) return failure;
  if (!skip.empty()) ++skips[skip];
  return {};
}

}  // namespace rw::fuzz
