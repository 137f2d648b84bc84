#include <rewind/nn/module.h>

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <typeinfo>

#include <rewind/autograd/grad_mode.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

ModuleTensor::ModuleTensor(Module& owner, std::string name, unsigned kind, Tensor t)
    : Tensor(std::move(t)) {
  owner.check_new(name);
  owner.enter(std::move(name), static_cast<Module::Kind>(kind), this);
}

// --- The registry -------------------------------------------------------------------------------

Module::Module(Module&& other) noexcept
    : entries_(std::move(other.entries_)),
      training_(other.training_),
      hooks_(std::move(other.hooks_)) {
  if (other.joins_) other.joins_->enter(std::move(other.joins_as_), module_kind, this);
}

Module& Module::operator=(Module&& other) noexcept {
  entries_ = std::move(other.entries_);
  training_ = other.training_;
  hooks_ = std::move(other.hooks_);
  return *this;
}

void Module::check_new(const std::string& name) const {
  for (const Entry& e : entries_)
    check(e.name != name, "add: there are two members of the name '{}'", name);
}

void Module::expect(Module& layer, std::string name) {
  check_new(name);
  layer.joins_ = this;
  layer.joins_as_ = std::move(name);
}

void Module::enter(std::string name, Kind kind, const void* member) {
  const auto offset = static_cast<const char*>(member) - reinterpret_cast<const char*>(this);
  entries_.push_back({std::move(name), kind, offset, nullptr});
}

void Module::enter_owned(std::string name, std::shared_ptr<Module> layer) {
  check(layer != nullptr, "add: the layer '{}' is null", name);
  check_new(name);
  entries_.push_back({std::move(name), module_kind, 0, std::move(layer)});
}

Module* Module::module_of(const Entry& e) const {
  if (e.owned) return e.owned.get();
  auto* self = reinterpret_cast<char*>(const_cast<Module*>(this));
  return reinterpret_cast<Module*>(self + e.offset);
}

const ModuleTensor& Module::tensor_of(const Entry& e) const {
  return *reinterpret_cast<const ModuleTensor*>(reinterpret_cast<const char*>(this) + e.offset);
}
ModuleTensor& Module::tensor_of(const Entry& e) {
  return *reinterpret_cast<ModuleTensor*>(reinterpret_cast<char*>(this) + e.offset);
}

// The result is made in place as the member, so its address is the member's.
Parameter Module::parameter(std::string name, Tensor t) {
  if (t.defined()) t.requires_grad_();
  return {*this, std::move(name), parameter_kind, std::move(t)};
}

Buffer Module::buffer(std::string name, Tensor t) {
  return {*this, std::move(name), buffer_kind, std::move(t)};
}

// --- What is there ------------------------------------------------------------------------------

void Module::collect(unsigned kinds, const std::string& prefix, NamedTensors& out) const {
  for (const Entry& e : entries_)
    if ((e.kind & kinds) != 0 && tensor_of(e).defined())
      out.emplace_back(prefix + e.name, tensor_of(e));
  for (const Entry& e : entries_)
    if (e.kind == module_kind) module_of(e)->collect(kinds, prefix + e.name + ".", out);
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
    if (e.kind == module_kind) children.emplace_back(e.name, module_of(e));
  return children;
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  std::vector<std::pair<std::string, Module*>> all{{"", this}};
  for (const auto& [name, child] : named_children())
    for (const auto& [below, module] : child->named_modules())
      all.emplace_back(below.empty() ? name : fmt::format("{}.{}", name, below), module);
  return all;
}

int64_t Module::num_parameters() const {
  int64_t n = 0;
  for (const Tensor& t : parameters()) n += t.numel();
  return n;
}

NamedTensors Module::state_dict() const {
  NamedTensors state;
  collect(parameter_kind | buffer_kind, "", state);
  return state;
}

void Module::load_state_dict(const NamedTensors& state, bool strict) {
  NamedTensors own = state_dict();
  std::string missing, unknown;
  std::vector<std::pair<Tensor*, const Tensor*>> copies;
  for (auto& [name, to] : own) {
    const auto it = std::find_if(state.begin(), state.end(),
                                 [&name = name](const auto& s) { return s.first == name; });
    if (it == state.end()) {
      missing += " " + name;
      continue;
    }
    check(it->second.defined(), "load_state_dict: '{}' is undefined", name);
    check<ShapeError>(it->second.shape() == to.shape(),
                      "load_state_dict: '{}' has shape {} in the state and {} in {}", name,
                      it->second.shape(), to.shape(), this->name());
    copies.emplace_back(&to, &it->second);
  }
  for (const auto& [name, from] : state)
    if (std::none_of(own.begin(), own.end(),
                     [&name = name](const auto& o) { return o.first == name; }))
      unknown += " " + name;
  check(!strict || (missing.empty() && unknown.empty()),
        "load_state_dict: the state does not fit {}: missing:{}; unknown:{}", name(),
        missing.empty() ? " none" : missing, unknown.empty() ? " none" : unknown);
  const no_grad guard;
  for (const auto& [to, from] : copies) to->copy_(*from);
}

// --- What can be done to all --------------------------------------------------------------------

Tensor Module::forward(const Tensor&) {
  fail("{}: there is no forward of one tensor; call its own forward", name());
}

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

Module& Module::requires_grad_(bool on) {
  for (Tensor& p : parameters()) p.requires_grad_(on);
  return *this;
}

Module& Module::to(DType dtype) {
  check<DTypeError>(is_floating(dtype), "to: a module takes floating dtypes, got {}", dtype);
  for (const auto& [name, t] : state_dict())
    if (t.is_floating_point() && t.dtype() != dtype) t.set_data(t.detach().to(dtype));
  return *this;
}

// --- Printing -----------------------------------------------------------------------------------

std::string Module::name() const {
  int status = 0;
  char* readable = abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status);
  std::string full = status == 0 ? readable : typeid(*this).name();
  std::free(readable);
  // Without namespaces, but with template arguments.
  const size_t colons = full.substr(0, full.find('<')).rfind("::");
  return colons == std::string::npos ? full : full.substr(colons + 2);
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
