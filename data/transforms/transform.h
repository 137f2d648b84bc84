#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/tensor/generator.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

/// Changes of images, by the names and rules of torchvision.transforms.v2: classes here, functions
/// with fixed numbers in `functional`.
namespace rw::data::transforms {

namespace detail {
template <class F>
concept Fixed = std::is_invocable_r_v<Tensor, const F&, const Tensor&>;
template <class F>
concept Drawing = std::is_invocable_r_v<Tensor, const F&, const Tensor&, Generator&>;
/// x, or what shares its memory, without a gradient.
inline Tensor off_tape(const Tensor& x) { return x.requires_grad() ? x.detach() : x; }

/// What a random transform has of doing something.
class Probability {
 public:
  /// Throws Error, naming the transform, unless p is in [0, 1].
  Probability(const char* transform, double p);
  /// Draws.
  bool happens(Generator& gen) const;

 private:
  double p_;
};
}  // namespace detail

/// Anything that makes an image of an image: a transform of this library, or a function of one's
/// own, `[](const Tensor& x) { … }` or `[](const Tensor& x, Generator& gen) { … }`. An image is a
/// tensor [..., C, H, W]; what is drawn at random is the same for all images of one tensor. The
/// result has no gradient, and may share memory with the image where nothing is changed or only a
/// part is taken. Copies share what they hold.
class Transform {
 public:
  /// Keeps the function.
  template <class F>
  requires(!std::same_as<F, Transform> && (detail::Drawing<F> || detail::Fixed<F>)) Transform(F f) {
    if constexpr (detail::Drawing<F>)
      run_ = std::move(f);
    else
      run_ = [f = std::move(f)](const Tensor& x, Generator&) { return f(x); };
  }

  /// Of an image, without gradients. What is random comes from `gen`, so that seeding it for each
  /// sample makes samples repeatable one by one.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const {
    const no_grad guard;
    return detail::off_tape(run_(x, gen));
  }

 private:
  std::function<Tensor(const Tensor&, Generator&)> run_;
};

/// A function as a transform; Transform takes functions as well, and this is torchvision's name.
using Lambda = Transform;

/// One transform after another: `Compose({RandomCrop(32, {.padding = 4}),
/// RandomHorizontalFlip()})`.
class Compose {
 public:
  /// In this order.
  explicit Compose(std::vector<Transform> transforms) : transforms_(std::move(transforms)) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  std::vector<Transform> transforms_;
};

/// All of some transforms in their order with probability p, and nothing otherwise.
class RandomApply {
 public:
  /// Throws Error unless p is in [0, 1].
  explicit RandomApply(std::vector<Transform> transforms, double p = 0.5)
      : transforms_(std::move(transforms)), p_("RandomApply", p) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  Compose transforms_;
  detail::Probability p_;
};

/// One of some transforms.
class RandomChoice {
 public:
  /// Transform i is taken with a probability of p[i] over the sum of p; each alike where p is left
  /// out. Throws Error where there are not as many, or where they are no probabilities.
  explicit RandomChoice(std::vector<Transform> transforms, std::vector<double> p = {});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  std::vector<Transform> transforms_;
  std::vector<double> bounds_;  // sums of p
};

/// All of some transforms in a random order.
class RandomOrder {
 public:
  /// In any order.
  explicit RandomOrder(std::vector<Transform> transforms) : transforms_(std::move(transforms)) {}
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  std::vector<Transform> transforms_;
};

/// A transform of each image of [N, C, H, W] by itself, put together again: image i draws from a
/// generator of its own, whose seed follows from `gen` and i alone. The results have to agree in
/// shape and dtype.
Tensor apply_each(const Transform& transform, const Tensor& images,
                  Generator& gen = default_generator());

}  // namespace rw::data::transforms

#pragma GCC visibility pop
