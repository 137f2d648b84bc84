#include <rewind/ops/places.h>
#include <rewind/ops/signal_windows.h>

#include "forms.h"

namespace rw::test {
namespace {

TensorOptions options(Args& a) {
  a.ignore(1000, "device"), a.ignore(1000, "layout"), a.ignore(1000, "pin_memory");
  return {.dtype = a.dtype(1000, "dtype"), .requires_grad = a.b(1000, "requires_grad")};
}
// `shape` starts at a place: of rand(2, 3), or of x.new_zeros([2, 3]).
Shape shape(Args& a, size_t place) { return Shape(a.each_from(place, "size")); }
Out arange_of(Args& a) {
  if (a.count() == 1 && !a.has(1, "end")) return arange(a.number(0, "end"), options(a));
  return arange(a.number(0, "start", 0), a.number(1, "end"), a.number(2, "step", 1), options(a));
}
Out eye_of(Args& a) {
  return a.has(1, "m") ? eye(a.i(0, "n"), a.i(1, "m"), options(a)) : eye(a.i(0, "n"), options(a));
}

#define WINDOW(name, ...)       \
  FORM("signal.windows." #name, \
       signal::windows::name(a.i(0, "M"), __VA_ARGS__ a.b(1000, "sym", true), options(a)))

const JoinedForms made({
    FORM("arange", arange_of(a)),
    WINDOW(hann, ),
    WINDOW(blackman, ),
    WINDOW(bartlett, ),
    WINDOW(hamming, ),
    WINDOW(cosine, ),
    WINDOW(nuttall, ),
    WINDOW(kaiser, a.f(1000, "beta", 12), ),
    WINDOW(gaussian, a.f(1000, "std", 1), ),
    WINDOW(exponential, a.opt_f(1000, "center"), a.f(1000, "tau", 1), ),
    WINDOW(general_cosine, a.floats(1000, "a"), ),
    WINDOW(general_hamming, a.f(1000, "alpha", 0.54), ),
    FORM("empty_strided",
         empty_strided(Shape(a.ints(0, "size")), Strides(a.ints(1, "stride")), options(a))),
    FORM("empty_permuted",
         empty_permuted(Shape(a.ints(0, "size")), Dims(a.ints(1, "physical_layout")), options(a))),
    FORM("new_empty_strided", new_empty_strided(a.t(0), Shape(a.ints(1, "size")),
                                                Strides(a.ints(2, "stride")), options(a))),
    FORM("fill",
         a.is_tensor(1, "value") ? fill(a.t(0), a.t(1)) : fill(a.t(0), a.number(1, "value"))),
    FORM("nonzero_static", nonzero_static(a.t(0), a.i(1, "size"), a.i(2, "fill_value", -1))),
    FORM("unravel_index", unravel_index(a.t(0), Shape(a.ints(1, "shape")))),
    UNARY(real),
    UNARY(conj),
    UNARY(conj_physical),
    FORM("conj_physical_", conj_physical(a.y())),
    UNARY(resolve_conj),
    UNARY(resolve_neg),
    UNARY(isreal),
    UNARY(angle),
    FORM("linspace", linspace(a.f(0, "start"), a.f(1, "end"), a.i(2, "steps"), options(a))),
    FORM("logspace",
         logspace(a.f(0, "start"), a.f(1, "end"), a.i(2, "steps"), a.f(3, "base", 10), options(a))),
    FORM("eye", eye_of(a)),
    FORM("full", full(shape(a, 0), a.number(1, "fill_value"), options(a))),
    FORM("ones", ones(shape(a, 0), options(a))),
    FORM("zeros", zeros(shape(a, 0), options(a))),
    FORM("empty", empty(shape(a, 0), options(a))),
    FORM("randn", randn(shape(a, 0), options(a))),
    FORM("scalar_tensor", scalar_tensor(a.number(0, "s"), options(a))),
    FORM("empty_like", empty_like(a.t(0), options(a))),
    FORM("zeros_like", zeros_like(a.t(0), options(a))),
    FORM("ones_like", ones_like(a.t(0), options(a))),
    FORM("rand_like", rand_like(a.t(0), options(a))),
    FORM("randn_like", randn_like(a.t(0), options(a))),
    FORM("full_like", full_like(a.t(0), a.number(1, "fill_value"), options(a))),
    FORM("new_zeros", a.t(0).new_zeros(Shape(a.ints(1, "size")), options(a))),
    FORM("new_ones", a.t(0).new_ones(Shape(a.ints(1, "size")), options(a))),
    FORM("new_empty", a.t(0).new_empty(Shape(a.ints(1, "size")), options(a))),
    FORM("new_full",
         a.t(0).new_full(Shape(a.ints(1, "size")), a.number(2, "fill_value"), options(a))),
    FORM("randint",
         a.is_list(1, "size")
             ? randint(0, a.i(0, "high"), Shape(a.ints(1, "size")), options(a))
             : randint(a.i(0, "low"), a.i(1, "high"), Shape(a.ints(2, "size")), options(a))),
    FORM("randint_like", a.count() == 2
                             ? randint_like(a.t(0), a.i(1, "high"), options(a))
                             : randint_like(a.t(0), a.i(1, "low"), a.i(2, "high"), options(a))),
    FORM("tril_indices",
         tril_indices(a.i(0, "row"), a.i(1, "col"), a.i(2, "offset", 0), options(a))),
    FORM("triu_indices",
         triu_indices(a.i(0, "row"), a.i(1, "col"), a.i(2, "offset", 0), options(a))),
});

}  // namespace
}  // namespace rw::test
