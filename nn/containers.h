#pragma once

#include <algorithm>
#include <cstddef>

#include <rewind/nn/module.h>

#pragma GCC visibility push(default)

namespace rw::nn {

namespace detail {
/// Iterates over the layers that a vector of pointers owns.
template <class Layer>
class LayerIterator {
 public:
  ///@{
  /// As of any forward iterator.
  using value_type = Layer;
  using difference_type = std::ptrdiff_t;
  using Owner = std::shared_ptr<std::remove_const_t<Layer>>;
  LayerIterator() = default;
  explicit LayerIterator(const Owner* at) : at_(at) {}
  Layer& operator*() const { return **at_; }
  Layer* operator->() const { return at_->get(); }
  LayerIterator& operator++() {
    ++at_;
    return *this;
  }
  LayerIterator operator++(int) { return LayerIterator(at_++); }
  bool operator==(const LayerIterator&) const = default;
  ///@}

 private:
  const Owner* at_ = nullptr;
};
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

namespace detail {
/// What Sequential and ModuleList share: layers under the names "0", "1", … .
template <class Layer>
class LayerList : public Module {
 public:
  /// How many layers there are.
  size_t size() const { return layers_.size(); }
  /// Whether there are none.
  bool empty() const { return layers_.empty(); }
  /// The layer of this number. Throws IndexError where there is none.
  Layer& operator[](size_t i) { return *layer_at(i); }
  /// The same.
  const Layer& operator[](size_t i) const { return *layer_at(i); }
  /// The layer as what it is, to replace it for instance: `net.at<nn::Linear>(2) = nn::Linear(8,
  /// 2)`. Throws Error where it is of another type, IndexError where there is none.
  template <class Type>
  Type& at(size_t i) {
    Layer& layer = (*this)[i];
    if (Type* typed = dynamic_cast<Type*>(&layer)) return *typed;
    fail_other_type(name() + ": layer " + std::to_string(i), layer, typeid(Type));
  }
  /// `for (nn::Module& layer : net)`.
  LayerIterator<Layer> begin() { return LayerIterator<Layer>(layers_.data()); }
  /// The end of that.
  LayerIterator<Layer> end() { return LayerIterator<Layer>(layers_.data() + layers_.size()); }
  /// `for (const nn::Module& layer : net)`.
  LayerIterator<const Layer> begin() const { return LayerIterator<const Layer>(layers_.data()); }
  /// The end of that.
  LayerIterator<const Layer> end() const {
    return LayerIterator<const Layer>(layers_.data() + layers_.size());
  }

  /// Takes this layer out; those behind it move up, names too. Throws IndexError where there is
  /// none.
  void erase(size_t i) {
    layer_at(i);
    std::vector<std::string> names = names_;
    names.erase(names.begin() + static_cast<std::ptrdiff_t>(i));
    check_free(names, i);
    unname(i);
    layers_.erase(layers_.begin() + static_cast<std::ptrdiff_t>(i));
    names_ = std::move(names);
    name_from(i);
  }
  /// Takes out all.
  void clear() {
    unname(0);
    layers_.clear();
    names_.clear();
  }

 protected:
  /// Throws unless a layer may have this name.
  void check_name(const std::string& name) const {
    if (name.find_first_not_of("0123456789") == std::string::npos ||
        name.find('.') != std::string::npos)
      throw Error("append: expected a name, neither a number nor with a dot, got \"" + name + "\"");
    for (const std::string& other : names_)
      if (name == other) throw Error("append: there is a layer \"" + name + "\" already");
  }
  /// In front of number i, or at the end; those behind move down, names too. Named by its number,
  /// unless a name is given.
  Layer& put(size_t i, std::shared_ptr<Layer> layer, std::string name = {}) {
    if (i > size())
      throw IndexError("insert: layer " + std::to_string(i) + " of " + std::to_string(size()));
    if (!layer) throw Error("insert: the layer is null");
    std::vector<std::string> names = names_;
    names.insert(names.begin() + static_cast<std::ptrdiff_t>(i), std::move(name));
    check_addition(name_of(names, i), *layer);
    check_free(names, i);
    unname(i);
    Layer& placed = *layer;
    layers_.insert(layers_.begin() + static_cast<std::ptrdiff_t>(i), std::move(layer));
    names_ = std::move(names);
    name_from(i);
    return placed;
  }
  /// All of them at the end, or none where one can't be added.
  void put_all(const std::vector<std::shared_ptr<Layer>>& layers) {
    const size_t before = size();
    try {
      for (const auto& layer : std::vector(layers)) put(size(), layer);  // they may be its own
    } catch (...) {
      while (size() > before) erase(size() - 1);
      throw;
    }
  }
  /// What it owns.
  const std::vector<std::shared_ptr<Layer>>& owned() const { return layers_; }

 private:
  const std::shared_ptr<Layer>& layer_at(size_t i) const {
    if (i >= size())
      throw IndexError(name() + ": there is no layer " + std::to_string(i) + ": expected " +
                       (empty() ? "none, it is empty" : "0 to " + std::to_string(size() - 1)));
    return layers_[i];
  }
  static std::string name_of(const std::vector<std::string>& names, size_t i) {
    return names[i].empty() ? std::to_string(i) : names[i];
  }
  std::string name_at(size_t i) const { return name_of(names_, i); }
  // Throws where another member, a parameter say, has a name that a layer would get.
  void check_free(const std::vector<std::string>& names, size_t from) const {
    std::vector<std::string> own;
    for (size_t i = from; i < size(); ++i) own.push_back(name_at(i));
    for (size_t i = from; i < names.size(); ++i) {
      const std::string wanted = name_of(names, i);
      if (std::find(own.begin(), own.end(), wanted) == own.end() && has_member(wanted))
        throw Error(name() + ": a layer can't be named '" + wanted + "', as another member is");
    }
  }
  void unname(size_t from) {
    for (size_t i = from; i < size(); ++i) unregister_module(name_at(i));
  }
  void name_from(size_t from) {
    for (size_t i = from; i < size(); ++i) add(name_at(i), layers_[i]);
  }

  std::vector<std::shared_ptr<Layer>> layers_;
  std::vector<std::string> names_;  // of each; empty where it goes by its number
};
}  // namespace detail

/// Layers one after another, named "0", "1", … . Takes modules, and functions of one tensor:
/// `nn::Sequential(nn::Linear(2, 8), nn::ReLU(), nn::Linear(8, 1))`.
class Sequential : public detail::LayerList<Module> {
 public:
  /// Of these layers, in order; of none, it passes its input on.
  template <class... Layers>
  explicit Sequential(Layers... layers) {
    (append(std::move(layers)), ...);
  }

  /// Adds a module, which is moved in, or shared where it is a std::shared_ptr; or a function of
  /// one tensor, as a Lambda.
  template <class Layer>
  Sequential& append(Layer layer) {
    return insert(size(), std::move(layer));
  }
  /// append() by libtorch's name.
  template <class... A>
  Sequential& push_back(A&&... layer) {
    return append(std::forward<A>(layer)...);
  }
  /// Adds a module under a name, in place of its number. Throws for a name that is taken, empty, a
  /// number or has a dot.
  template <class Layer>
  Sequential& append(std::string name, Layer layer) {
    check_name(name);
    put(size(), shared(std::move(layer)), std::move(name));
    return *this;
  }
  /// The same in front of the layer of number i. Throws IndexError for one beyond the end.
  template <class Layer>
  Sequential& insert(size_t i, Layer layer) {
    put(i, shared(std::move(layer)));
    return *this;
  }
  /// Adds several, which are shared: all, or none where one can't be added.
  Sequential& extend(const std::vector<std::shared_ptr<Module>>& layers) {
    put_all(layers);
    return *this;
  }
  /// Adds the layers of another Sequential, by numbers; both share them then.
  template <class Other>
  requires std::is_base_of_v<Sequential, Other> Sequential& extend(const Other& other) {
    return extend(static_cast<const Sequential&>(other).owned());
  }

  Tensor forward(const Tensor& x) override { return forward_temporary(Tensor(x)); }
  Tensor forward_temporary(Tensor&& x) override {
    Tensor y = std::move(x);
    for (Module& layer : *this) y = layer(std::move(y));
    return y;
  }

 private:
  template <class Layer>
  static std::shared_ptr<Module> shared(Layer layer) {
    if constexpr (std::is_base_of_v<Module, Layer>)
      return std::make_shared<Layer>(std::move(layer));
    else if constexpr (std::is_convertible_v<Layer, std::shared_ptr<Module>>)
      return layer;
    else
      return std::make_shared<Lambda>(std::move(layer));
  }
};

/// Layers named "0", "1", …, to be used as the model likes: of one type, or, as `nn::ModuleList<>`,
/// of several, which `at<nn::Linear>(2)` gives back as what they are.
template <class Layer = Module>
class ModuleList : public detail::LayerList<Layer> {
 public:
  /// Adds a layer, which is moved in, or shared where it is a std::shared_ptr; returns it where it
  /// lies now.
  template <class T = Layer>
  auto& append(T layer) {
    return insert(this->size(), std::move(layer));
  }
  /// append() by libtorch's name.
  template <class T = Layer>
  auto& push_back(T layer) {
    return append(std::move(layer));
  }
  /// The same in front of the layer of number i. Throws IndexError for one beyond the end.
  template <class T = Layer>
  auto& insert(size_t i, T layer) {
    if constexpr (std::is_base_of_v<Layer, T>) {
      static_assert(!std::is_same_v<T, Module>,
                    "ModuleList: expected a layer, as nn::Linear(2, 3)");
      return static_cast<T&>(this->put(i, std::make_shared<T>(std::move(layer))));
    } else {
      auto& kept = *layer;
      this->put(i, std::move(layer));
      return kept;
    }
  }
  /// Adds several, which are moved in, or shared where they are std::shared_ptr: all, or none where
  /// one can't be added.
  template <class T = Layer>
  void extend(std::vector<T> layers) {
    std::vector<std::shared_ptr<Layer>> owned;
    for (T& layer : layers) {
      if constexpr (std::is_base_of_v<Layer, T>)
        owned.push_back(std::make_shared<T>(std::move(layer)));
      else
        owned.push_back(std::move(layer));
    }
    this->put_all(owned);
  }
};

/// Layers by names of their own, in the order in which they came: of one type, or, as
/// `nn::ModuleDict<>`, of several.
template <class Layer = Module>
class ModuleDict : public Module {
 public:
  /// Adds a layer, which is moved in, or shared where it is a std::shared_ptr; returns it where it
  /// lies now. One that has the name is replaced, in its place.
  template <class T = Layer>
  auto& insert(const std::string& key, T layer) {
    if constexpr (std::is_base_of_v<Layer, T>) {
      return static_cast<T&>(put(key, std::make_shared<T>(std::move(layer))));
    } else {
      auto& kept = *layer;
      put(key, std::move(layer));
      return kept;
    }
  }
  ///@{
  /// The layer of this name. Throws IndexError where there is none.
  Layer& operator[](const std::string& key) { return *layers_[index(key)].second; }
  const Layer& operator[](const std::string& key) const { return *layers_[index(key)].second; }
  ///@}
  /// The layer as what it is. Throws Error where it is of another type, IndexError where there is
  /// none.
  template <class Type = Layer>
  Type& at(const std::string& key) {
    Layer& layer = (*this)[key];
    if (Type* typed = dynamic_cast<Type*>(&layer)) return *typed;
    fail_other_type("ModuleDict: the layer '" + key + "'", layer, typeid(Type));
  }
  /// Whether there is a layer of this name.
  bool contains(const std::string& key) const { return find(key) < layers_.size(); }
  /// The names, in order.
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& [key, layer] : layers_) all.push_back(key);
    return all;
  }
  ///@{
  /// How many layers there are, and whether there are none.
  size_t size() const { return layers_.size(); }
  bool empty() const { return layers_.empty(); }
  ///@}
  ///@{
  /// `for (const auto& [name, layer] : dict)`, where `layer` is a std::shared_ptr.
  auto begin() const { return layers_.begin(); }
  auto end() const { return layers_.end(); }
  ///@}
  /// Takes a layer out, and returns it. Throws IndexError where there is none.
  std::shared_ptr<Layer> pop(const std::string& key) {
    const size_t i = index(key);
    std::shared_ptr<Layer> layer = layers_[i].second;
    unregister_module(key);
    layers_.erase(layers_.begin() + static_cast<std::ptrdiff_t>(i));
    return layer;
  }
  /// Takes out all.
  void clear() {
    for (const auto& [key, layer] : layers_) unregister_module(key);
    layers_.clear();
  }

 private:
  size_t find(const std::string& key) const {
    size_t i = 0;
    while (i < layers_.size() && layers_[i].first != key) ++i;
    return i;
  }
  size_t index(const std::string& key) const {
    const size_t i = find(key);
    if (i == layers_.size()) throw IndexError("ModuleDict: there is no layer '" + key + "'");
    return i;
  }
  // Those behind a replaced one are registered anew, for their order.
  Layer& put(const std::string& key, std::shared_ptr<Layer> layer) {
    if (!layer) throw Error("ModuleDict: the layer '" + key + "' is null");
    Layer& placed = *layer;
    const size_t i = find(key);
    if (i == layers_.size()) {
      layers_.emplace_back(key, add(key, std::move(layer)));
      return placed;
    }
    check_addition(key, *layer);
    for (size_t k = i; k < layers_.size(); ++k) unregister_module(layers_[k].first);
    layers_[i].second = std::move(layer);
    for (size_t k = i; k < layers_.size(); ++k) add(layers_[k].first, layers_[k].second);
    return placed;
  }

  std::vector<std::pair<std::string, std::shared_ptr<Layer>>> layers_;
};

}  // namespace rw::nn

#pragma GCC visibility pop
