#include <algorithm>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/module.h>
#include <rewind/nn/parametrization_list.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

namespace {

// In how far a state does not fit a model.
struct Mismatch {
  LoadReport names;
  std::vector<std::string> values;  // sentences
  bool shapes = false;

  void throw_if_any(const std::string& model, bool strict) const;
};

// The first few: a state of another model has hundreds.
std::string listed(const std::vector<std::string>& all, const char* separator) {
  constexpr size_t most = 5;
  const size_t shown = std::min(all.size(), most);
  std::string text = fmt::format(
      "{}", fmt::join(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), separator));
  if (shown < all.size()) text += fmt::format(" and {} more", all.size() - shown);
  return text;
}

std::string listed_names(const std::vector<std::string>& names) {
  return names.empty() ? "none" : listed(names, " ");
}

void Mismatch::throw_if_any(const std::string& model, bool strict) const {
  std::string text = listed(values, "; ");
  if (strict && (!names.missing.empty() || !names.unknown.empty()))
    text += fmt::format("{}the state does not fit {}: missing: {}; unknown: {}",
                        values.empty() ? "" : "; ", model, listed_names(names.missing),
                        listed_names(names.unknown));
  if (text.empty()) return;
  if (shapes)
    fail<ShapeError>(
        "load_state_dict: {}; to leave out a tensor, erase it from the state (state.erase(name)) "
        "or let load's .rename do so, with strict = false",
        text);
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
      mismatch.values.push_back(fmt::format("'{}' is undefined", name));
    } else if (from.shape() != to.shape()) {
      mismatch.shapes = true;
      mismatch.values.push_back(fmt::format("'{}' has shape {} in the state and {} in {}", name,
                                            from.shape(), to.shape(), model));
    }
    copies.emplace_back(to, from);
  }
  for (const auto& entry : state) {
    const std::string& name = entry.first;
    if (!own.contains(name)) mismatch.names.unknown.push_back(name);
    if (&state[name] != &entry.second)
      mismatch.values.push_back(fmt::format("'{}' is there more than once", name));
  }
  mismatch.throw_if_any(model, strict);
  const no_grad guard;
  for (auto& [to, from] : copies) to.copy_(from);
  detail::Parametrizations::bring_up_to_date(*this);
  return mismatch.names;
}

}  // namespace rw::nn
