#include <algorithm>
#include <vector>

#include "op.h"

namespace rw::fuzz {
namespace {

Reduction reduction(Draw& d) {
  return d.one_of({Reduction::none, Reduction::mean, Reduction::sum});
}

// f(x, target, reduction)
template <class F>
Op elementwise(const char* name, F f, Domain targets = Domain::all, unsigned rule = plain) {
  return {name, rule, [=](Draw& d) {
            const Shape shape = d.shape(0, 4);
            const Tensor x = d.tensor(shape);
            const Tensor y = d.tensor(d.wild ? d.broadcast_with(shape) : shape, targets);
            return Call({x, y}, [f, r = reduction(d)](In a, In t) { return f(a, t, r); });
          }};
}

struct Classified {
  Tensor x, target, weight;
  int64_t classes;
};

Classified classified(Draw& d) {
  const int64_t classes = d.size();
  Shape shape = {d.size(), classes}, labels = {shape[0]};
  if (d.chance(0.2)) shape = {classes}, labels = {};
  for (int64_t i = shape.rank() == 2 ? d.below(3) : 0; i > 0; --i) {
    shape.push_back(d.size());
    labels.push_back(shape.back());
  }
  const Tensor x = d.tensor(shape), target = d.indices(labels, classes);
  // An infinite weight times a probability is NaN where the latter underflows.
  d.leave_special();
  return {x, target, d.tensor({classes}, Domain::positive), classes};
}

double greatest_finite(const Tensor& x) {
  if (x.numel() == 0 || !x.is_floating_point()) return 0;
  return where(isfinite(x), abs(x), 0).max().item<double>();
}

// What a mean is divided by, about.
double divisor_of(const Classified& c, Reduction r) {
  if (r != Reduction::mean || c.target.numel() == 0) return 1;
  const std::vector<double> weights = c.weight.to_vector<double>();
  double sum = 0;
  for (const int64_t label : c.target.to_vector<int64_t>())
    if (label >= 0 && label < std::ssize(weights)) sum += weights[static_cast<size_t>(label)];
  return sum > 0 ? sum : 1;
}

// f(x, target, weight, ignored, reduction, smoothing)
template <class F>
Op labelled(const char* name, F f, unsigned rule = plain) {
  return {name, rule, [=](Draw& d) {
            const Classified c = classified(d);
            const int64_t ignored = d.number(0, c.classes);
            const double smoothing = d.real(0, 0.5);
            const bool weighted = d.flag();
            const Reduction r = reduction(d);
            Call call({c.x, c.target, c.weight}, [=](In a, In t, In w) {
              return f(a, t, weighted ? w.detach() : Tensor(), ignored, r, smoothing);
            });
            // A softmax's gradient is a difference of weights and their sum.
            if (weighted && (rule & saturates)) call.slope = greatest_finite(c.weight);
            // Smoothing takes the logarithm of each probability, those near one too.
            if (weighted && smoothing > 0)
              call.one = std::max(1.0, greatest_finite(c.weight) / divisor_of(c, r));
            return call;
          }};
}

}  // namespace

Ops loss_ops() {
  return {
      labelled("nll_loss",
               [](In a, In t, In w, int64_t ignored, Reduction r, double) {
                 return nll_loss(a, t, {w, ignored, r});
               }),
      labelled(
          "cross_entropy",
          [](In a, In t, In w, int64_t ignored, Reduction r, double smoothing) {
            return cross_entropy(a, t, {w, ignored, r, smoothing});
          },
          saturates | near_one),
      {"cross_entropy, probabilities", saturates | near_one,
       [](Draw& d) {
         const Shape shape = d.shape(1, 4);
         const Tensor x = d.tensor(shape), y = d.tensor(shape, Domain::probabilities);
         return Call({x, y}, [r = reduction(d), s = d.real(0, 0.5)](In a, In t) {
           return cross_entropy(a, t, {.reduction = r, .label_smoothing = s});
         });
       }},
      elementwise("mse_loss", [](In a, In t, Reduction r) { return mse_loss(a, t, r); }),
      elementwise("l1_loss", [](In a, In t, Reduction r) { return l1_loss(a, t, r); }),
      elementwise(
          "binary_cross_entropy_with_logits",
          [](In a, In t, Reduction r) { return binary_cross_entropy_with_logits(a, t, r); },
          Domain::probabilities, saturates),
  };
}

}  // namespace rw::fuzz
