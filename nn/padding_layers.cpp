#include <rewind/nn/padding_layers.h>

#include <rewind/nn/repr.h>
#include <rewind/ops/padding.h>
#include <rewind/tensor/check.h>

namespace rw::nn {

Tensor PaddingLayer::forward(const Tensor& x) {
  check(x.defined(), "{}: the input is undefined", kind_.layer);
  const int axes = static_cast<int>(padding_.size()) / 2;
  if (kind_.mode == PaddingMode::zeros)
    check<ShapeError>(x.dim() >= axes,
                      "{}: expected an input of at least {} dimensions, got shape {}", kind_.layer,
                      axes, x.shape());
  else
    check<ShapeError>(x.dim() == axes + 1 || x.dim() == axes + 2,
                      "{}: expected an input of {} or {} dimensions, got shape {}", kind_.layer,
                      axes + 1, axes + 2, x.shape());
  return pad(x, padding_, kind_.mode, kind_.value);
}

std::string PaddingLayer::extra_repr() const {
  const std::string numbers = list_repr(padding_);
  if (!kind_.shows_value) return fmt::format("({})", numbers);
  return fmt::format("padding=({}), value={}", numbers, repr(kind_.value));
}

}  // namespace rw::nn
