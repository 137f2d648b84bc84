#include <rewind/nn/module.h>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <typeinfo>

#include <rewind/nn/parametrization_list.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

// --- The registry -------------------------------------------------------------------------------

detail::Registered& detail::Registered::operator=(Registered&& from) noexcept {
  const bool follows =
      this != &from && from.slot_ && (!slot_ || slot_->owners == from.slot_->owners);
  if (!follows) return *this;
  leave();
  follow(from);
  return *this;
}

void detail::Registered::follow(Registered& from) noexcept {
  slot_ = std::move(from.slot_);
  if (!slot_) return;
  slot_->member = this;
  slot_->moved = true;
}

void detail::Registered::leave() noexcept {
  if (slot_) slot_->member = nullptr;
}

ModuleTensor& ModuleTensor::operator=(const Tensor& t) {
  if (slot_ && detail::Parametrizations::assign(*slot_, t)) return *this;
  const bool trained = defined() && is_leaf() && requires_grad();
  const bool takes = trained && t.defined() && t.is_floating_point() && !t.requires_grad();
  Tensor::operator=(takes ? t.detach().requires_grad_() : t);
  return *this;
}

ModuleTensor::~ModuleTensor() {
  if (slot_ && !slot_->moved) slot_->lost = true;
}

ModuleTensor::ModuleTensor(Module& owner, std::string name, unsigned kind, Tensor t)
    : Tensor(std::move(t)) {
  owner.enter(std::move(name), static_cast<Module::Kind>(kind), *this);
}

Module::Module(Module&& other) noexcept
    : detail::OneTensorForward(), detail::Registered(std::move(other)) {
  take(std::move(other));
}

Module& Module::operator=(Module&& other) noexcept {
  if (this == &other) return *this;
  leave_members();
  Registered::operator=(std::move(other));
  take(std::move(other));
  return *this;
}

Module::~Module() { leave_members(); }

void Module::take(Module&& other) {
  entries_ = std::exchange(other.entries_, {});
  for (const Entry& e : entries_)
    std::replace(e.slot->owners.begin(), e.slot->owners.end(), &other, this);
  training_ = other.training_;
  held_elsewhere_ = other.held_elsewhere_;
  hooks_ = std::move(other.hooks_);
  parametrizations_ = std::move(other.parametrizations_);
}

void Module::leave_members() {
  for (const Entry& e : entries_) {
    std::vector<Module*>& owners = e.slot->owners;
    owners.erase(std::find(owners.begin(), owners.end(), this));
    if (owners.empty() && e.slot->member) e.slot->member->slot_.reset();
  }
  entries_.clear();
}

namespace {

void check_name(const std::string& name) {
  check(!name.empty() && name.find('.') == std::string::npos,
        "add: expected a name without a dot, which stands between the names of a path, got '{}'",
        name);
}

}  // namespace

bool Module::stands_below(const Module& m) const {
  return slot_ && std::any_of(slot_->owners.begin(), slot_->owners.end(), [&](const Module* owner) {
           return owner == &m || owner->stands_below(m);
         });
}

bool Module::has_member(const std::string& name) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) {
    return e.name == name && (e.slot->member || e.slot->lost);
  });
}

void Module::check_addition(const std::string& name, const Module& layer) const {
  check_name(name);
  check(&layer != this, "add: '{}' is the module itself", name);
  check(!stands_below(layer), "add: '{}' is a {} that this {} stands below", name, layer.name(),
        this->name());
}

void Module::enter(std::string name, Kind kind, detail::Registered& member,
                   std::shared_ptr<Module> owned) {
  if (kind == module_kind)
    check_addition(name, static_cast<const Module&>(member));
  else
    check_name(name);
  check(!has_member(name), "add: there are two members of the name '{}'", name);
  std::erase_if(entries_, [](const Entry& e) { return !e.slot->member && !e.slot->lost; });
  if (!member.slot_) member.slot_ = std::make_shared<detail::Slot>(detail::Slot{&member, {}});
  member.slot_->owners.push_back(this);
  entries_.push_back({std::move(name), kind, member.slot_, std::move(owned)});
}

void Module::enter_owned(std::string name, std::shared_ptr<Module> layer) {
  check(layer != nullptr, "add: the layer '{}' is null", name);
  Module& member = *layer;
  enter(std::move(name), module_kind, member, std::move(layer));
}

void Module::unregister_module(const std::string& name) {
  const auto e = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.name == name && module_of(entry);
  });
  check(e != entries_.end(), "unregister_module: {} has no layer '{}'", this->name(), name);
  const Entry gone = std::move(*e);  // destroyed, with what it may own, when the rest is done
  entries_.erase(e);
  std::vector<Module*>& owners = gone.slot->owners;
  owners.erase(std::find(owners.begin(), owners.end(), this));
  if (owners.empty() && gone.slot->member) gone.slot->member->slot_.reset();
}

// Null where it is of another kind, or gone.
Module* Module::module_of(const Entry& e) {
  return e.kind == module_kind ? static_cast<Module*>(e.slot->member) : nullptr;
}
const ModuleTensor* Module::tensor_of(const Entry& e, unsigned kinds) {
  return (e.kind & kinds) != 0 ? static_cast<ModuleTensor*>(e.slot->member) : nullptr;
}

const std::string& Module::name_of(const Module& member) const {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const Entry& e) { return e.slot == member.slot_; })
      ->name;
}

Parameter Module::parameter(std::string name, Tensor t) {
  if (t.defined()) t.requires_grad_();
  return {*this, std::move(name), parameter_kind, std::move(t)};
}

Buffer Module::buffer(std::string name, Tensor t) {
  return {*this, std::move(name), buffer_kind, std::move(t)};
}

// --- What is there ------------------------------------------------------------------------------

void Module::collect(unsigned kinds, const std::string& prefix, NamedTensors& out) const {
  for (const Entry& e : entries_) {
    if (e.slot->lost)
      fail(
          "{}: '{}' was registered and is gone: keep what parameter() and buffer() return as an "
          "nn::Parameter or nn::Buffer, and move it where it is to be; a Tensor made of it, or a "
          "copy, is not known to the model",
          this->name(), prefix + e.name);
    if (const ModuleTensor* t = tensor_of(e, kinds); t && t->defined())
      out.emplace_back(prefix + e.name, *t);
  }
  for (const Entry& e : entries_)
    if (const Module* m = module_of(e)) m->collect(kinds, prefix + e.name + ".", out);
}

// Tied tensors appear under their first name only.
NamedTensors Module::each_once(unsigned kinds) const {
  NamedTensors all, once;
  collect(kinds, "", all);
  for (auto& [name, t] : all)
    if (std::none_of(once.begin(), once.end(),
                     [&t = t](const auto& o) { return o.second.is_same(t); }))
      once.emplace_back(std::move(name), t);
  return once;
}

namespace {

std::vector<Tensor> without_names(const NamedTensors& named) {
  std::vector<Tensor> tensors;
  tensors.reserve(named.size());
  for (const auto& [name, t] : named) tensors.push_back(t);
  return tensors;
}

}  // namespace

NamedTensors Module::named_parameters() const { return each_once(parameter_kind); }
NamedTensors Module::named_buffers() const { return each_once(buffer_kind); }
std::vector<Tensor> Module::parameters() const { return without_names(named_parameters()); }
std::vector<Tensor> Module::buffers() const { return without_names(named_buffers()); }

std::vector<std::pair<std::string, Module*>> Module::named_children() const {
  std::vector<std::pair<std::string, Module*>> children;
  for (const Entry& e : entries_)
    if (Module* m = module_of(e)) children.emplace_back(e.name, m);
  return children;
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  std::vector<std::pair<std::string, Module*>> all{{"", this}};
  for (const auto& [name, child] : named_children())
    for (const auto& [below, module] : child->named_modules())
      all.emplace_back(below.empty() ? name : fmt::format("{}.{}", name, below), module);
  return all;
}

std::vector<Module*> Module::modules() {
  std::vector<Module*> all;
  for (const auto& [path, module] : named_modules()) all.push_back(module);
  return all;
}

Module& Module::get_submodule(const std::string& path) {
  Module* at = this;
  for (size_t begin = 0; begin <= path.size() && !path.empty();) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const std::string wanted = path.substr(begin, end - begin);
    std::vector<std::string> there;
    Module* below = nullptr;
    for (const auto& [name, child] : at->named_children()) {
      if (name == wanted) below = child;
      there.push_back(name);
    }
    check(below != nullptr, "get_submodule: '{}': {} has no layer '{}', but {}", path, at->name(),
          wanted, there.empty() ? "none" : fmt::format("{}", fmt::join(there, ", ")));
    at = below;
    begin = end + 1;
  }
  return *at;
}

int64_t Module::multiply_adds(std::span<const Tensor>, std::span<const Tensor>) const { return 0; }

int64_t Module::num_parameters() const {
  int64_t n = 0;
  for (const Tensor& t : parameters()) n += t.numel();
  return n;
}

StateDict Module::state_dict() const {
  StateDict state;
  collect(parameter_kind | buffer_kind, "", state);
  for (auto& [name, t] : state) t = t.detach();
  return state;
}

// --- What can be done to all --------------------------------------------------------------------

Module& Module::apply(const std::function<void(Module&)>& f) {
  for (const auto& [name, child] : named_children()) child->apply(f);
  f(*this);
  return *this;
}

Module& Module::train(bool on) {
  return apply([on](Module& m) { m.training_ = on; });
}

void Module::zero_grad() const {
  for (const Tensor& p : parameters())
    if (p.requires_grad()) p.set_grad({});
}

Module& Module::held_elsewhere(bool on) {
  held_elsewhere_ = on;
  return *this;
}

Module& Module::requires_grad_(bool on) {
  for (Tensor& p : parameters()) p.requires_grad_(on);
  return *this;
}

Module& Module::to(DType dtype) {
  check<DTypeError>(is_floating(dtype), "to: a module takes floating dtypes, got {}", dtype);
  NamedTensors all;
  collect(parameter_kind | buffer_kind, "", all);
  for (const auto& [name, t] : all)
    if (t.is_floating_point() && t.dtype() != dtype) t.set_data(t.detach().to(dtype));
  detail::Parametrizations::bring_up_to_date(*this);
  return *this;
}

// --- Printing -----------------------------------------------------------------------------------

namespace {

// Without namespaces, but with template arguments.
std::string short_name(const std::type_info& type) {
  int status = 0;
  char* readable = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string full = status == 0 ? readable : type.name();
  std::free(readable);
  const size_t colons = full.substr(0, full.find('<')).rfind("::");
  return colons == std::string::npos ? full : full.substr(colons + 2);
}

}  // namespace

std::string Module::name() const { return short_name(typeid(*this)); }

void Module::fail_other_type(const std::string& what, const Module& layer,
                             const std::type_info& wanted) {
  fail("{} is of the type {}, not {}", what, layer.name(), short_name(wanted));
}

void Module::print(std::string& out, const std::string& indent) const {
  out += name() + "(" + extra_repr();
  const auto children = named_children();
  for (const auto& [child, module] : children) {
    out += fmt::format("\n{}  ({}): ", indent, child);
    module->print(out, indent + "  ");
  }
  out += children.empty() ? ")" : "\n" + indent + ")";
}

std::string to_string(const Module& m) {
  std::string out;
  m.print(out, "");
  return out;
}

std::ostream& operator<<(std::ostream& os, const Module& m) { return os << to_string(m); }

}  // namespace rw::nn
