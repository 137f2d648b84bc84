#include <rewind/ops/activation_inplace.h>
#include <rewind/ops/factored.h>
#include <rewind/ops/linear_cross_entropy.h>
#include <rewind/ops/native_forms.h>
#include <rewind/ops/places.h>
#include <rewind/ops/signal_windows.h>

#include "table.h"

namespace rw::test {
namespace {

#define IN_PLACE(name, ...)                                                             \
  {                                                                                     \
#name, [](In a) { return changed(a, [](Tensor& t) { name(__VA_ARGS__); }); }, {x }, \
  }

Rows activations_in_place() {
  const Tensor x = distinct({2, 3});
  return {IN_PLACE(relu_, t),
          IN_PLACE(relu6_, t),
          IN_PLACE(hardtanh_, t, -0.7, 1.2),
          IN_PLACE(hardsigmoid_, t),
          IN_PLACE(hardswish_, t),
          IN_PLACE(leaky_relu_, t, 0.1),
          IN_PLACE(rrelu_, t),
          IN_PLACE(threshold_, t, 0.2, -2),
          IN_PLACE(elu_, t, 1.3),
          IN_PLACE(celu_, t, 1.3),
          IN_PLACE(selu_, t),
          IN_PLACE(silu_, t),
          IN_PLACE(mish_, t),
          IN_PLACE(dropout_, t, 0.5, false),
          IN_PLACE(dropout1d_, t, 0.5, false),
          IN_PLACE(dropout2d_, t, 0, true),
          IN_PLACE(dropout3d_, t, 0, true),
          IN_PLACE(alpha_dropout_, t, 0.5, false),
          IN_PLACE(feature_alpha_dropout_, t, 0.5, false)};
}

// Far from singular, with singular values far from each other.
Tensor apart(In x) {
  const Tensor diagonal = linspace(2, 4, x.size(-1)).to(x.dtype());
  return x * 0.25 + eye(x.size(-2), x.size(-1), x.dtype()) * diagonal;
}

Rows factored_rows() {
  const Tensor a = normal({3, 3}), batch = normal({2, 3, 3}), tall = normal({4, 2});
  const Tensor tau = positive({2}), c = normal({4, 3}), v = normal({3}), w = normal({4, 3});
  const Tensor logits = normal({2, 3}), deep = normal({4, 2, 3});
  const auto of_factors = [](const std::tuple<Tensor, Tensor, Tensor>& usv) {
    const auto& [u, s, v] = usv;
    return Tensors{s, matmul(u * s.unsqueeze(-2), v.transpose(-2, -1))};
  };
  const Tensor classes = from<int64_t>({2, 0}), places = from<int64_t>({1, 3, 0, 2, 2, 1});
  return {
      {"orgqr", [](In x, In t) { return orgqr(x, t); }, {tall, tau}},
      {"ormqr", [](In x, In t, In y) { return ormqr(x, t, y); }, {tall, tau, c}},
      {"ormqr, transposed",
       [](In x, In t, In y) { return ormqr(x, t, y, true, true); },
       {tall, tau, c}},
      {"ormqr, right", [](In x, In t, In y) { return ormqr(x, t, y.t(), false); }, {tall, tau, c}},
      {"svd_lowrank",
       [of_factors](In x) {
         manual_seed(0);
         return of_factors(svd_lowrank(apart(x), 3));
       },
       {a}},
      {"pca_lowrank",
       [of_factors](In x) {
         manual_seed(0);
         return of_factors(pca_lowrank(apart(x), 3, false));
       },
       {batch}},
      {"polar", [](In x) { return linalg::polar(apart(x)); }, {tall}},
      {"matrix_sqrth",
       [](In x) {
         const Tensor r = apart(x);
         return linalg::matrix_sqrth(matmul(r, r.transpose(-2, -1)));
       },
       {batch}},
      {"linear_cross_entropy",
       [classes](In x, In y, In b) {
         return linear_cross_entropy(x, y, classes, {.linear_bias = b});
       },
       {logits, w, normal({4})}},
      {"linear_cross_entropy, of pixels",
       [places](In x, In y) {
         return linear_cross_entropy(x, y, places.narrow(0, 0, 4).view({2, 2}));
       },
       {logits, deep}},
      {"linear_cross_entropy, of one",
       [](In x, In y) { return linear_cross_entropy(x, y, full({}, 3, int64)); },
       {v, w}},
  };
}

Rows native_rows() {
  const Tensor x = normal({2, 4, 3}), w = normal({4}), b = normal({4}), row = normal({3});
  const Tensor image = distinct({1, 2, 4, 4}), g = normal({1, 2, 2, 2});
  const Tensor mask = from<bool>({true, false, true});
  return {
      {"native_layer_norm",
       [](In x, In w) { return std::get<0>(native_layer_norm(x, 3, w, {}, 1e-5)); },
       {x, row}},
      {"native_group_norm",
       [](In x, In w, In b) { return std::get<0>(native_group_norm(x, w, b, 2, 4, 3, 2, 1e-5)); },
       {x, w, b}},
      {"native_batch_norm",
       [](In x, In w, In b) {
         return std::get<0>(native_batch_norm(x, w, b, {}, {}, true, 0.1, 1e-5));
       },
       {x, w, b}},
      {"native_dropout", [](In x) { return native_dropout(x, 0.5, false).first; }, {x}},
      {"native_dropout_backward",
       [mask](In x) { return native_dropout_backward(x, mask, 2); },
       {row}},
      {"max_pool2d_with_indices_backward",
       [image](In g) {
         const Tensor x = image.detach().to(g.defined() ? g.dtype() : float64);
         const Tensor at = max_pool2d_with_indices(x, 2).second;
         return max_pool2d_with_indices_backward(g, x, 2, {}, at);
       },
       {g}},
      {"fill", [](In x) { return fill(x, 3.0); }, {x}},
      {"fill, by a tensor", [](In x, In y) { return fill(x, y.sum()); }, {x, row}},
  };
}

}  // namespace

static const Family activations_in_place_family(activations_in_place);
static const Family factored_family(
    factored_rows, {{"has no derivative, as in PyTorch (tests/ops/factored_test.cpp)",
                     {"geqrf", "ldl_factor", "ldl_factor_ex", "ldl_solve"}}});
static const Family native_family(
    native_rows, {{"makes a tensor of no other",
                   {"bartlett", "blackman", "cosine", "empty_permuted", "empty_strided",
                    "exponential", "gaussian", "general_cosine", "general_hamming", "hamming",
                    "hann", "kaiser", "new_empty_strided", "nuttall"}},
                  {"gives the places of elements", {"nonzero_static", "unravel_index"}},
                  {"gives bool", {"isreal"}},
                  {"is its argument, or the same for all of a sign (tests/ops/places_test.cpp)",
                   {"angle", "conj", "conj_physical", "real", "resolve_conj", "resolve_neg"}}});

}  // namespace rw::test
