#include <rewind/nn/parametrize.h>

#include <algorithm>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/calls_aside.h>
#include <rewind/nn/evaluation.h>
#include <rewind/nn/parametrization_list.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

namespace detail {

using utils::parametrize::Parametrization;

// --- One tensor ---------------------------------------------------------------------------------

ParametrizationList::ParametrizationList(std::shared_ptr<Module> first, const Tensor& start,
                                         bool is_buffer)
    : is_buffer_(is_buffer) {
  std::vector<Tensor> originals;
  if (auto* p = dynamic_cast<Parametrization*>(first.get())) originals = p->right_inverse(start);
  if (originals.empty()) originals = {start};
  for (size_t i = 0; i < originals.size(); ++i) {
    check(originals[i].defined(),
          "register_parametrization: right_inverse of {} gives an undefined "
          "tensor",
          first->name());
    const std::string name = originals.size() == 1 ? "original" : fmt::format("original{}", i);
    const Tensor t = originals[i].detach();
    originals_.push_back(is_buffer ? buffer(name, t) : parameter(name, t));
    originals_.back().requires_grad_(start.requires_grad());
  }
  append(std::move(first));
}

void ParametrizationList::append(std::shared_ptr<Module> step) {
  step->train(is_training());
  steps_.push_back(add(std::to_string(steps_.size()), std::move(step)));
}

void ParametrizationList::drop_last() {
  steps_.pop_back();
  unregister_module(std::to_string(steps_.size()));
}

void ParametrizationList::adopt(const Tensor& t) {
  t.set_data(originals_.at(0).detach());
  originals_[0] = t;
}

Tensor ParametrizationList::compute(const std::vector<Tensor>& originals, size_t steps) {
  Tensor value = originals.at(0);
  for (size_t i = 0; i < steps; ++i) {
    auto* p = i == 0 ? dynamic_cast<Parametrization*>(steps_[i].get()) : nullptr;
    if (p) {
      value = detail::call(*p, [&] { return p->compute(originals); });
    } else {
      value = (*steps_[i])(value);
    }
    check(value.defined(), "{}: a parametrization gave an undefined tensor", steps_[i]->name());
  }
  return value;
}

std::vector<Tensor> ParametrizationList::originals_of(const std::string& name,
                                                      const Tensor& value) const {
  const no_grad guard;
  std::vector<Tensor> originals = {value.detach()};
  for (size_t i = steps_.size(); i-- > 0;) {
    auto* p = dynamic_cast<Parametrization*>(steps_[i].get());
    const Tensor target = originals[0];
    originals = p ? p->right_inverse(target) : std::vector<Tensor>();
    check(originals.size() == (i == 0 ? originals_.size() : 1),
          "'{}' is parametrized, and can't be assigned: {} has no right_inverse", name,
          steps_[i]->name());
  }
  for (size_t i = 0; i < originals.size(); ++i) {
    check(originals[i].defined() && originals[i].dtype() == originals_[i].dtype(),
          "'{}' is parametrized: expected an assigned tensor of dtype {}", name,
          originals_[i].dtype());
    check<ShapeError>(originals[i].shape() == originals_[i].shape(),
                      "'{}' is parametrized: right_inverse of {} gives an original of shape {}, "
                      "expected {}",
                      name, steps_[0]->name(), originals[i].shape(), originals_[i].shape());
  }
  // In memory of their own: what is trained is changed in place.
  for (Tensor& t : originals) t = t.detach().clone();
  return originals;
}

void ParametrizationList::set(const std::vector<Tensor>& originals) {
  for (size_t i = 0; i < originals.size(); ++i) originals_[i].set_data(originals[i]);
}

// --- Those of a module --------------------------------------------------------------------------

Module::Entry* Parametrizations::entry(Module& module, const std::string& name) {
  const auto e = std::find_if(module.entries_.begin(), module.entries_.end(), [&](const Entry& of) {
    return of.name == name && of.kind != module_kind && of.slot->member;
  });
  return e == module.entries_.end() ? nullptr : &*e;
}

ModuleTensor* Parametrizations::member(Entry* e) {
  return e ? static_cast<ModuleTensor*>(e->slot->member) : nullptr;
}

Tensor Parametrizations::tensor(Module& module, const std::string& name) {
  const ModuleTensor* t = member(entry(module, name));
  return t ? static_cast<const Tensor&>(*t) : Tensor();
}

const std::shared_ptr<ParametrizationList>& Parametrizations::find(const std::string& name) const {
  static const std::shared_ptr<ParametrizationList> none;
  for (const auto& [key, list] : lists_)
    if (key == name) return list;
  return none;
}

void Parametrizations::compute(Module& module) {
  for (const auto& [name, list] : lists_)
    if (ModuleTensor* t = member(entry(module, name))) static_cast<Tensor&>(*t) = list->compute();
}

namespace {

// Evaluation mode of parametrizations alone.
void compute_quietly(Parametrizations& all, Module& module) {
  const CallsAside aside;
  const no_grad guard;
  const std::lock_guard<std::recursive_mutex> lock(all.mutex);
  const Evaluation evaluation(all);
  all.compute(module);
}

}  // namespace

void Parametrizations::bring_up_to_date(Module& model) {
  model.apply([](Module& m) {
    if (const auto all = m.parametrizations_) compute_quietly(*all, m);
  });
}

bool Parametrizations::assign(const Slot& slot, const Tensor& t) {
  for (Module* owner : slot.owners) {
    if (!owner->parametrizations_) continue;
    for (const Entry& e : owner->entries_) {
      if (e.slot.get() != &slot || e.kind != computed_kind) continue;
      owner->parametrizations_->assign(e.name, static_cast<ModuleTensor&>(*slot.member), t);
      return true;
    }
  }
  return false;
}

// Without a power iteration, say, and all of it or nothing.
void Parametrizations::assign(const std::string& name, Tensor& member, const Tensor& t) {
  check(t.defined(), "'{}' is parametrized: it can't be assigned an undefined tensor", name);
  check<ShapeError>(t.shape() == member.shape(),
                    "'{}' is parametrized: expected an assigned tensor of shape {}, got {}", name,
                    member.shape(), t.shape());
  const CallsAside aside;
  const no_grad guard;
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  const auto& list = find(name);
  const Evaluation evaluation(*list);
  const std::vector<Tensor> originals = list->originals_of(name, t);
  const Tensor value = list->compute(originals);
  list->set(originals);
  member = value;
}

namespace {

void check_fits(const Tensor& value, const Tensor& before, const Module& step, bool unsafe) {
  check<ShapeError>(
      unsafe || value.shape() == before.shape(),
      "register_parametrization: {} makes a tensor of shape {} one of shape {}, which "
      "has to be allowed: {{.unsafe = true}}",
      step.name(), before.shape(), value.shape());
  check<DTypeError>(
      unsafe || value.dtype() == before.dtype(),
      "register_parametrization: {} makes a tensor of dtype {} one of dtype {}, which "
      "has to be allowed: {{.unsafe = true}}",
      step.name(), before.dtype(), value.dtype());
}

}  // namespace

void Parametrizations::add_step(Module& module, const std::string& name,
                                std::shared_ptr<Module> step, bool unsafe) {
  check(step != nullptr, "register_parametrization: the parametrization of '{}' is null", name);
  const CallsAside aside;
  const no_grad guard;
  Entry* e = entry(module, name);
  check(e && member(e)->defined(), "register_parametrization: {} has no parameter or buffer '{}'",
        module.name(), name);
  check<AutogradError>(e->kind == computed_kind || member(e)->is_leaf(),
                       "register_parametrization: '{}' of {} is the result of an op, not a leaf",
                       name, module.name());
  if (e->kind == computed_kind)
    module.parametrizations_->go_on(*member(e), name, std::move(step), unsafe);
  else
    start(module, name, std::move(step), unsafe);
}

void Parametrizations::start(Module& module, const std::string& name, std::shared_ptr<Module> step,
                             bool unsafe) {
  const Tensor before = *member(entry(module, name));
  const bool is_buffer = entry(module, name)->kind == buffer_kind;
  const auto list = std::make_shared<ParametrizationList>(step, before, is_buffer);
  list->train(module.is_training());
  const Tensor value = list->compute();
  check_fits(value, before, *step, unsafe);
  check<DTypeError>(!list->has_one() || list->original().dtype() == before.dtype(),
                    "register_parametrization: right_inverse of {} makes {} of dtype {}",
                    step->name(), list->original().dtype(), before.dtype());
  if (!module.parametrizations_) {
    const auto all = std::make_shared<Parametrizations>();
    all->train(module.is_training());
    module.enter_owned("parametrizations", all);
    module.parametrizations_ = all;
  }
  if (list->has_one()) list->adopt(before);
  auto& all = *module.parametrizations_;
  all.lists_.emplace_back(name, all.add(name, list));
  Entry* e = entry(module, name);
  e->kind = computed_kind;
  static_cast<Tensor&>(*member(e)) = value.detach();
}

void Parametrizations::go_on(ModuleTensor& member, const std::string& name,
                             std::shared_ptr<Module> step, bool unsafe) {
  const auto& list = find(name);
  const Tensor before = list->compute();
  const std::string step_name = step->name();
  list->append(step);
  try {
    const Tensor value = list->compute();
    check_fits(value, before, *step, unsafe);
    static_cast<Tensor&>(member) = value;
  } catch (...) {
    list->drop_last();
    throw;
  }
}

void Parametrizations::remove(Module& module, const std::string& name, bool leave_parametrized) {
  Entry* e = entry(module, name);
  check(e && e->kind == computed_kind, "remove_parametrizations: '{}' of {} is not parametrized",
        name, module.name());
  const std::shared_ptr<Parametrizations> all = module.parametrizations_;
  const std::shared_ptr<ParametrizationList> list = all->find(name);
  check(leave_parametrized || list->has_one(),
        "remove_parametrizations: '{}' of {} has several originals, none of which can be left in "
        "its place; expected leave_parametrized = true",
        name, module.name());
  const CallsAside aside;
  const no_grad guard;
  Tensor left = list->original();
  if (leave_parametrized) {
    const Tensor value = list->compute();
    if (list->has_one())
      left.set_data(value.detach().clone());
    else
      left = value.detach().clone().requires_grad_(list->is_trained());
  }
  e->kind = list->is_buffer() ? buffer_kind : parameter_kind;
  static_cast<Tensor&>(*member(e)) = left;
  all->unregister_module(name);
  std::erase_if(all->lists_, [&](const auto& l) { return l.first == name; });
  if (!all->lists_.empty()) return;
  module.parametrizations_.reset();
  module.unregister_module("parametrizations");
}

ComputedMembers::ComputedMembers(Module& module) : held_(module.parametrizations_) {
  if (!held_) [[likely]]
    return;
  held_->mutex.lock();
  try {
    held_->compute(module);
  } catch (...) {
    held_->mutex.unlock();
    throw;
  }
}

ComputedMembers::~ComputedMembers() {
  if (held_) held_->mutex.unlock();
}

}  // namespace detail

// --- What users call ----------------------------------------------------------------------------

namespace utils::parametrize {

using detail::Parametrizations;

Tensor Parametrization::compute(std::span<const Tensor> originals) {
  check(originals.size() == 1, "{}: expected compute() to be overridden for {} originals", name(),
        originals.size());
  return forward(originals[0]);
}
std::vector<Tensor> Parametrization::right_inverse(const Tensor&) { return {}; }

Module& register_parametrization(Module& module, const std::string& name,
                                 std::shared_ptr<Module> parametrization,
                                 const ParametrizationOptions& options) {
  Parametrizations::add_step(module, name, std::move(parametrization), options.unsafe);
  return module;
}

Module& remove_parametrizations(Module& module, const std::string& name, bool leave_parametrized) {
  Parametrizations::remove(module, name, leave_parametrized);
  return module;
}

bool is_parametrized(const Module& module) { return Parametrizations::of(module) != nullptr; }
bool is_parametrized(const Module& module, const std::string& name) {
  const Parametrizations* all = Parametrizations::of(module);
  return all && all->find(name);
}

void refresh(Module& module) {
  const detail::CallsAside aside;
  module.apply([](Module& m) { const detail::ComputedMembers computed(m); });
}

}  // namespace utils::parametrize
}  // namespace rw::nn
