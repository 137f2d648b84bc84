#include <rewind/nn/call.h>

#include <algorithm>

#include <rewind/nn/calls_aside.h>
#include <rewind/nn/module.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

Tensor detail::OneTensorForward::forward(const Tensor&) {
  const std::string name = static_cast<Module&>(*this).name();
  fail(
      "{0}: there is no `Tensor forward(const Tensor& x) override`; a forward of another signature "
      "takes nn::ModuleOf<{0}> as the base, and a call as a {0}, not as one layer among others",
      name);
}

Tensor Module::operator()(const Tensor& x) {
  return detail::call(
      *this, [this](const Tensor& t) { return forward(t); }, x);
}
Tensor Module::operator()(Tensor&& x) {
  return detail::call(
      *this, [this](Tensor&& t) { return forward_temporary(std::move(t)); }, std::move(x));
}

namespace detail {

Call::Call(const Module& module) : module_(module), caller_(innermost_call) {
  if (caller_ && !may_call(module)) caller_->fail_unregistered(module);
  innermost_call = this;
}
Call::~Call() { innermost_call = caller_; }

// --- Whether the model knows a layer ------------------------------------------------------------

bool Call::may_call(const Module& m) const {
  const bool by_its_owner =
      m.slot_ && !m.slot_->owners.empty() && m.slot_->owners[0] == &caller_->module_;
  if (by_its_owner || (m.entries_.empty() && !m.has_training_mode())) return true;
  return stands_below_a_call(m);
}

bool Call::stands_below_a_call(const Module& m) const {
  for (const Call* c = caller_; c; c = c->caller_)
    if (&c->module_ == &m) return true;
  if (m.held_elsewhere_) return true;
  return m.slot_ &&
         std::any_of(m.slot_->owners.begin(), m.slot_->owners.end(),
                     [this](const Module* owner) { return stands_below_a_call(*owner); });
}

void Call::fail_unregistered(const Module& m) const {
  const Call* root = this;
  while (root->caller_) root = root->caller_;
  const std::string names = path(), model = root->module_.name();
  Error e(fmt::format(
      "a {} is called that no module has as a member; register it: add(\"name\", layer), or, where "
      "another model than {} holds it on purpose, allow it: layer.held_elsewhere()",
      m.name(), model));
  e.set_place(names.empty() ? model : fmt::format("{}.{}", model, names));
  throw e;
}

// --- Where it is --------------------------------------------------------------------------------

// The innermost call, from the caller on, of `m` or of a module that it stands below, and the names
// from there down to `m`.
const Call* Call::way_to(const Module& m, std::string& names) const {
  for (const Call* c = caller_; c; c = c->caller_)
    if (&c->module_ == &m) return c;
  if (!m.slot_) return nullptr;
  for (const Module* owner : m.slot_->owners)
    if (const Call* c = way_to(*owner, names)) {
      names += (names.empty() ? "" : ".") + owner->name_of(m);
      return c;
    }
  return nullptr;
}

// Of this call's module, from the outermost call's down.
std::string Call::path() const {
  if (!caller_) return "";
  std::string names;
  const Call* from = way_to(module_, names);
  if (!from) names = module_.name();
  const std::string start = (from ? from : caller_)->path();
  return start + (start.empty() || names.empty() ? "" : ".") + names;
}

void Call::locate(Error& e) const {
  if (const std::string names = path(); !names.empty()) e.set_place(names);
}

}  // namespace detail
}  // namespace rw::nn
