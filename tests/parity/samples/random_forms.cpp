#include <rewind/ops/activation_inplace.h>
#include <rewind/ops/native_forms.h>

#include "forms.h"

namespace rw::test {
namespace {

#define DROPOUT_(name, training) \
  FORM("nn.functional." #name "_", name##_(a.y(), a.f(1, "p", 0.5), a.b(2, "training", training)))

const JoinedForms drawn({
    DROPOUT_(dropout, true),
    DROPOUT_(dropout2d, true),
    DROPOUT_(dropout3d, true),
    DROPOUT_(alpha_dropout, false),
    DROPOUT_(feature_alpha_dropout, false),
    FORM("native_dropout_backward", native_dropout_backward(a.t(0), a.t(1), a.f(2, "scale"))),
    FORM("bernoulli", a.has(1, "p") ? bernoulli(a.t(0), a.f(1, "p")) : bernoulli(a.t(0))),
    FORM("multinomial", multinomial(a.t(0), a.i(1, "num_samples"), a.b(2, "replacement"))),
    FORM("normal",
         a.is_tensor(0, "mean")
             ? (a.is_tensor(1, "std") ? normal(a.t(0), a.t(1)) : normal(a.t(0), a.f(1, "std", 1)))
         : a.count() == 3
             ? normal(a.f(0, "mean"), a.f(1, "std"), Shape(a.ints(2, "size")),
                      (a.ignore(1000, "device"), TensorOptions{.dtype = a.dtype(1000, "dtype")}))
             : normal(a.f(0, "mean"), a.t(1))),
    FORM("normal.in_place", a.y().normal_(a.f(1, "mean", 0), a.f(2, "std", 1))),
    FORM("normal_", a.y().normal_(a.f(1, "mean", 0), a.f(2, "std", 1))),
    FORM("uniform_", a.y().uniform_(a.f(1, "from", 0), a.f(2, "to", 1))),
    FORM("uniform", a.y().uniform_(a.f(1, "from", 0), a.f(2, "to", 1))),
    FORM("cauchy_", a.y().cauchy_(a.f(1, "median", 0), a.f(2, "sigma", 1))),
    FORM("cauchy", a.y().cauchy_(a.f(1, "median", 0), a.f(2, "sigma", 1))),
    FORM("exponential_", a.y().exponential_(a.f(1, "lambd", 1))),
    FORM("exponential", a.y().exponential_(a.f(1, "lambd", 1))),
    FORM("geometric_", a.y().geometric_(a.f(1, "p"))),
    FORM("geometric", a.y().geometric_(a.f(1, "p"))),
    FORM("log_normal_", a.y().log_normal_(a.f(1, "mean", 1), a.f(2, "std", 2))),
    FORM("log_normal", a.y().log_normal_(a.f(1, "mean", 1), a.f(2, "std", 2))),
    FORM("bernoulli_",
         a.is_tensor(1, "p") ? a.y().bernoulli_(a.t(1)) : a.y().bernoulli_(a.f(1, "p", 0.5))),
    FORM("nn.functional.dropout", dropout(a.t(0), a.f(1, "p", 0.5), a.b(2, "training", true))),
    FORM("nn.functional.dropout2d", dropout2d(a.t(0), a.f(1, "p", 0.5), a.b(2, "training", true))),
    FORM("nn.functional.dropout3d", dropout3d(a.t(0), a.f(1, "p", 0.5), a.b(2, "training", true))),
    FORM("nn.functional.alpha_dropout",
         alpha_dropout(a.t(0), a.f(1, "p", 0.5), a.b(2, "training"))),
    FORM("nn.functional.feature_alpha_dropout",
         feature_alpha_dropout(a.t(0), a.f(1, "p", 0.5), a.b(2, "training"))),
});

}  // namespace
}  // namespace rw::test
