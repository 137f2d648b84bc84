#include <rewind/nn/clone.h>

#include <algorithm>

#include <rewind/autograd/grad_mode.h>
#include <rewind/nn/parametrization_list.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

// The members of a model as a copy sees them.
class detail::StateCopy {
 public:
  struct Place {
    std::string name;
    ModuleTensor* tensor;
  };
  struct Part {
    std::string name;
    Module* module;
  };

  explicit StateCopy(Module& m) { collect(m, ""); }

  static void mode(const Module& from, Module& to) {
    to.training_ = from.training_;
    to.held_elsewhere_ = from.held_elsewhere_;
  }
  // Whatever the tensor is to its module.
  static void put(ModuleTensor& place, const Tensor& t) { static_cast<Tensor&>(place) = t; }

  std::vector<Place> places;
  std::vector<Part> parts;

 private:
  void collect(Module& m, const std::string& prefix) {
    parts.push_back({prefix, &m});
    for (const Module::Entry& e : m.entries_) {
      if (e.kind == Module::module_kind || !e.slot->member) continue;
      if (e.kind == Module::computed_kind) continue;
      auto* t = static_cast<ModuleTensor*>(e.slot->member);
      if (t->defined()) places.push_back({prefix + e.name, t});
    }
    for (const auto& [name, child] : m.named_children()) collect(*child, prefix + name + ".");
  }
};

namespace {

using detail::StateCopy;

template <class T>
std::string names_missing(const std::vector<T>& of, const std::vector<T>& in) {
  std::string names;
  for (const T& a : of)
    if (std::none_of(in.begin(), in.end(), [&](const T& b) { return a.name == b.name; }))
      names += " " + (a.name.empty() ? "itself" : a.name);
  return names.empty() ? " none" : names;
}

template <class T>
bool same_names(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return x.name == y.name; });
}

void check_alike(const StateCopy& a, const StateCopy& b, const std::string& model) {
  check(same_names(a.parts, b.parts) && same_names(a.places, b.places),
        "copy_state: expected a {} of the same parts in the same order; layers that one has alone:"
        "{}, the other alone:{}; tensors that one has alone:{}, the other alone:{}",
        model, names_missing(a.parts, b.parts), names_missing(b.parts, a.parts),
        names_missing(a.places, b.places), names_missing(b.places, a.places));
  std::string differ;
  for (size_t i = 0; i < a.places.size(); ++i) {
    const Tensor &from = *a.places[i].tensor, &to = *b.places[i].tensor;
    if (from.shape() != to.shape())
      differ +=
          fmt::format("; '{}' has shape {} and {}", a.places[i].name, from.shape(), to.shape());
    check<AutogradError>(to.is_leaf(), "copy_state: '{}' is the result of an op, not a leaf",
                         a.places[i].name);
  }
  check<ShapeError>(differ.empty(), "copy_state: shapes differ{}", differ);
}

// A copy has nothing in common with what it is made of.
void check_apart(const StateCopy& a, const StateCopy& b, const std::string& model) {
  for (const auto& part : b.parts)
    check(std::none_of(a.parts.begin(), a.parts.end(),
                       [&](const auto& p) { return p.module == part.module; }),
          "copy_state: expected two models of {} that share no layer, but '{}' is one object in "
          "both",
          model, part.name.substr(0, part.name.size() - 1));
}

template <class Places>
bool holds(Places begin, Places end, const Tensor& t) {
  return std::any_of(begin, end, [&](const auto& p) { return p.tensor->is_same(t); });
}

}  // namespace

void copy_state(const Module& from, Module& to) {
  if (&from == &to) return;
  const StateCopy source(const_cast<Module&>(from)), target(to);
  check_alike(source, target, from.name());
  check_apart(source, target, from.name());
  const no_grad guard;
  for (size_t i = 0; i < source.places.size(); ++i) {
    const Tensor& t = *source.places[i].tensor;
    ModuleTensor& place = *target.places[i].tensor;
    const auto first = std::find_if(source.places.begin(), source.places.end(),
                                    [&](const auto& p) { return p.tensor->is_same(t); });
    const auto k = static_cast<size_t>(first - source.places.begin());
    if (k < i) {
      StateCopy::put(place, *target.places[k].tensor);
      continue;
    }
    // One that `to` alone takes for another of its own, or has from `from`.
    const auto here = target.places.begin() + static_cast<std::ptrdiff_t>(i);
    if (holds(target.places.begin(), here, place) ||
        holds(source.places.begin(), source.places.end(), place))
      StateCopy::put(place, place.detach());
    place.requires_grad_(false);
    place.set_data(t.detach().clone());
    place.requires_grad_(t.requires_grad());
  }
  for (size_t i = 0; i < source.parts.size(); ++i)
    StateCopy::mode(*source.parts[i].module, *target.parts[i].module);
  detail::Parametrizations::bring_up_to_date(to);
}

}  // namespace rw::nn
