#include <rewind/autograd/hooks.h>

#include <rewind/autograd/node.h>
#include <rewind/tensor/check.h>

namespace rw {
namespace {

Node& node_of(const char* name, const Tensor& t) {
  check(t.defined(), "{}: the tensor is undefined", name);
  check<AutogradError>(t.requires_grad(), "{}: a tensor of shape {} that requires no gradient",
                       name, t.shape());
  return *t.impl()->node;
}

Node& op_of(const char* name, const Tensor& t) {
  Node& node = node_of(name, t);
  check<AutogradError>(!node.is_leaf(), "{}: the tensor of shape {} is a leaf, no op made it", name,
                       t.shape());
  return node;
}

void check_replacement(const char* name, const Tensor& now, const Tensor& before) {
  check<ShapeError>(now.shape() == before.shape(),
                    "{}: a hook replaced a gradient of shape {} by one of shape {}", name,
                    before.shape(), now.shape());
  check<DTypeError>(now.dtype() == before.dtype(), "{}: a hook replaced a {} gradient by a {} one",
                    name, before.dtype(), now.dtype());
}

}  // namespace

HookHandle register_hook(const Tensor& t, TensorHook hook) {
  Node& node = node_of("register_hook", t);
  return node.hooks().tensor.add({t.impl()->output_nr, std::move(hook)});
}
HookHandle register_node_prehook(const Tensor& t, NodePreHook hook) {
  return op_of("register_node_prehook", t).hooks().before.add(std::move(hook));
}
HookHandle register_node_hook(const Tensor& t, NodeHook hook) {
  return op_of("register_node_hook", t).hooks().after.add(std::move(hook));
}
HookHandle register_post_accumulate_grad_hook(const Tensor& leaf, AccumulateHook hook) {
  Node& node = node_of("register_post_accumulate_grad_hook", leaf);
  check<AutogradError>(node.is_leaf(),
                       "register_post_accumulate_grad_hook: expected a leaf, got a result of '{}'",
                       node.name());
  return node.hooks().accumulated.add(std::move(hook));
}

// --- What the engine calls ----------------------------------------------------------------------

detail::NodeHooks& Node::hooks() {
  if (!hooks_) hooks_ = std::make_unique<detail::NodeHooks>();
  return *hooks_;
}

Tensor Node::retained_grad(uint32_t nr) const {
  if (hooks_)
    for (const auto& [output, grad] : hooks_->retained)
      if (output == nr) return grad;
  return {};
}

void Node::retain_grad(uint32_t nr) {
  for (const auto& [output, grad] : hooks().retained)
    if (output == nr) return;
  hooks_->retained.emplace_back(nr, Tensor());
}

void Node::see_grads(std::span<Tensor> grads) {
  if (!hooks_) return;
  hooks_->tensor.for_each([&](const auto& hook) {
    Tensor& grad = grads[hook.first];
    if (!grad.defined()) return;
    Tensor other = hook.second(grad);
    if (!other.defined()) return;
    check_replacement(name(), other, grad);
    grad = std::move(other);
  });
  for (auto& [output, kept] : hooks_->retained)
    if (grads[output].defined()) kept = grads[output];
  hooks_->before.for_each([&](const NodePreHook& hook) { hook(grads); });
}

std::vector<Tensor> Node::grads_for_hooks(std::span<const Tensor> grads) const {
  if (!hooks_ || hooks_->after.empty()) return {};
  return {grads.begin(), grads.end()};
}

void Node::see_input_grads(Grads& grads, std::span<const Tensor> grad_outputs) {
  if (!hooks_ || hooks_->after.empty()) return;
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < grads.size(); ++i) inputs.push_back(grads[i]);
  hooks_->after.for_each([&](const NodeHook& hook) { hook(inputs, grad_outputs); });
  for (size_t i = 0; i < grads.size(); ++i) grads[i] = inputs[i];
}

void LeafNode::see_accumulated() {
  if (!hooks_ || hooks_->accumulated.empty()) return;
  hooks_->accumulated.for_each([&](const AccumulateHook& hook) {
    Tensor g = grad();
    hook(g);
    set_grad(std::move(g));
  });
}

}  // namespace rw
