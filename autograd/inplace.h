#pragma once

#include <rewind/autograd/record.h>

#pragma GCC visibility push(default)

namespace rw {

/// Checks that `self` may be changed in place by `name` with these inputs; call it before touching
/// the data. Throws AutogradError for an expanded tensor, whose elements share memory; on the tape
/// also for a leaf that requires a gradient and views of one, for views made under no_grad, and for
/// the pieces of split, chunk and unbind.
void check_inplace(const char* name, const Tensor& self, const detail::Inputs& inputs);

namespace detail {

/// Where a view's elements lie among those of its base.
struct ViewPlace {
  explicit ViewPlace(const TensorImpl& view) : ViewPlace(view, *view.base) {}
  ViewPlace(const TensorImpl& view, const TensorImpl& base);

  Shape base_shape;
  Strides base_strides;
  Shape shape;
  Strides strides;
  int64_t offset;  // from the base's first element
};

/// A copy of the elements of `x`, which has the base's shape, that a view there shows.
Tensor part_of(const Tensor& x, const ViewPlace& place);
/// `x` with `part` where the view lies; zeros if that is undefined. Reuses x where nobody else sees
/// it, so that a gradient passes many changes of small parts without being copied for each.
Tensor with_part(Tensor x, const Tensor& part, const ViewPlace& place);

/// What a change of a view depends on: its whole base, then `inputs` but the first, the view.
std::vector<Tensor> on_base(const char* name, const Tensor& view, const Inputs& inputs);

}  // namespace detail

/// Records a change of `self` after the data was changed: counts it, and puts the op between
/// `self` and its past. The first input is `self` (or undefined: the new value does not depend on
/// the old one, and `self` is no view). The pullback must not hold `self`, which is about to own
/// it: save a copy of the old value, or a mask.
///
/// A change of a view is one of its base: the pullback gets the view's part of the base's gradient,
/// and what it returns for `self` takes the place of that part. Views of the base, `self` among
/// them, get nodes that lead to the changed base when they are used next.
template <class F>
Tensor& record_inplace(const char* name, Tensor& self, const detail::Inputs& inputs, F pullback) {
  Storage& storage = *self.impl()->storage;
  storage.bump_version(name);
  if (detail::trace) [[unlikely]]
    detail::enter(name, inputs, {&self, 1});
  if (!detail::any_requires_grad(inputs)) return self;
  if (!self.impl()->base) {
    detail::attach(self, detail::OpNode<F>::make(name, inputs, 1, std::move(pullback)), 0);
  } else {
    auto pullback_of_base = [place = detail::ViewPlace(*self.impl()),
                             pullback = std::move(pullback)](Tensor g,
                                                             Needs needs) mutable -> Grads {
      Grads grads = pullback(detail::part_of(g, place), needs);
      if (needs[0]) grads[0] = detail::with_part(std::move(g), grads[0], place);
      return grads;
    };
    using OnBase = detail::OpNode<decltype(pullback_of_base)>;
    Tensor base(self.impl()->base);
    detail::attach(
        base,
        OnBase::make(name, detail::on_base(name, self, inputs), 1, std::move(pullback_of_base)), 0);
  }
  storage.bump_tape_version();
  return self;
}

}  // namespace rw

#pragma GCC visibility pop
