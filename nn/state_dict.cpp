#include <rewind/nn/state_dict.h>

#include <algorithm>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/module.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

StateDict::const_iterator StateDict::find(std::string_view name) const {
  return std::find_if(begin(), end(), [name](const auto& entry) { return entry.first == name; });
}

namespace {

// The names, of which the message need not show hundreds.
std::string some_names(const StateDict& state) {
  constexpr size_t most = 10;
  std::string names;
  for (size_t i = 0; i < std::min(state.size(), most); ++i)
    names += (i > 0 ? ", " : "") + state[i].first;
  if (state.size() > most) names += fmt::format(" and {} more", state.size() - most);
  return names.empty() ? "none" : names;
}

}  // namespace

const Tensor& StateDict::at(std::string_view name) const {
  const auto it = find(name);
  if (it == end())
    fail<IndexError>("StateDict: there is no '{}'; there are {}", name, some_names(*this));
  return it->second;
}
Tensor& StateDict::at(std::string_view name) {
  return const_cast<Tensor&>(std::as_const(*this).at(name));
}

StateDict StateDict::clone() const {
  StateDict copies = *this;
  for (auto& [name, t] : copies)
    if (t.defined()) t = t.clone();
  return copies;
}

bool StateDict::erase(std::string_view name) {
  const auto it = find(name);
  if (it == end()) return false;
  erase(it);
  return true;
}

// --- Of a module --------------------------------------------------------------------------------

namespace {

// In how far a state does not fit a model.
struct Mismatch {
  LoadReport names;
  std::string values;  // sentences
  bool shapes = false;

  void value(const std::string& sentence) { values += (values.empty() ? "" : "; ") + sentence; }
  void throw_if_any(const std::string& model, bool strict) const;
};

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += " " + name;
  return text.empty() ? " none" : text;
}

void Mismatch::throw_if_any(const std::string& model, bool strict) const {
  std::string text = values;
  if (strict && (!names.missing.empty() || !names.unknown.empty()))
    text += fmt::format("{}the state does not fit {}: missing:{}; unknown:{}",
                        values.empty() ? "" : "; ", model, listed(names.missing),
                        listed(names.unknown));
  if (text.empty()) return;
  if (shapes) fail<ShapeError>("load_state_dict: {}", text);
  fail("load_state_dict: {}", text);
}

}  // namespace

LoadReport Module::load_state_dict(const StateDict& state, bool strict) {
  const StateDict own = state_dict();
  const std::string model = name();
  Mismatch mismatch;
  std::vector<std::pair<Tensor, Tensor>> copies;
  for (const auto& [name, to] : own) {
    if (!state.contains(name)) {
      mismatch.names.missing.push_back(name);
      continue;
    }
    const Tensor& from = state[name];
    if (!from.defined()) {
      mismatch.value(fmt::format("'{}' is undefined", name));
    } else if (from.shape() != to.shape()) {
      mismatch.shapes = true;
      mismatch.value(fmt::format("'{}' has shape {} in the state and {} in {}", name, from.shape(),
                                 to.shape(), model));
    }
    copies.emplace_back(to, from);
  }
  for (const auto& entry : state) {
    const std::string& name = entry.first;
    if (!own.contains(name)) mismatch.names.unknown.push_back(name);
    if (&state[name] != &entry.second)
      mismatch.value(fmt::format("'{}' is there more than once", name));
  }
  mismatch.throw_if_any(model, strict);
  const no_grad guard;
  for (auto& [to, from] : copies) to.copy_(from);
  return mismatch.names;
}

}  // namespace rw::nn
