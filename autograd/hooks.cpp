#include <rewind/autograd/node_hooks.h>

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

void check_replacement(const char* name, const Tensor& now, const OutputInfo& expected) {
  check<ShapeError>(now.shape() == expected.shape,
                    "{}: a hook replaced a gradient of shape {} by one of shape {}", name,
                    expected.shape, now.shape());
  check<DTypeError>(now.dtype() == expected.dtype, "{}: a hook replaced a {} gradient by a {} one",
                    name, expected.dtype, now.dtype());
}

}  // namespace

HookHandle register_hook(const Tensor& t, TensorHook hook) {
  detail::check_hook("register_hook", hook);
  Node& node = node_of("register_hook", t);
  return node.hooks().tensor.add({t.impl()->output_nr, std::move(hook)});
}
HookHandle register_node_prehook(const Tensor& t, NodePreHook hook) {
  detail::check_hook("register_node_prehook", hook);
  return op_of("register_node_prehook", t).hooks().before.add(std::move(hook));
}
HookHandle register_node_hook(const Tensor& t, NodeHook hook) {
  detail::check_hook("register_node_hook", hook);
  return op_of("register_node_hook", t).hooks().after.add(std::move(hook));
}
HookHandle register_post_accumulate_grad_hook(const Tensor& leaf, AccumulateHook hook) {
  detail::check_hook("register_post_accumulate_grad_hook", hook);
  Node& node = node_of("register_post_accumulate_grad_hook", leaf);
  check<AutogradError>(node.is_leaf(),
                       "register_post_accumulate_grad_hook: expected a leaf, got a result of '{}'",
                       node.name());
  return node.hooks().accumulated.add(std::move(hook));
}

// --- What the engine calls ----------------------------------------------------------------------

detail::NodeHooks& Node::hooks() {
  detail::NodeHooks* present = hooks_.load(std::memory_order_acquire);
  if (present) return *present;
  if (is_leaf()) detail::leaves_have_hooks = true;
  auto made = std::make_unique<detail::NodeHooks>();
  if (hooks_.compare_exchange_strong(present, made.get(), std::memory_order_acq_rel))
    return *made.release();
  return *present;  // another thread was faster
}

Tensor Node::retained_grad(uint32_t nr) const {
  const detail::NodeHooks* hooks = present_hooks();
  return hooks ? hooks->retained.get(nr) : Tensor();
}

void Node::retain_grad(uint32_t nr) { hooks().retained.retain(nr); }

bool Node::retains_grad(uint32_t nr) const {
  const detail::NodeHooks* hooks = present_hooks();
  return hooks && hooks->retained.has(nr);
}

void Node::hand_retained_grad(uint32_t nr, Node& to, uint32_t to_nr) {
  if (!retains_grad(nr)) return;
  to.hooks().retained.put(to_nr, hooks().retained.take(nr));
}

void Node::see_grads(std::span<Tensor> grads) {
  detail::NodeHooks* hooks = present_hooks();
  if (!hooks) return;
  hooks->tensor.for_each([&](const auto& hook) {
    Tensor& grad = grads[hook.first];
    if (!grad.defined()) return;
    Tensor other = hook.second(grad);
    if (!other.defined()) return;
    check_replacement(name(), other, outputs()[hook.first]);
    grad = std::move(other);
  });
  hooks->retained.see(grads);
  hooks->before.for_each([&](const NodePreHook& hook) {
    hook(grads);
    for (size_t i = 0; i < grads.size(); ++i)
      if (grads[i].defined()) check_replacement(name(), grads[i], outputs()[i]);
  });
}

std::vector<Tensor> Node::grads_for_hooks(std::span<const Tensor> grads) const {
  const detail::NodeHooks* hooks = present_hooks();
  if (!hooks || hooks->after.empty()) return {};
  return {grads.begin(), grads.end()};
}

void Node::see_input_grads(Grads& grads, std::span<const Tensor> grad_outputs) {
  const detail::NodeHooks* hooks = present_hooks();
  if (!hooks) return;
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < grads.size(); ++i) inputs.push_back(grads[i]);
  hooks->after.for_each([&](const NodeHook& hook) { hook(inputs, grad_outputs); });
  for (size_t i = 0; i < grads.size(); ++i) grads[i] = inputs[i];
}

void LeafNode::check_takes_rows() const {
  const detail::NodeHooks* hooks = present_hooks();
  check<AutogradError>(
      !hooks || (hooks->tensor.empty() && hooks->accumulated.empty()),
      "backward: a hook of a leaf of shape {} can't see its gradient, which is one "
      "of rows (an embedding with sparse = true); take the hook out, or sparse",
      info_.shape);
}

void LeafNode::accumulate(Tensor grad, bool create_graph) {
  detail::NodeHooks* hooks = present_hooks();
  if (!hooks || hooks->accumulated.empty()) return add(std::move(grad), create_graph);
  const std::lock_guard lock(hooks->accumulating);
  add(std::move(grad), create_graph);
  hooks->accumulated.for_each([&](const AccumulateHook& hook) {
    Tensor g = this->grad();
    hook(g);
    if (g.defined()) check_replacement(name(), g, outputs()[0]);
    set_grad(std::move(g));
  });
}

}  // namespace rw
