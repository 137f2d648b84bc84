#include <rewind/autograd/traced.h>

namespace rw::detail {

namespace {

TracedTensor as_it_is(const Tensor& t) {
  return {t, t.defined() ? t.impl()->storage->version() : 0};
}

}  // namespace

void enter(const char* name, const Inputs& inputs, std::span<const Tensor> results) {
  TracedOp op{name, {}, {}, {}};
  for (size_t i = 0; i < inputs.size(); ++i) op.inputs.push_back(as_it_is(inputs[i]));
  for (const Tensor& y : results) op.results.push_back(as_it_is(y));
  trace->ops.push_back(std::move(op));
}

}  // namespace rw::detail
