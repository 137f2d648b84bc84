#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>

#include <rewind/autograd/grad_mode.h>
#include <rewind/optim/optimizer.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::optim {

namespace {

Tensor tensor_of(const OptionField& option) {
  const auto n = static_cast<int64_t>(option.values.size());
  return from(option.values, option.is_scalar ? Shape{} : Shape{n}).to(option.dtype);
}

bool is_touched(const ParamState& s) {
  return s.step > 0 || std::any_of(s.tensors.begin(), s.tensors.end(),
                                   [](const Tensor& t) { return t.defined(); });
}

// What PyTorch's groups have as well, and what says nothing here.
bool is_of_no_use(std::string_view option) {
  constexpr std::array<std::string_view, 4> names = {"foreach", "fused", "capturable",
                                                     "differentiable"};
  return std::find(names.begin(), names.end(), option) != names.end();
}

// "12.exp_avg" as 12 and "exp_avg".
std::pair<size_t, std::string_view> split(const char* optimizer, std::string_view name,
                                          std::string_view path) {
  const size_t dot = path.find('.');
  size_t index = 0;
  bool ok = dot != std::string_view::npos && dot > 0 && dot < 10;
  for (size_t i = 0; ok && i < dot; ++i) {
    ok = path[i] >= '0' && path[i] <= '9';
    index = 10 * index + static_cast<size_t>(path[i] - '0');
  }
  check(ok, "{}: load_state_dict: '{}' is no name of an optimizer's state", optimizer, name);
  return {index, path.substr(dot + 1)};
}

}  // namespace

StateDict Optimizer::state_dict() const {
  StateDict all;
  int64_t first = 0;
  for (size_t k = 0; k < num_groups(); ++k) {
    const Joined& group = joined_[k];
    for (size_t i = 0; i < group.states.size(); ++i) {
      const ParamState& s = group.states[i];
      if (!is_touched(s)) continue;
      const std::string path = fmt::format("state.{}.", first + static_cast<int64_t>(i));
      if (names_.step) all.emplace_back(path + "step", scalar_tensor(s.step, float64));
      for (size_t j = 0; j < s.numbers.size(); ++j)
        all.emplace_back(path + names_.numbers[j], scalar_tensor(s.numbers[j], float64));
      for (size_t j = 0; j < s.tensors.size(); ++j)
        if (s.tensors[j].defined()) all.emplace_back(path + names_.tensors[j], s.tensors[j]);
    }
    first += static_cast<int64_t>(group.params.size());
  }
  first = 0;
  for (size_t k = 0; k < num_groups(); ++k) {
    const std::string path = fmt::format("param_groups.{}.", k);
    for (const OptionField& option : options_of(k))
      all.emplace_back(path + option.name, tensor_of(option));
    if (const auto& lr = joined_[k].initial_lr)
      all.emplace_back(path + "initial_lr", scalar_tensor(*lr, float64));
    const auto n = static_cast<int64_t>(joined_[k].params.size());
    all.emplace_back(path + "params", arange(first, first + n));
    first += n;
  }
  return all;
}

/// Reads a state aside, so that what does not fit changes nothing.
class StateReader {
 public:
  explicit StateReader(Optimizer& o) : optimizer_(o), read_(o.joined_), options_(read_.size()) {
    for (auto& group : read_) {
      group.initial_lr.reset();
      for (ParamState& s : group.states) s = {};
    }
  }

  void read(const StateDict& state) {
    read_places(state);
    for (const auto& [name, t] : state) {
      const std::string_view path = name;
      check(t.defined(), "{}: load_state_dict: '{}' is undefined", who(), name);
      if (path.starts_with("state."))
        read_state(name, path.substr(6), t);
      else if (path.starts_with("param_groups."))
        read_option(name, path.substr(13), t);
      else
        fail("{}: load_state_dict: '{}' is no name of an optimizer's state", who(), name);
    }
    check_numbers(state);
  }

  // Numbers that are out of range are noticed by what checks them before each step.
  void commit() {
    std::vector<std::vector<OptionField>> before;
    for (size_t k = 0; k < read_.size(); ++k) before.push_back(optimizer_.options_of(k));
    try {
      set_options(options_);
      optimizer_.check_groups();
    } catch (...) {
      set_options(before);
      throw;
    }
    optimizer_.joined_ = std::move(read_);
  }

 private:
  struct Place {
    size_t group, i;
  };
  void set_options(const std::vector<std::vector<OptionField>>& options) {
    for (size_t k = 0; k < options.size(); ++k)
      for (const OptionField& option : options[k]) optimizer_.set_option(k, option);
  }
  const char* who() const { return optimizer_.name_; }

  // A parameter that has seen a step has all of its numbers.
  void check_numbers(const StateDict& state) const {
    for (const auto& [id, place] : places_) {
      if (!is_touched(read_[place.group].states[place.i])) continue;
      for (const char* name : optimizer_.names_.numbers)
        check(state.contains(fmt::format("state.{}.{}", id, name)),
              "{}: load_state_dict: there is no 'state.{}.{}'", who(), id, name);
    }
  }

  // Which of our parameters the state's numbers stand for.
  void read_places(const StateDict& state) {
    size_t groups = 0;
    while (state.contains(fmt::format("param_groups.{}.params", groups))) ++groups;
    check(groups == read_.size(), "{}: load_state_dict: expected a state of {} groups, got {}",
          who(), read_.size(), groups);
    for (size_t k = 0; k < groups; ++k) {
      const Tensor& params = state.at(fmt::format("param_groups.{}.params", k));
      check(params.defined() && params.dtype() == int64 && params.dim() == 1,
            "{}: load_state_dict: expected 'param_groups.{}.params' to be int64 of rank 1", who(),
            k);
      const auto ids = params.to_vector<int64_t>();
      check(ids.size() == read_[k].params.size(),
            "{}: load_state_dict: group {} has {} parameters, in the state {}", who(), k,
            read_[k].params.size(), ids.size());
      for (size_t i = 0; i < ids.size(); ++i)
        check(ids[i] >= 0 && places_.try_emplace(static_cast<size_t>(ids[i]), Place{k, i}).second,
              "{}: load_state_dict: parameter {} is in 'param_groups' twice", who(), ids[i]);
    }
  }

  void read_state(const std::string& name, std::string_view path, const Tensor& t) {
    const auto [id, entry] = split(who(), name, path);
    const auto place = places_.find(id);
    check(place != places_.end(), "{}: load_state_dict: '{}' is of a parameter in no group", who(),
          name);
    auto& group = read_[place->second.group];
    ParamState& s = group.states[place->second.i];
    if (entry == "step") {
      s.step = scalar(name, t);
      check(s.step >= 0 && s.step == std::floor(s.step),
            "{}: load_state_dict: expected a number of steps in '{}', got {}", who(), name, s.step);
    } else if (const auto j = index_of(optimizer_.names_.numbers, entry)) {
      s.numbers.resize(optimizer_.names_.numbers.size());
      s.numbers[*j] = scalar(name, t);
    } else {
      const auto k = index_of(optimizer_.names_.tensors, entry);
      check(k.has_value(), "{}: load_state_dict: '{}' is not part of its state", who(), name);
      const Tensor& p = group.params[place->second.i];
      const Shape shape = optimizer_.state_shape(*k, p).value_or(p.shape());
      check<ShapeError>(t.shape() == shape,
                        "{}: load_state_dict: expected '{}' of shape {}, got {}", who(), name,
                        shape, t.shape());
      s.tensors.resize(optimizer_.names_.tensors.size());
      const DType dtype = compute_dtype(p.dtype());
      s.tensors[*k] = (shape == p.shape() ? empty_like(p, dtype) : empty(shape, dtype)).copy_(t);
    }
  }

  void read_option(const std::string& name, std::string_view path, const Tensor& t) {
    const auto [k, option] = split(who(), name, path);
    check(k < read_.size(), "{}: load_state_dict: '{}' is of no group", who(), name);
    if (option == "params" || is_of_no_use(option)) return;
    if (option == "initial_lr") {
      read_[k].initial_lr = scalar(name, t);
      return;
    }
    const auto known = optimizer_.options_of(k);
    const auto found =
        std::find_if(known.begin(), known.end(),
                     [wanted = option](const OptionField& f) { return f.name == wanted; });
    check(found != known.end(), "{}: load_state_dict: there is no option of the name '{}'", who(),
          name);
    check<ShapeError>(t.numel() == static_cast<int64_t>(found->values.size()),
                      "{}: load_state_dict: expected {} numbers in '{}', got {}", who(),
                      found->values.size(), name, t.numel());
    OptionField field = *found;
    field.values = t.to_vector<double>();
    options_[k].push_back(field);
  }

  double scalar(const std::string& name, const Tensor& t) const {
    check<ShapeError>(t.numel() == 1,
                      "{}: load_state_dict: expected a number in '{}', got shape {}", who(), name,
                      t.shape());
    return t.item<double>();
  }

  static std::optional<size_t> index_of(const std::vector<const char*>& names,
                                        std::string_view name) {
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) return {};
    return static_cast<size_t>(it - names.begin());
  }

  Optimizer& optimizer_;
  std::vector<Optimizer::Joined> read_;
  std::vector<std::vector<OptionField>> options_;
  std::map<size_t, Place> places_;
};

void Optimizer::load_state_dict(const StateDict& state) {
  const no_grad guard;
  StateReader reader(*this);
  reader.read(state);
  reader.commit();
}

}  // namespace rw::optim
