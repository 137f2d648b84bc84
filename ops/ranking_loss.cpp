#include <rewind/ops/ranking_loss.h>

#include <utility>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/record.h>
#include <rewind/kernels/loss/margin_kernel.h>
#include <rewind/ops/distance.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/loss_reduction.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

namespace rw {

using detail::check_reduction;
using detail::reduced;

namespace {

void check_three(const char* op, const Tensor& a, const Tensor& b, const Tensor& c) {
  check(a.defined() && b.defined() && c.defined(), "{}: the {} tensor is undefined", op,
        !a.defined()   ? "first"
        : !b.defined() ? "second"
                       : "third");
}

void check_one_rank(const char* op, const Tensor& a, const Tensor& b, const Tensor& c) {
  check<ShapeError>(a.dim() == b.dim() && a.dim() == c.dim(),
                    "{}: expected three tensors of one rank, got shapes {}, {} and {}", op,
                    a.shape(), b.shape(), c.shape());
}

}  // namespace

// --- Pairs --------------------------------------------------------------------------------------

Tensor margin_ranking_loss(const Tensor& x1, const Tensor& x2, const Tensor& target,
                           const MarginLossOptions& options) {
  constexpr const char* name = "margin_ranking_loss";
  if (detail::must_raise(x1)) return margin_ranking_loss(x1.to(float32), x2, target, options);
  check_three(name, x1, x2, target);
  check_reduction(name, options.reduction);
  check_one_rank(name, x1, x2, target);
  detail::refuse_bool(name, x1);
  detail::refuse_bool(name, x2);
  const Tensor losses = relu(neg(target * (x1 - x2)) + options.margin);
  return reduced(detail::as_floating(name, losses), options.reduction);
}

Tensor cosine_embedding_loss(const Tensor& x1, const Tensor& x2, const Tensor& target,
                             const MarginLossOptions& options) {
  constexpr const char* name = "cosine_embedding_loss";
  if (detail::must_raise(x1))
    return cosine_embedding_loss(x1.to(float32), x2.to(float32), target, options);
  check_three(name, x1, x2, target);
  check_reduction(name, options.reduction);
  check<ShapeError>(
      target.dim() <= 1 && x1.dim() == target.dim() + 1 && x2.dim() == target.dim() + 1,
      "{}: expected vectors [N, D] with targets [N], or [D] with [], got shapes {}, {} and {}",
      name, x1.shape(), x2.shape(), target.shape());
  const int d = target.dim();
  const DType met = detail::result_type(x1, x2);
  const DType dtype = is_floating(met) ? met : get_default_dtype(), exact = compute_dtype(dtype);
  const Tensor a = x1.to(exact), b = x2.to(exact);
  constexpr double eps = 1e-12;  // added to squared lengths, as PyTorch does
  const auto squares = [&](const Tensor& x) { return sum(square(x), {d}) + eps; };
  const Tensor cosine = sum(a * b, {d}) / sqrt(squares(a) * squares(b));
  const Tensor alike = where(eq(target, 1), 1 - cosine, 0);
  const Tensor losses = where(eq(target, -1), relu(cosine - options.margin), alike);
  return reduced(losses, options.reduction).to(dtype);
}

// --- Triplets -----------------------------------------------------------------------------------

Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive,
                                         const Tensor& negative,
                                         const TripletMarginWithDistanceLossOptions& options) {
  constexpr const char* name = "triplet_margin_with_distance_loss";
  check_three(name, anchor, positive, negative);
  check_reduction(name, options.reduction);
  check_one_rank(name, anchor, positive, negative);
  check(options.margin > 0, "{}: expected a margin > 0, got {}", name, options.margin);
  const auto distance = [&](const Tensor& a, const Tensor& b) {
    return options.distance_function ? options.distance_function(a, b) : pairwise_distance(a, b);
  };
  const Tensor near = distance(anchor, positive);
  Tensor far = distance(anchor, negative);
  if (options.swap) far = minimum(far, distance(positive, negative));
  return reduced(relu(near - far + options.margin), options.reduction);
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& options) {
  constexpr const char* name = "triplet_margin_loss";
  if (detail::must_raise(anchor))
    return triplet_margin_loss(anchor.to(float32), positive, negative, options);
  check_three(name, anchor, positive, negative);
  check_reduction(name, options.reduction);
  check_one_rank(name, anchor, positive, negative);
  check(options.margin > 0, "{}: expected a margin > 0, got {}", name, options.margin);
  const auto distance = [&](const Tensor& a, const Tensor& b) {
    return pairwise_distance(a, b, {.p = options.p, .eps = options.eps});
  };
  return triplet_margin_with_distance_loss(
      anchor, positive, negative, {distance, options.margin, options.swap, options.reduction});
}

// --- Classes ------------------------------------------------------------------------------------

namespace {

// Scores [N, C] with targets [N] or [N, C], and what was given for them.
struct Ranked {
  Tensor x, target;
  int64_t classes = 1;
};

void check_scores(const char* op, const Tensor& x, const Tensor& target, Reduction reduction) {
  detail::check_defined(op, x, target, "target");
  check_reduction(op, reduction);
  detail::check_floating(op, x);
  check<DTypeError>(is_integer(target.dtype()), "{}: expected integer class labels, got {}", op,
                    target.dtype());
  check<ShapeError>(x.dim() <= 2 && (x.dim() == 0 || x.size(-1) > 0),
                    "{}: expected an input of shape [N, C] or [C], C > 0, got {}", op, x.shape());
}

kernels::Scores scores_of(const Tensor& x) {
  return {x.dtype(), x.size(0), x.size(1), x.raw_data()};
}

// What multi_margin saves: labels, by row how much they count, and options.
struct Margins {
  Tensor target, weights;  // int64 and float64 [N]
  bool squared;
  double margin;
};

// How much each row counts in the gradient: g / classes of its weight, in float64 off the tape.
Tensor row_factors(const Tensor& g, const Margins& m) {
  return (g.detach().to(float64) * m.weights).contiguous();
}

// The gradient by ops, for derivatives of it.
Tensor multi_margin_gradient(const Tensor& g, const Tensor& x, const Margins& m) {
  const Tensor labels = m.target.unsqueeze(1);
  const Tensor own = eq(labels, arange(x.size(1)));
  const Tensor z = x - gather(x, 1, labels) + m.margin;
  const Tensor factors = g.unsqueeze(1) * m.weights.to(g.dtype()).unsqueeze(1);
  const Tensor slope = m.squared ? relu(z) * 2 : gt(z, 0).to(x.dtype());
  const Tensor others = where(own, 0, slope * factors);
  return others - own.to(x.dtype()) * sum(others, {1}, true);
}

// One loss for each row of x [N, C].
Tensor multi_margin_rows(const Tensor& x, const Margins& m) {
  const profile_scope scope("multi_margin_loss");
  const Tensor dense = x.contiguous();
  const Tensor y = detail::make_tensor({x.size(0)}, x.dtype());
  kernels::multi_margin(scores_of(dense), m.target.data<int64_t>(), m.weights.data<double>(),
                        m.squared, m.margin, y.raw_data());
  return record("multi_margin_loss", y, {x},
                [m, x = save(x), target = save(m.target)](const Tensor& g, Needs) -> Grads {
                  target.get();  // throws where the labels were changed since
                  const Tensor at = x.get();
                  if (detail::is_recorded(g, at)) return multi_margin_gradient(g, at, m);
                  const Tensor scores = at.contiguous(), factors = row_factors(g, m);
                  const Tensor dx = detail::make_tensor(scores.shape(), scores.dtype());
                  kernels::multi_margin_backward(scores_of(scores), m.target.data<int64_t>(),
                                                 factors.data<double>(), m.squared, m.margin,
                                                 dx.raw_data());
                  return dx;
                });
}

}  // namespace

Tensor multi_margin_loss(const Tensor& x, const Tensor& target,
                         const MultiMarginLossOptions& options) {
  constexpr const char* name = "multi_margin_loss";
  if (detail::must_raise(x)) return multi_margin_loss(x.to(float32), target, options);
  check_scores(name, x, target, options.reduction);
  check(options.p == 1 || options.p == 2, "{}: expected p = 1 or 2, got {}", name, options.p);
  const Tensor scores = x.dim() == 2 ? x : x.reshape({1, -1});
  const int64_t rows = scores.size(0), classes = scores.size(1);
  check<ShapeError>(
      target.numel() == rows && target.dim() <= 1 && (x.dim() < 2 || target.dim() == 1),
      "{}: expected labels of shape [{}] for an input of shape {}, got {}", name, rows, x.shape(),
      target.shape());
  const Tensor weight = detail::checked_weight(name, options.weight, classes);
  Margins m = {target.reshape(rows).to(int64).contiguous(),
               full({rows}, 1. / static_cast<double>(classes), float64), options.p == 2,
               options.margin};
  const auto* labels = m.target.data<int64_t>();
  for (int64_t i = 0; i < rows; ++i)
    check<IndexError>(0 <= labels[i] && labels[i] < classes,
                      "{}: label {} at position {} is out of range for {} classes", name, labels[i],
                      i, classes);
  if (weight.defined()) m.weights = index_select(weight, 0, m.target) * m.weights;
  const Tensor losses = multi_margin_rows(scores, m);
  if (options.reduction == Reduction::none) return losses.reshape(target.shape());
  return reduced(losses, options.reduction);
}

namespace {

// One loss for each row of x [N, C].   dx = g slopes, which are constant between kinks.
Tensor multilabel_margin_rows(const Tensor& x, const Tensor& target) {
  const profile_scope scope("multilabel_margin_loss");
  const Tensor dense = x.contiguous();
  const Tensor y = detail::make_tensor({x.size(0)}, x.dtype());
  kernels::multilabel_margin(scores_of(dense), target.data<int64_t>(), y.raw_data());
  return record("multilabel_margin_loss", y, {x},
                [x = save(x), t = save(target)](const Tensor& g, Needs) -> Grads {
                  const Tensor target = t.get();  // throws where it was changed since
                  const Tensor scores = x.get().detach().contiguous();
                  const Tensor slopes = detail::make_tensor(scores.shape(), scores.dtype());
                  kernels::multilabel_margin_slopes(scores_of(scores), target.data<int64_t>(),
                                                    slopes.raw_data());
                  return slopes * g.unsqueeze(1);
                });
}

}  // namespace

Tensor multilabel_margin_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
  constexpr const char* name = "multilabel_margin_loss";
  if (detail::must_raise(x)) return multilabel_margin_loss(x.to(float32), target, reduction);
  check_scores(name, x, target, reduction);
  check<ShapeError>(x.shape() == target.shape(),
                    "{}: expected labels of the input's shape {}, got {}", name, x.shape(),
                    target.shape());
  const Tensor scores = x.dim() == 2 ? x : x.reshape({1, -1});
  const int64_t classes = scores.size(1);
  const Tensor labels = target.to(int64).reshape(scores.shape()).contiguous();
  const auto* label = labels.data<int64_t>();
  for (int64_t i = 0; i < labels.numel(); ++i)
    check<IndexError>(-1 <= label[i] && label[i] < classes,
                      "{}: label {} is out of range for {} classes", name, label[i], classes);
  const Tensor losses = multilabel_margin_rows(scores, labels);
  if (reduction != Reduction::none) return reduced(losses, reduction);
  return x.dim() == 2 ? losses : losses.squeeze(0);
}

}  // namespace rw
