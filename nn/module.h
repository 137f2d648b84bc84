#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <rewind/autograd/hooks.h>
#include <rewind/nn/call.h>
#include <rewind/nn/load_report.h>
#include <rewind/nn/registered.h>
#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::nn {

using rw::NamedTensors;
using rw::StateDict;

class Module;
namespace detail {
class Parametrizations;
class StateCopy;
}  // namespace detail

/// A tensor that belongs to a module under a name: a parameter or a buffer. It is a Tensor in every
/// respect; assigning another Tensor replaces it, and the module then knows the new one, which is
/// trained if the one before was. It may be moved, as a vector that grows does; a copy is another
/// handle, which the module does not know.
class ModuleTensor : public Tensor, private detail::Registered {
 public:
  /// Undefined, and of no module.
  ModuleTensor() = default;
  /// A handle to the same tensor that the module does not know.
  ModuleTensor(const ModuleTensor& t) : Tensor(t), detail::Registered() {}
  /// A move, which the module follows.
  ModuleTensor(ModuleTensor&&) noexcept = default;
  ///@{
  /// Replaces the tensor; this stays what it is to its module. Of a parametrized one, the originals
  /// are set such that they give `t` (nn/parametrize.h).
  ModuleTensor& operator=(const Tensor& t);
  ModuleTensor& operator=(const ModuleTensor& t) { return *this = static_cast<const Tensor&>(t); }
  ///@}
  /// A move, which the other's module follows where this belongs to none, or to the same one.
  ModuleTensor& operator=(ModuleTensor&&) noexcept = default;
  ~ModuleTensor();

 private:
  friend class Module;
  friend class detail::Parametrizations;
  friend class detail::StateCopy;
  ModuleTensor(Module& owner, std::string name, unsigned kind, Tensor t);
};
/// What is trained, as Module::parameter gives it.
using Parameter = ModuleTensor;
/// What belongs to the state and is not trained, as Module::buffer gives it.
using Buffer = ModuleTensor;

namespace detail {

// GCC tells of a virtual function that is hidden where it is declared, and Clang looks no further
// than to the next base that has the name: a module may have a forward of another signature.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverloaded-virtual"
/// What every Module has of `forward`.
class OneTensorForward {
 public:
  /// What the module computes. A module that takes or returns something else derives from ModuleOf.
  /// One that returns something else of one tensor takes that by value, as `forward(Tensor x)`, for
  /// it would override this one otherwise.
  virtual Tensor forward(const Tensor& x);

 protected:
  ~OneTensorForward() = default;
};
#pragma GCC diagnostic pop

}  // namespace detail

/// Base of all layers and models. A model declares its layers and parameters as members, each with
/// its name, and says in `forward` what it computes:
///
///     struct Net : nn::Module {
///       nn::Linear hidden = add("hidden", nn::Linear(784, 100));
///       nn::Linear out = add("out", nn::Linear(100, 10));
///       Tensor forward(const Tensor& x) override { return out(relu(hidden(x))); }
///     };
///
/// Layers may also be declared with their arguments, and registered by reference:
///
///     nn::Linear hidden{784, 100}, out{100, 10};
///     Net() { add("hidden", hidden), add("out", out); }
///
/// A module knows its members wherever they lie, also in std::vector, optional or map: they can be
/// made and replaced, and the module moved, at any time. A member that is gone is forgotten.
/// Assigning a new layer to a member keeps its name. Modules can't be copied: two models of one
/// kind are made one by one, and `load_state_dict` carries values from one to the other.
class Module : public detail::OneTensorForward, private detail::Registered {
 public:
  /// In training mode.
  Module() = default;
  /// Takes over the members, and the place in a model that has the other as a member.
  Module(Module&& other) noexcept;
  virtual ~Module();

  using OneTensorForward::forward;
  void forward(detail::Slot&) = delete;  // see OneTensorForward
  /// The same for an input that is not needed any more, whose memory a layer may use.
  virtual Tensor forward_temporary(Tensor&& x) { return forward(x); }
  ///@{
  /// Calls forward, and hooks. Errors inside name the layer that they come from by its path, as in
  /// "layer2.0.conv1: conv2d: …". Throws where the forward of a module calls a layer that has
  /// parameters, buffers, layers or a training mode, and that is no member of the model.
  Tensor operator()(const Tensor& x);
  Tensor operator()(Tensor&& x);
  ///@}
  /// No call: says, while compiling, how a module of other arguments is made.
  template <class... A, class = std::enable_if_t<sizeof...(A) != 1 ||
                                                 !(std::is_convertible_v<A, Tensor> && ...)>>
  void operator()(A&&...) {
    static_assert(sizeof...(A) == size_t(-1),
                  "a plain nn::Module is called with one tensor; to call it with what its forward "
                  "takes, derive it from nn::ModuleOf: struct Net : nn::ModuleOf<Net>");
  }

  /// Sees the input of every call `module(x)`, and may return another to take its place. Where a
  /// call has several tensors, the hooks of one tensor see the first of the arguments and of the
  /// results, and an undefined one where there is none.
  using ForwardPreHook = std::function<Tensor(Module&, const Tensor& input)>;
  /// Adds a hook; they run in the order in which they came.
  HookHandle register_forward_pre_hook(ForwardPreHook hook);
  /// Sees input and result, and may return another result.
  using ForwardHook = std::function<Tensor(Module&, const Tensor& input, const Tensor& output)>;
  /// Adds a hook; they run in the order in which they came.
  HookHandle register_forward_hook(ForwardHook hook);
  /// Sees the gradients of a call's input (undefined where it requires none) and of its result once
  /// backward has both, and may return another gradient of the input. It must not own the graph.
  using FullBackwardHook =
      std::function<Tensor(const Tensor& grad_input, const Tensor& grad_output)>;
  /// Adds a hook; they run in the order in which they came.
  HookHandle register_full_backward_hook(FullBackwardHook hook);

  ///@{
  /// The same for all tensors of a call, in order: those among its arguments, and its results, by
  /// themselves or in std::optional, vector, array, pair and tuple. Hooks replace them by
  /// assigning.
  using PreCallHook = std::function<void(Module&, std::span<Tensor> inputs)>;
  HookHandle register_pre_call_hook(PreCallHook hook);
  using CallHook =
      std::function<void(Module&, std::span<const Tensor> inputs, std::span<Tensor> results)>;
  HookHandle register_call_hook(CallHook hook);
  using CallBackwardHook =
      std::function<void(std::span<Tensor> grad_inputs, std::span<const Tensor> grad_results)>;
  HookHandle register_call_backward_hook(CallBackwardHook hook);
  ///@}

  ///@{
  /// Parameters of this module and all those below it, each once, by names like "conv1.weight".
  NamedTensors named_parameters() const;
  std::vector<Tensor> parameters() const;
  ///@}
  ///@{
  /// Tensors that belong to the state but are not trained, like running statistics.
  NamedTensors named_buffers() const;
  std::vector<Tensor> buffers() const;
  ///@}
  /// The modules right below this one, by the names of the members.
  std::vector<std::pair<std::string, Module*>> named_children() const;
  /// This module, whose name is "", and all below it, by paths like "layer2.conv1", each before
  /// those below it.
  std::vector<std::pair<std::string, Module*>> named_modules();
  /// The same without their names.
  std::vector<Module*> modules();
  /// The module of such a path, as `net.get_submodule("layer4.0.conv1")`. Throws Error, with the
  /// names that are there, where there is none.
  Module& get_submodule(const std::string& path);
  /// This module as what it is: `net.get_submodule("fc").as<nn::Linear>()`. Throws Error, which
  /// names both types, where it is of another one.
  template <class Layer>
  Layer& as() {
    Layer* layer = dynamic_cast<Layer*>(this);
    if (!layer) fail_other_type("as: this layer", *this, typeid(Layer));
    return *layer;
  }

  /// Parameters and buffers by name, off the tape. They share their memory with the module: to keep
  /// the values of now, take `state_dict().clone()`.
  StateDict state_dict() const;
  /// Copies values in. Throws, names all that does not fit, and changes nothing, where tensors are
  /// undefined, of other shapes or there twice, or (unless strict = false) names are missing or
  /// unknown; returns these.
  LoadReport load_state_dict(const StateDict& state, bool strict = true);

  ///@{
  /// Training or evaluation mode, of this module and all below: what dropout and batch norm go by.
  Module& train(bool on = true);
  Module& eval() { return train(false); }
  ///@}
  /// Whether this module is in training mode, as it is at first.
  bool is_training() const { return training_; }
  /// Drops all gradients.
  void zero_grad() const;
  /// Freezes the parameters, or sets them free.
  Module& requires_grad_(bool on = true);
  /// Calls f on every module below and on this one last.
  Module& apply(const std::function<void(Module&)>& f);
  /// Converts all floating parameters and buffers. Throws DTypeError for a dtype that is not
  /// floating.
  Module& to(DType dtype);
  /// Lets other models call this module, which stands on its own or in another one: a teacher that
  /// is not to be trained with the model, say.
  Module& held_elsewhere(bool on = true);
  /// Number of elements of all parameters.
  int64_t num_parameters() const;

  /// The class's name, without its namespace.
  std::string name() const;
  /// Options of the layer, as they are printed behind its name.
  virtual std::string extra_repr() const { return {}; }
  /// Products, each added to a sum, in a call that made `results` of `inputs`, without those of
  /// layers below: what nn::summary counts. A layer that multiplies matrices itself says so here.
  virtual int64_t multiply_adds(std::span<const Tensor> inputs,
                                std::span<const Tensor> results) const;

 protected:
  /// Of layers of one type: as a Module, the parts of a derived class would stay what they were.
  Module& operator=(Module&& other) noexcept;

  /// For a member's initializer, or to be assigned, moved or put into a container later:
  /// `nn::Conv2d conv = add("conv", nn::Conv2d(3, 8, 3));`.
  template <class T>
  [[nodiscard]] T add(const std::string& name, T&& layer) {
    static_assert(std::is_base_of_v<Module, T>, "add: expected a layer, as nn::Linear(2, 3)");
    enter(name, module_kind, layer);
    return std::forward<T>(layer);
  }
  /// For a member that is there: `add("conv", conv);`.
  template <class T>
  T& add(const std::string& name, T& layer) {
    static_assert(std::is_base_of_v<Module, T> && !std::is_const_v<T>,
                  "add: expected a layer, as nn::Linear(2, 3)");
    enter(name, module_kind, layer);
    return layer;
  }
  /// For layers that are made at run time: owned by this module as well.
  template <class T>
  std::shared_ptr<T> add(const std::string& name, std::shared_ptr<T> layer) {
    enter_owned(name, layer);
    return layer;
  }
  ///@{
  /// `nn::Parameter scale = parameter("scale", ones({3}));`. An undefined tensor stands for a
  /// parameter that this module does without.
  [[nodiscard]] Parameter parameter(std::string name, Tensor t);
  [[nodiscard]] Buffer buffer(std::string name, Tensor t);
  ///@}
  ///@{
  /// add(), parameter() and buffer() by PyTorch's names.
  template <class T>
  decltype(auto) register_module(const std::string& name, T&& layer) {
    return add(name, std::forward<T>(layer));
  }
  [[nodiscard]] Parameter register_parameter(std::string name, Tensor t) {
    return parameter(std::move(name), std::move(t));
  }
  [[nodiscard]] Buffer register_buffer(std::string name, Tensor t) {
    return buffer(std::move(name), std::move(t));
  }
  ///@}
  /// Whether forward goes by is_training(): as one that has parameters, such a layer has to be
  /// known to the model that calls it.
  virtual bool has_training_mode() const { return false; }
  /// Forgets the layer of this name, which is then no part of the model. Throws where there is
  /// none.
  void unregister_module(const std::string& name);
  ///@{
  /// For containers: throws Error, as `what` is of a layer of another type. And to look before they
  /// change: whether a member has this name; and what add()
  /// throws for a name or layer that can't be added, taken names aside.
  [[noreturn]] static void fail_other_type(const std::string& what, const Module& layer,
                                           const std::type_info& wanted);
  bool has_member(const std::string& name) const;
  void check_addition(const std::string& name, const Module& layer) const;
  ///@}

 private:
  friend class ModuleTensor;
  friend class detail::Call;
  friend class detail::ComputedMembers;
  friend class detail::Parametrizations;
  friend class detail::HookedCall;
  friend class detail::StateCopy;
  // What is computed has originals elsewhere, and is no part of the state.
  enum Kind : unsigned { parameter_kind = 1, buffer_kind = 2, module_kind = 4, computed_kind = 8 };
  struct Entry {
    std::string name;
    Kind kind;
    std::shared_ptr<detail::Slot> slot;
    std::shared_ptr<Module> owned;  // a layer made at run time
  };

  struct Hooks;
  Hooks& hooks();

  void enter(std::string name, Kind kind, detail::Registered& member,
             std::shared_ptr<Module> owned = nullptr);
  void enter_owned(std::string name, std::shared_ptr<Module> layer);
  void take(Module&& other);
  void leave_members();
  bool stands_below(const Module& m) const;
  static Module* module_of(const Entry& e);
  static const ModuleTensor* tensor_of(const Entry& e, unsigned kinds);
  const std::string& name_of(const Module& member) const;
  void collect(unsigned kinds, const std::string& prefix, NamedTensors& out) const;
  NamedTensors each_once(unsigned kinds) const;
  void print(std::string& out, const std::string& indent) const;
  friend std::string to_string(const Module& m);

  std::vector<Entry> entries_;
  bool training_ = true;
  bool held_elsewhere_ = false;
  std::shared_ptr<Hooks> hooks_;                                // none where nobody looks
  std::shared_ptr<detail::Parametrizations> parametrizations_;  // none where nothing is computed
};

/// Base of modules whose forward takes or returns something else than one tensor. They are called
/// with whatever it takes, and return what it returns:
///
///     struct Encoder : nn::ModuleOf<Encoder> {
///       std::pair<Tensor, Tensor> forward(const Tensor& tokens, const Tensor& mask);
///     };
///     const auto [mean, variance] = encoder(tokens, mask);
template <class Self>
class ModuleOf : public Module {
 public:
  /// Calls `forward(args...)`, and hooks, as Module's call does.
  template <class... A, class S = Self>
  requires requires(S& self, A&&... args) { self.forward(std::forward<A>(args)...); }
  decltype(auto) operator()(A&&... args) {
    return run(*this, static_cast<S&>(*this), std::forward<A>(args)...);
  }
  /// The same for a forward that is const.
  template <class... A, class S = const Self>
  requires requires(S& self, A&&... args) { self.forward(std::forward<A>(args)...); }
  decltype(auto) operator()(A&&... args) const {
    return run(const_cast<ModuleOf&>(*this), static_cast<S&>(*this), std::forward<A>(args)...);
  }

 private:
  template <class S, class... A>
  static decltype(auto) run(Module& module, S& self, A&&... args) {
    const auto forward = [&self](auto&&... a) -> decltype(auto) {
      return self.forward(std::forward<decltype(a)>(a)...);
    };
    return detail::call(module, forward, std::forward<A>(args)...);
  }
};

///@{
/// The tree of modules, as PyTorch prints it.
std::string to_string(const Module& m);
std::ostream& operator<<(std::ostream& os, const Module& m);
///@}

}  // namespace rw::nn

#pragma GCC visibility pop
