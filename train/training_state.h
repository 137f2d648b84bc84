#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <rewind/tensor/generator.h>
#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

/// The loop around a model, and what it takes to go on with it.
namespace rw::training {

/// What has a state of tensors: modules, averages, optimizers, schedulers, loaders.
template <class T>
concept Stateful = requires(T& t, const StateDict& state) {
  { t.state_dict() } -> std::convertible_to<StateDict>;
  t.load_state_dict(state);
};

/// A number or a text, as it is stored.
using Value = std::variant<bool, int64_t, uint64_t, double, std::string>;
/// What a Value can hold, exactly.
template <class T>
concept Storable =
    std::is_arithmetic_v<T> && !std::same_as<T, long double> || std::same_as<T, std::string>;

namespace detail {
/// The kind of a Value that T is stored as.
template <class T>
using Stored = std::conditional_t<
    std::is_same_v<T, bool> || std::is_same_v<T, std::string>, T,
    std::conditional_t<std::is_floating_point_v<T>, double,
                       std::conditional_t<std::is_unsigned_v<T>, uint64_t, int64_t>>>;
}  // namespace detail

/// All that a training goes on from, in one file. Each part is named once, and then saved and
/// loaded:
///
///     int epoch = 0;
///     training::TrainingState state;
///     state.add("model", model), state.add("optimizer", adam), state.add("schedule", schedule);
///     state.add("generator", default_generator()), state.add("epoch", epoch);
///     for (state.resume("run.safetensors"); epoch < 10;) {
///       …
///       ++epoch;
///       state.save("run.safetensors");
///     }
///
/// Killed at any moment and started again, it gives what it would have given, bit for bit. The file
/// is one of safetensors, of tensors such as "model.fc.weight"; values and the CRC-32C of each
/// tensor and of the header are texts in its `__metadata__`.
class TrainingState {
 public:
  ///@{
  /// A part by its name, UTF-8 that has no dot in it and is there once (Error). The part is kept by
  /// reference, and has to outlive this. A tensor is loaded in place, of its shape and dtype (an
  /// undefined one becomes what the file has); a number that the file has and its variable can't
  /// hold exactly is an error.
  template <Stateful T>
  void add(const std::string& name, T& part) {
    add_part(name, {name, [&part]() -> StateDict { return part.state_dict(); },
                    [&part](const StateDict& state) { part.load_state_dict(state); }});
  }
  template <Storable T>
  void add(const std::string& name, T& value) {
    using S = detail::Stored<T>;
    add_value(name, {name, Value(S()), [&value] { return Value(static_cast<S>(value)); },
                     [&value](const Value& v, bool commit) {
                       const S& stored = std::get<S>(v);
                       const auto loaded = static_cast<T>(stored);
                       if (commit) value = loaded;
                       return static_cast<S>(loaded) == stored || stored != stored;  // NaN
                     }});
  }
  void add(const std::string& name, Tensor& t);
  void add(const std::string& name, Generator& generator);
  ///@}

  /// Writes the file aside, in the same folder, brings it to the disk and renames it: there is the
  /// old one or the new one, whole, whenever the program or the machine stops. Throws IOError where
  /// it can't be written, Error for a text that is not UTF-8, and leaves the old one.
  void save(const std::string& path) const;
  /// Takes the file over. Throws, and changes nothing, where the file is missing, damaged (a single
  /// bit is enough: IOError names the tensor), has other parts, or a part does not take its state.
  void load(const std::string& path);
  /// load() where there is a file; whether there was.
  bool resume(const std::string& path);

 private:
  struct Part {
    std::string name;
    std::function<StateDict()> state;
    std::function<void(const StateDict&)> load;
  };
  struct Variable {
    std::string name;
    Value kind;
    std::function<Value()> get;
    // Whether a value of that kind fits; sets it if `commit`.
    std::function<bool(const Value&, bool commit)> set;
  };
  struct Loaded;
  void check_name(const std::string& name) const;
  void add_part(const std::string& name, Part part);
  void add_value(const std::string& name, Variable variable);
  Loaded read(const std::string& path) const;

  std::vector<Part> parts_;
  std::vector<Variable> values_;
};

}  // namespace rw::training

#pragma GCC visibility pop
