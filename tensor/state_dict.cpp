#include <rewind/tensor/state_dict.h>

#include <algorithm>

#include <rewind/tensor/check.h>

namespace rw {

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

}  // namespace rw
