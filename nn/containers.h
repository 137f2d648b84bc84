#pragma once

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

namespace detail {
template <class Layer>
const std::shared_ptr<Layer>& layer_at(const std::vector<std::shared_ptr<Layer>>& layers,
                                       size_t i) {
  if (i >= layers.size())
    throw IndexError("layer " + std::to_string(i) + " of " + std::to_string(layers.size()));
  return layers[i];
}
}  // namespace detail

/// A function of one tensor as a module: `nn::Lambda([](const Tensor& x) { return x * 2; })`.
class Lambda : public Module {
 public:
  /// Throws for an empty function.
  explicit Lambda(std::function<Tensor(const Tensor&)> f) : f_(std::move(f)) {
    if (!f_) throw Error("Lambda: expected a function, got an empty std::function");
  }
  Tensor forward(const Tensor& x) override { return f_(x); }

 private:
  std::function<Tensor(const Tensor&)> f_;
};

/// Layers one after another, named "0", "1", … . Takes modules, and functions of one tensor:
/// `nn::Sequential(nn::Linear(2, 8), nn::ReLU(), nn::Linear(8, 1))`.
class Sequential : public Module {
 public:
  /// Of these layers, in order; of none, it passes its input on.
  template <class... Layers>
  explicit Sequential(Layers... layers) {
    (append(std::move(layers)), ...);
  }

  ///@{
  /// Adds a module, which is moved in, or a function of one tensor, as a Lambda; by its number or
  /// under a name.
  template <class Layer>
  Sequential& append(Layer layer) {
    return append(std::to_string(layers_.size()), std::move(layer));
  }
  template <class Layer>
  Sequential& append(const std::string& name, Layer layer) {
    if constexpr (std::is_base_of_v<Module, Layer>)
      layers_.push_back(add(name, std::make_shared<Layer>(std::move(layer))));
    else
      append(name, Lambda(std::move(layer)));
    return *this;
  }
  ///@}

  Tensor forward(const Tensor& x) override { return forward_temporary(Tensor(x)); }
  Tensor forward_temporary(Tensor&& x) override {
    Tensor y = std::move(x);
    for (const auto& layer : layers_) y = (*layer)(std::move(y));
    return y;
  }

  ///@{
  /// How many layers there are, and whether there are none.
  size_t size() const { return layers_.size(); }
  bool empty() const { return layers_.empty(); }
  ///@}
  /// The layer of this number. Throws IndexError where there is none.
  Module& operator[](size_t i) { return *detail::layer_at(layers_, i); }
  /// The layer as what it is, to replace it for instance: `net.at<nn::Linear>(2) = nn::Linear(8,
  /// 2)`. Throws Error where it is of another type, IndexError where there is none.
  template <class Layer>
  Layer& at(size_t i) {
    Layer* layer = dynamic_cast<Layer*>(&(*this)[i]);
    if (!layer) throw Error("Sequential: layer " + std::to_string(i) + " is of another type");
    return *layer;
  }

 private:
  std::vector<std::shared_ptr<Module>> layers_;
};

/// Layers of one type, named "0", "1", …, to be used as the model likes.
template <class Layer>
class ModuleList : public Module {
 public:
  /// Adds a layer, which is moved in; returns it where it lies now.
  Layer& append(Layer layer) {
    layers_.push_back(
        add(std::to_string(layers_.size()), std::make_shared<Layer>(std::move(layer))));
    return *layers_.back();
  }

  /// How many layers there are.
  size_t size() const { return layers_.size(); }
  /// The layer of this number. Throws IndexError where there is none.
  Layer& operator[](size_t i) { return *detail::layer_at(layers_, i); }

 private:
  std::vector<std::shared_ptr<Layer>> layers_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
