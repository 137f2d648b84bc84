#include <rewind/autograd/inplace.h>

#include <pthread.h>

#include <mutex>
#include <new>

#include <rewind/autograd/autograd.h>
#include <rewind/kernels/pointwise/pointwise_kernel.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/overlap.h>

namespace rw {

namespace {

// Whether several elements may lie in one place of memory, as those of expand, unfold and
// as_strided do.
bool overlaps_itself(const TensorImpl& t) { return detail::may_overlap(t.shape, t.strides); }

// How many places there are from the first element to the last.
int64_t extent_of(const Shape& shape, const Strides& strides) {
  if (shape.numel() == 0) return 0;
  int64_t extent = 1;
  for (int d = 0; d < shape.rank(); ++d) extent += (shape[d] - 1) * strides[d];
  return extent;
}

// Whether a view shows nothing but elements of its base, to which set_data may have given others.
bool is_within(const TensorImpl& view, const TensorImpl& base) {
  if (view.storage != base.storage) return false;
  const int64_t first = view.offset - base.offset, extent = extent_of(view.shape, view.strides);
  return extent == 0 || (first >= 0 && first + extent <= extent_of(base.shape, base.strides));
}

// A change of `self` leads to its base on the tape: whether that can be.
void check_view(const char* name, const TensorImpl& self) {
  check<AutogradError>(!self.is_piece,
                       "{}: a piece of shape {} that split, chunk or unbind made can't be changed "
                       "in place on the tape; change a view made by narrow or select",
                       name, self.shape);
  check<AutogradError>(self.base.get() != nullptr,
                       "{}: a view of shape {} that was made under no_grad can't be changed in "
                       "place on the tape, nor one that as_strided leads beyond its base; take the "
                       "view outside no_grad, or make the change there",
                       name, self.shape);
  check<AutogradError>(is_within(self, *self.base),
                       "{}: a view of shape {}, whose base set_data has given other data, can't be "
                       "changed in place on the tape; take the view again",
                       name, self.shape);
  // A view of a constant may be a leaf itself.
  const Node* of = self.base->node ? self.base->node : self.node;
  check<AutogradError>(!of || (of == self.base->node && !of->is_leaf()),
                       "{}: a view of a leaf of shape {} that requires grad can't be changed in "
                       "place; do it under no_grad, or on a view of a clone()",
                       name, self.base->shape);
  check<AutogradError>(!overlaps_itself(*self.base),
                       "{}: a view of an expanded tensor of shape {}, whose elements share memory, "
                       "can't be changed in place on the tape; clone() it first",
                       name, self.base->shape);
}

}  // namespace

void check_inplace(const char* name, const Tensor& self, const detail::Inputs& inputs) {
  check<AutogradError>(!overlaps_itself(*self.impl()),
                       "{}: an expanded tensor of shape {}, whose elements share memory, can't be "
                       "changed in place; clone() it first",
                       name, self.shape());
  const Ref<TensorImpl>& copied = self.impl()->copied_of;
  check<AutogradError>(!copied || copied->use_count() == 1,
                       "{}: view() has copied this tensor of shape {} from one in channels-last "
                       "memory, which a change in place would not reach; change that one, or use "
                       "reshape() where it is not meant",
                       name, self.shape());
  if (!is_grad_enabled() || !detail::any_requires_grad(inputs)) return;
  check<AutogradError>(!self.requires_grad() || !self.is_leaf(),
                       "{}: a leaf of shape {} that requires grad can't be changed in place; do it "
                       "under no_grad, or on a clone()",
                       name, self.shape());
  if (self.impl()->is_view) check_view(name, *self.impl());
}

// --- Parts of a base ----------------------------------------------------------------------------

namespace detail {

namespace {

Tensor empty_base(const ViewPlace& place, DType dtype) {
  // The base may have gaps.
  Tensor t = make_tensor({extent_of(place.base_shape, place.base_strides)}, dtype);
  t.impl()->shape = place.base_shape;
  t.impl()->strides = place.base_strides;
  return t;
}

void copy(const Tensor& from, const Tensor& to) {
  kernels::copy(from.dtype(), to.dtype(), to.shape(), {from.raw_data(), from.strides()},
                {to.raw_data(), to.strides()});
}

void fill_with_zeros(const Tensor& t) {
  kernels::fill(t.dtype(), t.shape(), 0, {t.raw_data(), t.strides()});
}

// The view on `x`, whose elements lie as the base's do.
Tensor window(const Tensor& x, const ViewPlace& place) {
  return make_view(x, place.shape, place.strides, x.impl()->offset + place.offset);
}

Tensor laid_out_as_base(const Tensor& x, const ViewPlace& place) {
  if (x.strides() == place.base_strides) return x;
  Tensor out = empty_base(place, x.dtype());
  copy(x, out);
  return out;
}

// The adjoint of part_of: zeros of the base's shape, and `part` where the view lies.
Tensor embed_part(const Tensor& part, ViewPlace place) {
  const profile_scope scope("as_strided_backward");
  // What an expanded view shows several times gathers its gradients.
  for (int d = 0; d < place.shape.rank(); ++d)
    if (place.strides[d] == 0 && place.shape[d] > 1) place.shape[d] = 1;
  const Tensor sums = reduce_to(part, place.shape, part.dtype());
  const Tensor out = empty_base(place, sums.dtype());
  fill_with_zeros(out);
  copy(sums, window(out, place));
  return record("as_strided_backward", out, {sums},
                [place](const Tensor& g, Needs) -> Grads { return part_of(g, place); });
}

// Whether `x` can be overwritten: nobody sees it, and its elements lie as the base's do.
bool is_spare(const Tensor& x, const ViewPlace& place) {
  const TensorImpl& t = *x.impl();
  return t.use_count() == 1 && t.storage->use_count() == 1 && !t.storage->is_external() &&
         t.strides == place.base_strides && !overlaps_itself(t);
}

}  // namespace

ViewPlace::ViewPlace(const TensorImpl& view, const TensorImpl& base)
    : base_shape(base.shape),
      base_strides(base.strides),
      shape(view.shape),
      strides(view.strides),
      offset(view.offset - base.offset) {}

Tensor part_of(const Tensor& x, const ViewPlace& place) {
  const profile_scope scope("as_strided");
  const Tensor from = window(laid_out_as_base(x, place), place);
  const Tensor out = make_tensor(from.shape(), dense_strides_like(from), from.dtype());
  copy(from, out);
  return record("as_strided", out, {x},
                [place](const Tensor& g, Needs) -> Grads { return embed_part(g, place); });
}

Tensor with_part(Tensor x, const Tensor& part, const ViewPlace& place) {
  const profile_scope scope("as_strided_scatter");
  const bool recorded = any_requires_grad({x, part});
  Tensor out;
  if (!recorded && is_spare(x, place)) {
    out = x;
  } else {
    out = empty_base(place, x.dtype());
    copy(x, out);
  }
  if (part.defined())
    copy(part, window(out, place));
  else
    fill_with_zeros(window(out, place));
  return record("as_strided_scatter", out, {x, part},
                [place](const Tensor& g, Needs needs) -> Grads {
                  return {needs[0] ? with_part(g, {}, place) : Tensor(),
                          needs[1] ? part_of(g, place) : Tensor()};
                });
}

std::vector<Tensor> on_base(const char* name, const Tensor& view, const Inputs& inputs) {
  check<AutogradError>(inputs.size() > 0 && inputs[0].defined() && inputs[0].is_same(view),
                       "{}: the first input of a recorded change in place must be the tensor "
                       "itself, of which a view was given",
                       name);
  std::vector<Tensor> all{Tensor(view.impl()->base)};
  for (size_t i = 1; i < inputs.size(); ++i) all.push_back(inputs[i]);
  return all;
}

// --- Views of a changed base --------------------------------------------------------------------

namespace {

// What a stale view gets its node from: its base, or the nearest view between them that was asked
// to keep its gradient.
TensorImpl& origin_of(const TensorImpl& view) {
  for (TensorImpl* t = view.taken_of.get(); t; t = t->taken_of.get())
    if (t->node && t->base == view.base && t->node->retains_grad(t->output_nr)) return *t;
  return *view.base;
}

// Whether a view shows elements several times otherwise than by expansion: their gradients would
// have to be gathered where it is led to its base.
bool shows_again(const TensorImpl& view) {
  Shape shape = view.shape;
  for (int d = 0; d < shape.rank(); ++d)
    if (view.strides[d] == 0) shape[d] = std::min<int64_t>(shape[d], 1);
  return may_overlap(shape, view.strides);
}

// `now` is the tape's version of the storage.
void lead_to_origin(TensorImpl& view, uint32_t now) {
  if (view.view_tape_version.load(std::memory_order_relaxed) == now) return;
  const bool known = view.base && is_within(view, *view.base);
  TensorImpl* origin = known ? &origin_of(view) : nullptr;
  check<AutogradError>(origin && !overlaps_itself(*origin) && !shows_again(view),
                       "a view of shape {} is used after its base was changed in place by '{}'; "
                       "take the view again after the change",
                       view.shape, view.storage->last_writer());
  if (origin != view.base.get()) lead_to_origin(*origin, now);
  if (origin->node) {
    auto pullback = [place = ViewPlace(view, *origin)](const Tensor& g, Needs) -> Grads {
      return embed_part(g, place);
    };
    Ref<Node> node = OpNode<decltype(pullback)>::make(
        "as_strided", {Tensor(Ref<TensorImpl>::share(origin))}, 1, std::move(pullback));
    node->output(0) = {view.shape, view.dtype};
    set_node(view, std::move(node), 0);
  }
  view.view_tape_version.store(now, std::memory_order_release);
}

std::mutex following;
// A thread that held it is not there in a child made by fork(), and what it did is done again.
[[maybe_unused]] const int free_in_children =
    pthread_atfork(nullptr, nullptr, [] { new (&following) std::mutex; });

}  // namespace

// Several threads may read a view at once, and all of them find it stale.
void follow_base(TensorImpl& view) {
  const uint32_t now = view.storage->tape_version();
  if (view.view_tape_version.load(std::memory_order_acquire) == now) return;
  const std::lock_guard lock(following);
  lead_to_origin(view, now);
}

}  // namespace detail
}  // namespace rw
