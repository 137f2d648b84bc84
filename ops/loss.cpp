#include <rewind/ops/loss.h>

#include <algorithm>
#include <limits>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/record.h>
#include <rewind/kernels/norm/softmax_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/loss_reduction.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduced.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/parallel.h>

namespace rw {

Tensor detail::checked_weight(const char* op, const Tensor& weight, int64_t classes) {
  if (!weight.defined()) return weight;
  check<ShapeError>(weight.shape() == Shape{classes},
                    "{}: expected a weight for each of {} classes, got shape {}", op, classes,
                    weight.shape());
  check<AutogradError>(!weight.requires_grad(),
                       "{}: the class weights can't require grad; detach() them", op);
  return weight.to(float64).contiguous();
}

namespace {

// Labels of a classification, checked: values per class lie along `dim` of the input, which without
// that dimension has the shape of the labels.
struct Labels {
  Tensor target;        // int64, contiguous
  Tensor weights;       // by label: how much it counts, 0 where ignored; float64
  int64_t ignored = 0;  // the label that does not count
  double total_weight = 0;
  int dim = 0;
  int64_t classes = 0;

  int64_t count() const { return target.numel(); }
};

int class_dim(const Tensor& x) { return x.dim() == 1 ? 0 : 1; }

void check_input(const char* op, const Tensor& x, const Tensor& target, Reduction reduction) {
  detail::check_defined(op, x, target, "target");
  detail::check_reduction(op, reduction);
  detail::check_floating(op, x);
  check<ShapeError>(x.dim() >= 1,
                    "{}: expected an input of shape [N, C], [C] or [N, C, d1, ...], got {}", op,
                    x.shape());
}

// Looks up the weight of each label, after checking that there is one.
void weigh(const char* op, Labels& labels, const Tensor& class_weights, int64_t ignore_index) {
  labels.ignored = ignore_index;
  const auto* target = labels.target.data<int64_t>();
  const double* by_class = class_weights.defined() ? class_weights.data<double>() : nullptr;
  labels.weights = detail::make_tensor(labels.target.shape(), float64);
  auto* weights = labels.weights.data<double>();
  for (int64_t i = 0; i < labels.count(); ++i) {
    const int64_t label = target[i];
    const bool ignored = label == ignore_index;
    check<IndexError>(ignored || (0 <= label && label < labels.classes),
                      "{}: label {} at position {} is out of range for {} classes", op, label, i,
                      labels.classes);
    weights[i] = ignored ? 0 : by_class ? by_class[label] : 1;
    labels.total_weight += weights[i];
  }
}

Labels checked_labels(const char* op, const Tensor& x, const Tensor& target, const Tensor& weight,
                      int64_t ignore_index) {
  Labels labels;
  labels.dim = class_dim(x);
  labels.classes = x.shape()[labels.dim];
  Shape expected = x.shape();
  expected.erase(labels.dim);
  check<DTypeError>(is_integer(target.dtype()),
                    "{}: expected integer class labels of shape {}, got {} of shape {}", op,
                    expected, target.dtype(), target.shape());
  check<ShapeError>(x.dim() == 1 || target.dim() == 0 || target.shape()[0] == x.shape()[0],
                    "{}: the batch sizes differ: {} inputs of shape {}, {} labels of shape {}", op,
                    x.shape()[0], x.shape(), target.dim() ? target.shape()[0] : 1, target.shape());
  check<ShapeError>(target.shape() == expected,
                    "{}: expected labels of shape {} for an input of shape {}, got {}", op,
                    expected, x.shape(), target.shape());
  labels.target = target.to(int64).contiguous();
  weigh(op, labels, detail::checked_weight(op, weight, labels.classes), ignore_index);
  return labels;
}

// Where a mean divides by the labels' weights. Where these sum to 0 it is NaN, and so is
// the gradient but for what is ignored.
Tensor reduced(const Tensor& losses, Reduction reduction, const Labels& labels) {
  if (reduction != Reduction::mean) return detail::reduced(losses, reduction);
  // float16 holds neither every sum nor every share of it.
  const Tensor exact = losses.to(compute_dtype(losses.dtype()));
  return (sum(exact) / labels.total_weight).to(losses.dtype());
}

// --- Cross entropy with labels in one pass each way ---------------------------------------------

// loss = -w[t] y[t] for each label t, where y = log softmax(x), dense with these groups.
Tensor pick_losses(const Tensor& y, const kernels::Groups& groups, const Labels& labels) {
  if (labels.classes == 0) return zeros(labels.target.shape(), y.dtype());  // all are ignored
  Tensor losses = detail::make_tensor(labels.target.shape(), y.dtype());
  dispatch_floating(y.dtype(), [&]<class T>() {
    const T* p = y.data<T>();
    const auto* target = labels.target.data<int64_t>();
    const auto* weights = labels.weights.data<double>();
    T* out = losses.data<T>();
    const int64_t inner = groups.inner;
    const int64_t grain = std::max<int64_t>(1, (1 << 13) / inner);
    parallel_for(0, groups.outer, grain, [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o)
        for (int64_t k = 0; k < inner; ++k) {
          const int64_t i = o * inner + k;
          const double w = weights[i];
          // What is ignored has no value to read.
          out[i] = w == 0 ? T(0.f) : T(-w * double{p[(o * groups.n + target[i]) * inner + k]});
        }
    });
  });
  return losses;
}

// float64, by label: g w[t] / divisor, 0 where ignored, g being one for all or one each.
Tensor label_factors(const Tensor& g, const Labels& labels, double divisor) {
  Tensor factors = detail::make_tensor(labels.target.shape(), float64);
  const Tensor each = g.contiguous();
  const auto* target = labels.target.data<int64_t>();
  const auto* weights = labels.weights.data<double>();
  auto* out = factors.data<double>();
  dispatch_floating(g.dtype(), [&]<class T>() {
    const T* p = each.data<T>();
    const int64_t step = each.dim() == 0 ? 0 : 1;
    for (int64_t i = 0; i < labels.count(); ++i) {
      const double factor = static_cast<double>(p[i * step]) * weights[i] / divisor;
      out[i] = target[i] == labels.ignored ? 0 : factor;
    }
  });
  return factors;
}

// 1 at each label along the classes, 0 elsewhere.
Tensor one_hot_along(const Labels& labels, DType dtype) {
  Shape shape = Shape::filled(labels.target.dim() + 1, 1);
  shape[labels.dim] = labels.classes;
  return eq(labels.target.unsqueeze(labels.dim), arange(labels.classes).view(shape)).to(dtype);
}

// dx = f (exp(y) - [t]), f = g w[t] / divisor.   With its gradient h and s = softmax(x):
// dg = sum h (s - [t]) w[t] / divisor, and d(dx) by x as for a softmax.
Tensor cross_entropy_backward(const Tensor& g, const Tensor& x, const Tensor& y,
                              const Labels& labels, double divisor) {
  const profile_scope scope("cross_entropy_backward");
  const auto groups = kernels::groups_along(y.shape(), y.strides(), labels.dim);
  const Tensor factors = label_factors(g, labels, divisor);
  Tensor dx = detail::make_tensor(y.shape(), y.strides(), y.dtype());
  kernels::cross_entropy_backward(y.dtype(), groups, y.raw_data(), labels.target.data<int64_t>(),
                                  factors.data<double>(), dx.raw_data());
  return record("cross_entropy_backward", dx, {g, x},
                [=, g = save(g), x = save(x)](const Tensor& h, Needs needs) -> Grads {
                  const int dim = labels.dim;
                  const Tensor s = softmax(x.get(), dim);
                  const Tensor ones = full(labels.target.shape(), 1, h.dtype());
                  const Tensor c =
                      label_factors(ones, labels, divisor).to(h.dtype()).unsqueeze(dim);
                  Tensor dg, dx;
                  if (needs[0]) dg = sum(h * (s - one_hot_along(labels, h.dtype())) * c, dim);
                  if (needs[1]) {
                    const Tensor each = g.get().dim() == 0 ? g.get() : g.get().unsqueeze(dim);
                    const Tensor weighed = s * h * (each * c);
                    dx = weighed - s * sum(weighed, dim, true);
                  }
                  return {dg, dx};
                });
}

// x with the classes of neighbouring labels in order: row-major or channels-last.
Tensor in_label_order(const Tensor& x) {
  if (x.is_contiguous() || x.is_contiguous(MemoryFormat::channels_last)) return x;
  return detail::laid_out(x, contiguous_strides(x.shape()));
}

// y = -sum w[t] log softmax(x)[t] / divisor
Tensor cross_entropy_of_labels(const Tensor& x, const Labels& labels, Reduction reduction) {
  const Tensor dense = in_label_order(x);
  const Strides strides = detail::dense_strides_like(dense);
  const auto groups = kernels::groups_along(x.shape(), strides, labels.dim);
  const Tensor y = detail::make_tensor(x.shape(), strides, x.dtype());
  kernels::softmax(kernels::SoftmaxForm::log, x.dtype(), groups, dense.raw_data(), y.raw_data());
  const double divisor = reduction == Reduction::mean ? labels.total_weight : 1;
  Tensor loss = pick_losses(y, groups, labels);
  if (reduction != Reduction::none)
    loss = detail::fold(kernels::Fold::sum, loss,
                        detail::reduced_dims("cross_entropy", loss, {}, false), divisor);
  return record("cross_entropy", loss, {x},
                [labels, divisor, x = save(x), y, target = save(labels.target)](const Tensor& g,
                                                                                Needs) -> Grads {
                  target.get();  // throws where the labels were changed since
                  return cross_entropy_backward(g, x.get(), y, labels, divisor);
                });
}

// --- Any cross entropy --------------------------------------------------------------------------

// -sum over classes of w q y, where y = log_probs and q is a probability per class.
Tensor expected_loss(const Tensor& log_probs, const Tensor& q, const Tensor& weight, int dim) {
  Tensor weighed = log_probs * q;
  if (weight.defined()) {
    Shape shape = Shape::filled(log_probs.dim(), 1);
    shape[dim] = log_probs.shape()[dim];
    weighed = weighed * weight.to(log_probs.dtype()).view(shape);
  }
  return -sum(weighed, dim);
}

Tensor cross_entropy_of_probabilities(const Tensor& x, const Tensor& target,
                                      const CrossEntropyOptions& options) {
  const int dim = class_dim(x);
  const Tensor weight = detail::checked_weight("cross_entropy", options.weight, x.shape()[dim]);
  Tensor q = target.to(x.dtype());
  if (options.label_smoothing > 0)
    q = q * (1 - options.label_smoothing) +
        options.label_smoothing / static_cast<double>(x.shape()[dim]);
  const Tensor losses = expected_loss(log_softmax(x, dim), q, weight, dim);
  return detail::reduced(losses, options.reduction);
}

// Szegedy et al., "Rethinking the Inception architecture for computer vision", 2015.
Tensor smoothed_cross_entropy(const Tensor& x, const Labels& labels,
                              const CrossEntropyOptions& options) {
  const double share = options.label_smoothing / static_cast<double>(labels.classes);
  const Tensor y = log_softmax(x, labels.dim);
  const Tensor hit =
      nll_loss(y, labels.target, {options.weight, options.ignore_index, Reduction::none});
  const Tensor ignored = eq(labels.target, options.ignore_index);
  const Tensor all = expected_loss(y, full({}, share, x.dtype()), options.weight, labels.dim);
  const Tensor spread = where(ignored, 0, all);
  return reduced(hit * (1 - options.label_smoothing) + spread, options.reduction, labels);
}

}  // namespace

Tensor cross_entropy(const Tensor& x, const Tensor& target, const CrossEntropyOptions& options) {
  if (detail::must_raise(x)) return cross_entropy(x.to(float32), target, options);
  const profile_scope scope("cross_entropy");
  check_input("cross_entropy", x, target, options.reduction);
  const double smoothing = options.label_smoothing;
  check(0 <= smoothing && smoothing <= 1,
        "cross_entropy: expected a label smoothing in [0, 1], got {}", smoothing);
  if (target.is_floating_point() && target.shape() == x.shape())
    return cross_entropy_of_probabilities(x, target, options);
  check<DTypeError>(
      !target.is_floating_point(),
      "cross_entropy: expected integer class labels, got {} of shape {}, which would be "
      "probabilities if it had the input's shape {}",
      target.dtype(), target.shape(), x.shape());
  const Labels labels =
      checked_labels("cross_entropy", x, target, options.weight, options.ignore_index);
  if (smoothing > 0) return smoothed_cross_entropy(x, labels, options);
  return cross_entropy_of_labels(x, labels, options.reduction);
}

Tensor nll_loss(const Tensor& log_probs, const Tensor& target, const NllLossOptions& options) {
  if (detail::must_raise(log_probs)) return nll_loss(log_probs.to(float32), target, options);
  check_input("nll_loss", log_probs, target, options.reduction);
  const Labels labels =
      checked_labels("nll_loss", log_probs, target, options.weight, options.ignore_index);
  // Without classes all are ignored.
  if (labels.classes == 0) return reduced(sum(log_probs, labels.dim), options.reduction, labels);
  // What is ignored reads class 0 with weight 0.
  const Tensor ignored = eq(labels.target, options.ignore_index);
  const Tensor known = where(ignored, 0, labels.target);
  const Tensor picked = gather(log_probs, labels.dim, known.unsqueeze(labels.dim));
  const Tensor losses = picked.squeeze(labels.dim) * (-labels.weights).to(log_probs.dtype());
  return reduced(where(ignored, 0, losses), options.reduction, labels);
}

}  // namespace rw
