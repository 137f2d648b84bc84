#pragma once

#include <optional>

#include <rewind/data/transforms/borders.h>
#include <rewind/data/transforms/transform.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

namespace functional {
/// An image with v, which is broadcast to [..., C, h, w], in its h rows from i on and w columns
/// from j on; what of them is beyond the image is left out.
Tensor erase(const Tensor& x, int64_t i, int64_t j, int64_t h, int64_t w, const Tensor& v);
}  // namespace functional

/// What RandomErasing takes by name.
struct RandomErasingOptions {
  double p = 0.5;                 ///< the probability of doing it
  Range scale = {0.02, 0.33};     ///< of the area, as a share of the image's
  Range ratio = {0.3, 3.3};       ///< of its height to its width
  std::optional<Fill> value = 0;  ///< what is put there; standard normal numbers if unset
};
/// Writes over a rectangle of a random size, shape and place (Zhong et al., "Random erasing data
/// augmentation", 2020). Where ten draws do not fit into the image, it stays.
class RandomErasing {
 public:
  /// Throws Error unless p and scale are in [0, 1], and ratio is greater than 0.
  explicit RandomErasing(const RandomErasingOptions& options = {});
  /// Of an image.
  Tensor operator()(const Tensor& x, Generator& gen = default_generator()) const;

 private:
  RandomErasingOptions options_;
  detail::Probability p_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
