#include <rewind/ops/activation_inplace.h>

#include <rewind/ops/activation.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/inplace_forms.h>
#include <rewind/ops/pointwise.h>

namespace rw {

Tensor& relu_(Tensor& x) { return x.relu_(); }

#define REWIND_IN_PLACE(name, parameters, ...)                                             \
  Tensor& name##_ parameters {                                                             \
    return detail::put_result(#name "_", x, [&](const Tensor& x) { return __VA_ARGS__; }); \
  }
REWIND_IN_PLACE(relu6, (Tensor & x), relu6(x))
REWIND_IN_PLACE(hardtanh, (Tensor & x, double min_val, double max_val),
                hardtanh(x, min_val, max_val))
REWIND_IN_PLACE(hardsigmoid, (Tensor & x), hardsigmoid(x))
REWIND_IN_PLACE(hardswish, (Tensor & x), hardswish(x))
REWIND_IN_PLACE(leaky_relu, (Tensor & x, double slope), leaky_relu(x, slope))
REWIND_IN_PLACE(rrelu, (Tensor & x, double lower, double upper, bool training),
                rrelu(x, lower, upper, training))
REWIND_IN_PLACE(threshold, (Tensor & x, double least, double value), threshold(x, least, value))
REWIND_IN_PLACE(elu, (Tensor & x, double alpha), elu(x, alpha))
REWIND_IN_PLACE(celu, (Tensor & x, double alpha), celu(x, alpha))
REWIND_IN_PLACE(selu, (Tensor & x), selu(x))
REWIND_IN_PLACE(silu, (Tensor & x), silu(x))
REWIND_IN_PLACE(mish, (Tensor & x), mish(x))
#undef REWIND_IN_PLACE

#define REWIND_IN_PLACE(name)                                                         \
  Tensor& name##_(Tensor& x, double p, bool training) {                               \
    return detail::put_result(#name "_", x,                                           \
                              [&](const Tensor& x) { return name(x, p, training); }); \
  }
REWIND_IN_PLACE(dropout)
REWIND_IN_PLACE(dropout1d)
REWIND_IN_PLACE(dropout2d)
REWIND_IN_PLACE(dropout3d)
REWIND_IN_PLACE(alpha_dropout)
REWIND_IN_PLACE(feature_alpha_dropout)
#undef REWIND_IN_PLACE

}  // namespace rw
