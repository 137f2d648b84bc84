#include "case.h"

#include <cmath>
#include <new>

#include <rewind/tensor/parallel.h>

namespace rw::fuzz {
namespace {

// Leaves memory of these tensors' sizes with the allocator, full of `byte`: results that are not
// written then show it.
void poison(const Tensors& like, size_t bytes_per_element, uint8_t byte) {
  Tensors held;
  for (const Tensor& t : like) {
    if (!t.defined() || t.numel() > 1 << 20) continue;
    const size_t size = t.is_floating_point() ? bytes_per_element : t.itemsize();
    for (int i = 0; i < 3; ++i)
      held.push_back(full({t.numel() * static_cast<int64_t>(size)}, int64_t{byte}, uint8));
  }
}

Tensors copies(const Tensors& all) {
  Tensors c;
  for (const Tensor& t : all) c.push_back(t.clone());
  return c;
}

std::string first_difference(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return "one is undefined";
  if (!(a.shape() == b.shape())) return a.shape().str() + " and " + b.shape().str();
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i] != y[i] && (x[i] == x[i] || y[i] == y[i]))
      return "element " + std::to_string(i) + ": " + std::to_string(x[i]) + " and " +
             std::to_string(y[i]);
  return "dtypes";
}

// Where sums of integers come as floating numbers.
bool relatively_near(const Tensor& a, const Tensor& b) {
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  for (size_t i = 0; i < x.size(); ++i) {
    const bool same = x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]));
    if (!same && !(std::abs(x[i] - y[i]) <= 0x1p-20 * std::abs(y[i]))) return false;
  }
  return true;
}

class Trial {
 public:
  Trial(const Op& op, const Call& call, const Plan& plan, const Draw& draw, Skips& skips)
      : op_(op), call_(call), plan_(plan), dtype_(draw.dtype), skips_(skips) {
    for (const Tensor& x : call.inputs) inputs_.push_back(x.dtype() == float64 ? x.to(dtype_) : x);
  }

  std::optional<Failure> run(Source& source) {
    const bool comparable = is_floating(dtype_) && !(op_.rule & random);
    if (comparable) reference_.emplace(op_, call_, plan_, dtype_);
    base_ = checked_run(inputs_, 0xa5, 1);
    if (changed_) return changed_;
    if (base_.failed && base_.stage > 0 && !(op_.rule & in_chain))
      return Failure{"backward throws", base_.error};
    if (comparable)
      if (auto failure = reference_->compare(base_, skips_)) return failure;
    if (auto failure = in_another_order(source)) return failure;
    return with_two_threads();
  }

 private:
  // A run that must not change its inputs.
  Outcome checked_run(const Tensors& inputs, uint8_t byte, int threads) {
    const Tensors before = copies(inputs);
    const Outcome& like = reference_ ? reference_->outcome() : base_;
    poison(like.all, itemsize(dtype_), byte);
    set_num_threads(threads);
    Outcome o = fuzz::run(call_, inputs, plan_);
    set_num_threads(1);
    for (size_t i = 0; i < inputs.size(); ++i)
      if (!same_bits(inputs[i], before[i]))
        changed_ = Failure{"changed input", "input " + std::to_string(i) +
                                                (o.failed ? " by a call that failed" : "")};
    return o;
  }

  std::optional<Failure> in_another_order(Source& source) {
    if (op_.rule & (random | by_memory)) return {};
    const auto order = static_cast<Order>(source.below(orders));
    Tensors arranged;
    for (const Tensor& x : inputs_)
      arranged.push_back(source.chance(0.8) ? fuzz::arranged(x, order).detach() : x);
    const Outcome o = checked_run(arranged, 0x3c, 1);
    const std::string how = std::string(name(order)) + ": ";
    if (changed_) return Failure{changed_->kind, how + changed_->what};
    if (o.failed != base_.failed) {
      if (op_.rule & by_strides) return {};
      return Failure{"order", how + "\"" + o.error + "\", row-major: \"" + base_.error + "\""};
    }
    return agree("order", how, o, op_.rule & pointwise ? base_.results : 0);
  }

  std::optional<Failure> with_two_threads() {
    const Outcome o = checked_run(inputs_, 0x7e, 2);
    if (changed_) return changed_;
    if (o.failed != base_.failed) return Failure{"threads", o.error + base_.error};
    return agree("threads", "", o, op_.rule & onednn ? 0 : o.all.size());
  }

  // As row-major on one thread: the first `exactly` tensors to the last bit, all of them within
  // what float64 allows.
  std::optional<Failure> agree(const std::string& kind, const std::string& how, const Outcome& o,
                               size_t exactly) {
    for (size_t i = 0; i < o.all.size(); ++i) {
      if (same_bits(o.all[i], base_.all[i])) continue;
      if (!reference_ && o.all[i].is_floating_point() && i >= exactly) {
        if (relatively_near(o.all[i], base_.all[i])) continue;  // a mean of integers, say
      } else if (i >= exactly && reference_) {
        Skips counted;  // with the comparison before, which had the same reason
        if (auto failure = reference_->compare(o, counted))
          return Failure{kind, how + failure->what};
        return {};
      }
      return Failure{kind, how + "result " + std::to_string(i) + ", " +
                               first_difference(o.all[i], base_.all[i])};
    }
    return {};
  }

  const Op& op_;
  const Call& call_;
  const Plan& plan_;
  DType dtype_;
  Skips& skips_;
  Tensors inputs_;
  std::optional<Reference> reference_;
  Outcome base_;
  std::optional<Failure> changed_;
};

std::string described(const Draw& d, const Tensors& inputs) {
  static const char* const styles[] = {"plain", "integers", "wide", "special"};
  std::string text = name(d.dtype) + std::string(", ") + styles[static_cast<int>(d.style)] +
                     (d.wild ? ", wild" : "") + "; inputs";
  for (const Tensor& x : inputs) text += " " + x.shape().str();
  return text + "; drawn" + d.text();
}

}  // namespace

Verdict run_case(uint64_t seed, uint64_t number, Skips& skips,
                 const std::function<void(const std::string& op)>& at) {
  Source source(seed, number);
  const Op& op = drawn_op(source);
  Verdict v = {op.name, "", {}};
  at(op.name);
  Draw draw(source);
  try {
    const Call call = op.make(draw);
    v.arguments = described(draw, call.inputs);
    at(op.name + " " + v.arguments);
    const Plan plan(draw);
    v.failure = Trial(op, call, plan, draw, skips).run(draw);
    v.arguments += *call.steps;
  } catch (const Failure& f) {
    v.failure = f;
  } catch (const Error& e) {
    v.failure = Failure{"generator", e.what()};
  } catch (const std::exception& e) {
    v.failure = Failure{"exception", e.what()};
  }
  set_num_threads(1);
  return v;
}

std::string op_of_case(uint64_t seed, uint64_t number) {
  Source source(seed, number);
  return drawn_op(source).function();
}

}  // namespace rw::fuzz
