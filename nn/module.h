#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/autograd/hooks.h>
#include <rewind/tensor/tensor.h>

namespace rw::nn {

class Module;

/// A tensor that belongs to a module under a name: a parameter or a buffer. It is a Tensor in every
/// respect; assigning another Tensor replaces it, and the module then knows the new one.
class ModuleTensor : public Tensor {
 public:
  ModuleTensor() = default;
  ModuleTensor& operator=(const Tensor& t) {
    Tensor::operator=(t);
    return *this;
  }

 private:
  friend class Module;
  ModuleTensor(Module& owner, std::string name, unsigned kind, Tensor t);
};
using Parameter = ModuleTensor;
using Buffer = ModuleTensor;

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Base of all layers and models. A model declares its layers and parameters as members, each with
/// its name, and says in `forward` what it computes:
///
///     struct Net : nn::Module {
///       nn::Linear hidden = add("hidden", nn::Linear(784, 100));
///       nn::Linear out = add("out", nn::Linear(100, 10));
///       Tensor forward(const Tensor& x) override { return out(relu(hidden(x))); }
///     };
///
/// A module knows its members by where they lie inside it, so that they can be replaced, and the
/// module moved, at any time. Modules can't be copied: two models of one kind are made one by one,
/// and `load_state_dict` carries values from one to the other.
class Module {
 public:
  Module() = default;
  Module(Module&& other) noexcept;
  Module& operator=(Module&& other) noexcept;
  virtual ~Module() = default;

  /// What the module computes. Modules of several inputs have a `forward` of their own instead.
  virtual Tensor forward(const Tensor& x);
  /// The same for an input that is not needed any more, whose memory a layer may use.
  virtual Tensor forward_temporary(Tensor&& x) { return forward(x); }
  Tensor operator()(const Tensor& x) { return hooks_ ? call_with_hooks(x) : forward(x); }
  Tensor operator()(Tensor&& x) {
    return hooks_ ? call_with_hooks(x) : forward_temporary(std::move(x));
  }

  /// Sees the input of every call `module(x)`, and may return another to take its place.
  using ForwardPreHook = std::function<Tensor(Module&, const Tensor& input)>;
  HookHandle register_forward_pre_hook(ForwardPreHook hook);
  /// Sees input and result, and may return another result.
  using ForwardHook = std::function<Tensor(Module&, const Tensor& input, const Tensor& output)>;
  HookHandle register_forward_hook(ForwardHook hook);
  /// Sees the gradients of a call's input (undefined where it requires none) and of its result once
  /// backward has both, and may return another gradient of the input. It must not own the graph.
  using FullBackwardHook =
      std::function<Tensor(const Tensor& grad_input, const Tensor& grad_output)>;
  HookHandle register_full_backward_hook(FullBackwardHook hook);

  /// Parameters of this module and all those below it, each once, by names like "conv1.weight".
  NamedTensors named_parameters() const;
  std::vector<Tensor> parameters() const;
  /// Tensors that belong to the state but are not trained, like running statistics.
  NamedTensors named_buffers() const;
  std::vector<Tensor> buffers() const;
  /// The modules right below this one; with this one and all below, in depth-first order.
  std::vector<std::pair<std::string, Module*>> named_children() const;
  std::vector<std::pair<std::string, Module*>> named_modules();

  /// Parameters and buffers by name; they share their memory with the module.
  NamedTensors state_dict() const;
  /// Copies values in. Throws, and changes nothing, where shapes differ or (unless strict = false)
  /// where names are missing or unknown.
  void load_state_dict(const NamedTensors& state, bool strict = true);

  /// Training or evaluation mode, of this module and all below: what dropout and batch norm go by.
  Module& train(bool on = true);
  Module& eval() { return train(false); }
  bool is_training() const { return training_; }
  /// Drops all gradients.
  void zero_grad() const;
  /// Freezes the parameters, or sets them free.
  Module& requires_grad_(bool on = true);
  /// Calls f on every module below and on this one last.
  Module& apply(const std::function<void(Module&)>& f);
  /// Converts all floating parameters and buffers.
  Module& to(DType dtype);
  /// Number of elements of all parameters.
  int64_t num_parameters() const;

  /// The class's name; options to print behind it.
  std::string name() const;
  virtual std::string extra_repr() const { return {}; }

 protected:
  /// For the initializer of a member: `nn::Conv2d conv = add("conv", nn::Conv2d(3, 8, 3));`.
  template <class T>
  T add(const std::string& name, T layer) {
    static_assert(std::is_base_of_v<Module, T>, "add: expected a layer, as nn::Linear(2, 3)");
    expect(layer, name);
    return T(std::move(layer));  // made in place as the member; its base enters it in the registry
  }
  /// For layers that are made at run time: owned by this module as well.
  template <class T>
  std::shared_ptr<T> add(const std::string& name, std::shared_ptr<T> layer) {
    enter_owned(name, layer);
    return layer;
  }
  /// `nn::Parameter scale = parameter("scale", ones({3}));`. An undefined tensor stands for a
  /// parameter that this module does without.
  Parameter parameter(std::string name, Tensor t);
  Buffer buffer(std::string name, Tensor t);

 private:
  friend class ModuleTensor;
  enum Kind : unsigned { parameter_kind = 1, buffer_kind = 2, module_kind = 4 };
  struct Entry {
    std::string name;
    Kind kind;
    ptrdiff_t offset = 0;           // of a member, from this module's address
    std::shared_ptr<Module> owned;  // or a layer made at run time
  };

  struct Hooks;
  std::shared_ptr<Hooks>& hooks();
  Tensor call_with_hooks(const Tensor& input);

  void check_new(const std::string& name) const;
  void expect(Module& layer, std::string name);
  void enter(std::string name, Kind kind, const void* member);
  void enter_owned(std::string name, std::shared_ptr<Module> layer);
  Module* module_of(const Entry& e) const;
  const ModuleTensor& tensor_of(const Entry& e) const;
  ModuleTensor& tensor_of(const Entry& e);
  void collect(unsigned kinds, const std::string& prefix, NamedTensors& out) const;
  NamedTensors each_once(unsigned kinds) const;
  void print(std::string& out, const std::string& indent) const;
  friend std::string to_string(const Module& m);

  std::vector<Entry> entries_;
  bool training_ = true;
  std::shared_ptr<Hooks> hooks_;  // none where nobody looks
  // Set while `add` makes this module a member of another.
  Module* joins_ = nullptr;
  std::string joins_as_;
};

/// The tree of modules, as PyTorch prints it.
std::string to_string(const Module& m);
std::ostream& operator<<(std::ostream& os, const Module& m);

}  // namespace rw::nn
