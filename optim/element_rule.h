#pragma once
// What the sources of elementwise optimizers define: a rule, from which all else follows.

#include <array>
#include <initializer_list>
#include <utility>

#include <rewind/kernels/update/update.h>
#include <rewind/optim/elementwise.h>
#include <rewind/tensor/check.h>

namespace rw::optim {

/// A tensor that is kept for each parameter.
template <class Options>
struct StateSlot {
  const char* name;                             ///< PyTorch's
  bool (*is_used)(const Options&) = nullptr;    ///< by these options; always, if null
  double (*initial)(const Options&) = nullptr;  ///< its elements at first; 0, if null
};

/// How a rule takes gradients of rows.
enum class TakesRows : uint8_t {
  by_row,       ///< changes these alone, by the rule, which leaves a row of zeros as it is
  only_by_row,  ///< the same of a rule that would change other rows, or make them NaN
  dense         ///< as the tensor that they stand for
};

/// An elementwise optimizer.
template <class Options>
struct ElementRule {
  const char* name;
  std::vector<StateSlot<Options>> slots;
  void (*check)(const Options&);
  /// What the update needs besides the options, after the step was counted; may change the state's
  /// numbers. The same for parameters of one group whose step and numbers are the same.
  std::array<double, 4> (*numbers)(const Options&, ParamState&) = nullptr;
  kernels::UpdateRule update;
  std::vector<const char*> number_names = {};
  bool counts_steps = true;
  /// By these options; not at all, if null. May throw for options that rule rows out.
  TakesRows (*takes_rows)(const Options&) = nullptr;
  bool takes_rows_only = false;
};

/// Defined by each optimizer's source.
template <class Options>
const ElementRule<Options>& rule_of();

///@{
/// Throw, naming the option.
inline void check_at_least_0(const char* optimizer,
                             std::initializer_list<std::pair<const char*, double>> options) {
  for (const auto& [option, v] : options)
    check(v >= 0, "{}: expected {} >= 0, got {}", optimizer, option, v);
}
inline void check_betas(const char* optimizer, const std::pair<double, double>& betas) {
  const auto [beta1, beta2] = betas;
  check(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
        "{}: expected betas in [0, 1), got {} and {}", optimizer, beta1, beta2);
}
/// Of a rule that is to change rows alone.
inline void check_no_weight_decay(const char* optimizer, double weight_decay) {
  check(weight_decay == 0,
        "{}: expected no weight_decay, which changes every row, with a gradient of rows, got {}",
        optimizer, weight_decay);
}
///@}

template <class Options>
StateNames names_of(const ElementRule<Options>& rule) {
  StateNames names{.numbers = rule.number_names, .step = rule.counts_steps};
  for (const auto& slot : rule.slots) names.tensors.push_back(slot.name);
  return names;
}

template <class Options>
ElementwiseOptimizer<Options>::ElementwiseOptimizer(std::vector<Group> groups)
    : GroupedOptimizer<Options>(
          rule_of<Options>().name, names_of(rule_of<Options>()), std::move(groups),
          [](const Group& group) { rule_of<Options>().check(group.options); }) {}

template <class Options>
void ElementwiseOptimizer<Options>::check_gradients() const {
  const ElementRule<Options>& rule = rule_of<Options>();
  if (!rule.takes_rows) return Optimizer::check_gradients();
  for (size_t k = 0; k < this->groups().size(); ++k)
    for (size_t i = 0; i < this->groups()[k].params.size(); ++i) {
      const Tensor& p = this->groups()[k].params[i];
      if (p.sparse_grad().defined())
        check(rule.takes_rows(this->groups()[k].options) != TakesRows::only_by_row ||
                  p.is_contiguous(),
              "{}: parameter {} of group {} is not row-major, which a gradient of rows needs",
              rule.name, i, k);
      else
        check<AutogradError>(!rule.takes_rows_only || !p.grad().defined(),
                             "{}: parameter {} of group {} has a dense gradient; expected one of "
                             "rows, of an embedding with sparse = true",
                             rule.name, i, k);
    }
}

/// Appends the updates of rows of a parameter that `whole` would update.
inline void update_rows(const kernels::Update& whole, const SparseRows& rows,
                        std::vector<kernels::Update>& updates) {
  const int64_t n = rows.rows > 0 ? whole.n / rows.rows : 0;
  const auto bytes = [&](DType dtype, int64_t row) {
    return row * n * static_cast<int64_t>(itemsize(dtype));
  };
  const auto* index = rows.indices.data<const int64_t>();
  for (int64_t i = 0; i < rows.indices.numel(); ++i) {
    kernels::Update& u = updates.emplace_back(whole);
    u.n = n;
    u.param = static_cast<char*>(u.param) + bytes(u.dtype, index[i]);
    u.grad = static_cast<const char*>(u.grad) + bytes(u.dtype, i);
    for (void*& slot : u.slots)
      if (slot) slot = static_cast<char*>(slot) + bytes(compute_dtype(u.dtype), index[i]);
  }
}

template <class Options>
void ElementwiseOptimizer<Options>::update() {
  const ElementRule<Options>& rule = rule_of<Options>();
  std::vector<kernels::Update> updates;
  std::vector<Tensor> grads;  // kept alive to the end
  size_t count = 0;
  for (const Group& group : this->groups()) count += group.params.size();
  updates.reserve(count);
  grads.reserve(count);
  for (size_t k = 0; k < this->groups().size(); ++k) {
    const Group& group = this->groups()[k];
    const Options& o = group.options;
    ParamState before, after;  // of the parameter that `numbers` were made for
    std::array<double, 4> numbers{};
    bool is_known = false;
    for (size_t i = 0; i < group.params.size(); ++i) {
      const Tensor& p = group.params[i];
      SparseRows rows = p.sparse_grad();
      const bool by_row =
          rows.defined() && p.is_contiguous() && rule.takes_rows(o) != TakesRows::dense;
      if (by_row) rows = rows.coalesce();
      Tensor g = by_row ? rows.values.contiguous() : this->gradient_like(p);
      if (!g.defined()) continue;
      ParamState& s = this->state(k, i);
      kernels::Update u{.param = p.raw_data(),
                        .grad = g.raw_data(),
                        .options = &o,
                        .n = p.numel(),
                        .dtype = p.dtype()};
      for (size_t j = 0; j < rule.slots.size(); ++j) {
        const auto& slot = rule.slots[j];
        if (slot.is_used && !slot.is_used(o)) continue;
        u.is_first |= j >= s.tensors.size() || !s.tensors[j].defined();
        const double initial = slot.initial ? slot.initial(o) : 0;
        u.slots[j] = this->state_tensor(s, j, p, initial).raw_data();
      }
      if (!is_known || before.step != s.step || before.numbers != s.numbers) {
        before.step = s.step;
        before.numbers = s.numbers;
        after = before;
        ++after.step;
        if (rule.numbers) numbers = rule.numbers(o, after);
        is_known = true;
      }
      s.step = after.step;
      s.numbers = after.numbers;
      u.numbers = numbers;
      if (by_row)
        update_rows(u, rows, updates);
      else
        updates.push_back(u);
      grads.push_back(std::move(g));
      p.impl()->storage->bump_version(rule.name);
    }
  }
  kernels::update_all(updates, rule.update);
}

}  // namespace rw::optim
