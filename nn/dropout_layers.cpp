#include <rewind/nn/dropout_layers.h>

#include <rewind/nn/repr.h>
#include <rewind/ops/dropout.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

detail::DropoutBase::DropoutBase(const char* layer, double p) : p_(p) {
  check(p >= 0 && p <= 1, "{}: expected a probability in [0, 1], got {}", layer, p);
}
std::string detail::DropoutBase::extra_repr() const { return "p=" + repr(p_); }

Tensor Dropout::forward(const Tensor& x) { return dropout(x, p_, is_training()); }
Tensor Dropout1d::forward(const Tensor& x) { return dropout1d(x, p_, is_training()); }
Tensor Dropout2d::forward(const Tensor& x) { return dropout2d(x, p_, is_training()); }
Tensor Dropout3d::forward(const Tensor& x) { return dropout3d(x, p_, is_training()); }
Tensor AlphaDropout::forward(const Tensor& x) { return alpha_dropout(x, p_, is_training()); }
Tensor FeatureAlphaDropout::forward(const Tensor& x) {
  return feature_alpha_dropout(x, p_, is_training());
}

}  // namespace rw::nn
