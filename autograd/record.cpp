#include <rewind/autograd/record.h>
#include <rewind/autograd/share_data.h>

#include <rewind/autograd/anomaly.h>
#include <rewind/tensor/check.h>

namespace rw {

namespace {

using detail::share_data;

}  // namespace

Tensor detail::share_data(const Tensor& t) {
  Tensor out = make_view(t, t.shape(), t.strides(), t.impl()->offset);
  out.impl()->is_view = false;
  return out;
}

SavedTensor save(const Tensor& t) {
  SavedTensor s;
  if (!t.defined() || !is_grad_enabled()) return s;
  if (t.requires_grad()) s.edge_ = {Ref<Node>::share(t.impl()->node), t.impl()->output_nr};
  if (detail::saved_tensors_are_hooked && !(t.requires_grad() && t.is_leaf())) {
    s.packed_ = detail::pack(t);
    return s;
  }
  s.data_ = t;
  s.storage_ = t.impl()->storage.get();
  s.version_ = s.storage_->version();
  return s;
}

SavedTensor save_for(const Tensor& other, const Tensor& t) {
  return other.requires_grad() ? save(t) : SavedTensor();
}

SavedTensor save_result(const Tensor& t, uint32_t nr) {
  SavedTensor s;
  if (!is_grad_enabled()) return s;
  s.edge_.nr = nr;
  s.own_result_ = true;
  if (detail::saved_tensors_are_hooked) {
    s.packed_ = detail::pack(t);
    return s;
  }
  s.data_ = share_data(t);
  s.storage_ = t.impl()->storage.get();
  s.version_ = s.storage_->version();
  return s;
}

SavedTensor::SavedTensor(const SavedTensor& other) {
  *this = other;
  if (detail::copied_saved_tensors && data_.defined())
    detail::copied_saved_tensors->push_back(data_);
}

Tensor SavedTensor::get() const {
  if (!data_.defined() && !packed_) return {};
  Node* running = detail::running_node;
  if (!packed_) {
    const Storage& storage = *data_.impl()->storage;
    const bool same_storage = &storage == storage_;
    check<AutogradError>(
        same_storage && storage.version() == version_,
        "{}: a tensor of shape {} that its backward needs was changed in place by '{}' after it "
        "was used; use the out-of-place form there, or clone() first",
        running ? running->name() : "backward", data_.shape(),
        same_storage ? storage.last_writer() : "set_data");
  }
  Tensor data = packed_ ? detail::unpack(*packed_) : data_;
  Node* node = own_result_ ? running : edge_.node.get();
  if (!is_grad_enabled() || data.impl()->node == node) return data;
  Tensor t = share_data(data);
  detail::set_node(*t.impl(), Ref<Node>::share(node), edge_.nr);
  return t;
}

namespace detail {

void set_node(TensorImpl& t, Ref<Node> node, uint32_t nr) {
  if (t.node && node) t.node->hand_retained_grad(t.output_nr, *node, nr);
  Ref<Node>::adopt(std::exchange(t.node, node.detach()));
  t.output_nr = nr;
}

bool any_requires_grad(const Inputs& inputs) {
  if (!is_grad_enabled()) return false;
  bool any = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) continue;
    TensorImpl& t = *inputs[i].impl();
    if (t.is_view) follow_base(t);
    any |= t.node != nullptr;
  }
  return any;
}

void own_if_fresh(Tensor& result, const Inputs& inputs) {
  TensorImpl& r = *result.impl();
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].defined() && inputs[i].impl()->storage == r.storage) return;
  r.is_view = r.is_piece = false;
  r.base.reset();
  r.taken_of.reset();
  r.copied_of.reset();
}

void own_handle(Tensor& result, const Inputs& inputs, const Node* node) {
  const TensorImpl& r = *result.impl();
  if (r.use_count() == 1) return;  // nobody else has it
  bool taken = node && r.node == node;
  for (size_t i = 0; !taken && i < inputs.size(); ++i)
    taken = inputs[i].defined() && inputs[i].is_same(result);
  if (taken) result = make_view(result, r.shape, r.strides, r.offset);
}

void fill_edges(Edge* edges, const Inputs& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined() || !inputs[i].impl()->node) continue;
    edges[i] = {Ref<Node>::share(inputs[i].impl()->node), inputs[i].impl()->output_nr};
  }
}

void attach(Tensor& result, Ref<Node> node, uint32_t nr) {
  if (!result.is_floating_point()) return;
  TensorImpl* t = result.impl();
  node->output(nr) = {t->shape, t->dtype};
  set_node(*t, std::move(node), nr);
  report_recorded(result);
}

void fail_released(const char* name) {
  fail<AutogradError>(
      "backward: the graph at '{}' was freed by an earlier backward; pass retain_graph = true "
      "there "
      "to go through it again",
      name);
}

void fail_undefined_result(const char* name) { fail("{}: the result is undefined", name); }

}  // namespace detail

// --- Tensor's own part in the tape
// ----------------------------------------------------------------

bool Tensor::is_leaf() const {
  own("is_leaf");
  return !requires_grad() || impl_->node->is_leaf();
}

Tensor& Tensor::requires_grad_(bool on) {
  own("requires_grad_");
  check<DTypeError>(!on || is_floating_point(),
                    "requires_grad_: only floating tensors can have gradients, got {}", dtype());
  check<AutogradError>(on || is_leaf(),
                       "requires_grad_(false): the tensor is a result of '{}'; use detach()",
                       grad_fn());
  if (on != requires_grad()) detail::set_node(*impl_, on ? LeafNode::make(*this) : Ref<Node>(), 0);
  return *this;
}

Tensor Tensor::grad() const {
  own("grad");
  if (!requires_grad()) return {};
  if (is_leaf()) return static_cast<LeafNode*>(impl_->node)->grad();
  return impl_->node->retained_grad(impl_->output_nr);
}

void Tensor::set_grad(const Tensor& grad) const {
  own("set_grad");
  check<AutogradError>(requires_grad() && is_leaf(),
                       "set_grad: only a leaf that requires grad has a gradient to set");
  check<ShapeError>(!grad.defined() || (grad.shape() == shape() && grad.dtype() == dtype()),
                    "set_grad: expected the tensor's own shape {} and dtype {}", shape(), dtype());
  static_cast<LeafNode*>(impl_->node)->set_grad(grad);
}

void Tensor::set_data(const Tensor& t) const {
  own("set_data");
  check(t.defined(), "set_data: the data is an undefined tensor");
  check<AutogradError>(is_leaf(), "set_data: the tensor is a result of '{}'; use detach()",
                       grad_fn());
  check<DTypeError>(!requires_grad() || t.is_floating_point(),
                    "set_data: the tensor requires a gradient, which data of dtype {} can't have",
                    t.dtype());
  TensorImpl& to = *impl_;
  const TensorImpl& from = *t.impl();
  // Tensors saved for backward are handles, which tell other memory by the storage.
  if (to.storage == from.storage &&
      !(to.offset == from.offset && to.shape == from.shape && to.strides == from.strides))
    to.storage->bump_version("set_data");
  to.storage = from.storage;
  to.offset = from.offset;
  to.shape = from.shape;
  to.strides = from.strides;
  to.dtype = from.dtype;
  to.is_view = to.is_piece = false;
  to.base.reset();
  to.taken_of.reset();
  to.copied_of.reset();
  if (to.node) static_cast<LeafNode*>(to.node)->set_info({to.shape, to.dtype});
}

void Tensor::retain_grad() const {
  own("retain_grad");
  check<AutogradError>(requires_grad(), "retain_grad: the tensor does not require grad");
  if (!is_leaf()) impl_->node->retain_grad(impl_->output_nr);
}

Tensor Tensor::detach() const {
  own("detach");
  return share_data(*this);
}

const char* Tensor::grad_fn() const {
  own("grad_fn");
  return is_leaf() ? "" : impl_->node->name();
}

}  // namespace rw
