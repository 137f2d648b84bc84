#include <rewind/tensor/format.h>

#include "problem.h"

namespace rw::test::differential {
namespace {

// An op as a normalization of x in the shape `folded`: over the dimensions `statistics`, with
// parameters that have the shape `parameters` there.
struct Folding {
  Shape folded, parameters;
  Dims statistics;
  double eps;
};

// y = xh w + b with xh = (x - mean) r, and the gradients' formulas, all in absolute values. How far
// xh is off grows with k: how far x and its mean are from 0, in standard deviations.
Tensors sums(const Folding& f, const Tensors& in, const Tensor& gradient) {
  const Shape shape = in[0].shape();
  const Tensor x = in[0].reshape(f.folded), g = gradient.reshape(f.folded).abs();
  const Tensor w = in[1].defined() ? in[1].reshape(f.parameters).abs() : ones({1}, float64);
  const auto mean = [&](const Tensor& t) { return t.mean(f.statistics, true); };
  const Tensor centred = x - mean(x), r = (mean(centred.square()) + f.eps).rsqrt();
  const Tensor k = ((x.abs() + mean(x.abs())) * r).amax(f.statistics, true) + 1;
  const Tensor xh = (centred * r).abs() + 1, h = g * w;
  Tensors result = {xh * w * k, r * k * (h + mean(h) + xh * mean(h * xh)), {}, {}};
  if (in[2].defined()) result[0] = result[0] + in[2].reshape(f.parameters).abs();
  for (Tensor& t : result)
    if (t.defined()) t = t.reshape(shape);
  Dims others;
  for (int d = 0; d < f.parameters.rank(); ++d)
    if (f.parameters[d] == 1) others.push_back(d);
  const auto of_parameter = [&](const Tensor& t, const Tensor& like) {
    return (others.rank() ? t.sum(others, true) : t).reshape(like.shape());
  };
  if (in[1].defined()) result[2] = of_parameter(g * xh * k, in[1]);
  if (in[2].defined()) result[3] = of_parameter(g, in[2]);
  return result;
}

// By statistics that are given: linear in x.
Tensors sums_with(const Tensors& statistics, double eps, const Tensors& in,
                  const Tensor& gradient) {
  const Tensor &x = in[0], g = gradient.abs();
  Shape shape = Shape::filled(x.dim(), 1);
  shape[1] = x.size(1);
  Dims others = {0};
  for (int d = 2; d < x.dim(); ++d) others.push_back(d);
  const Tensor mean = statistics[0].reshape(shape);
  const Tensor r = (statistics[1].reshape(shape) + eps).rsqrt();
  const Tensor w = in[1].defined() ? in[1].reshape(shape).abs() : ones({1}, float64);
  const Tensor xh = (x.abs() + mean.abs()) * r;
  Tensors result = {xh * w, g * w * r, {}, {}};
  if (in[2].defined()) result[0] = result[0] + in[2].reshape(shape).abs();
  if (in[1].defined()) result[2] = (g * xh).sum(others);
  if (in[2].defined()) result[3] = g.sum(others);
  result[0] = result[0].expand(x.shape());
  result[1] = result[1].expand(x.shape());
  return result;
}

Shape choose_shape(Dice& dice) {
  for (;;) {
    Shape shape = {dice.between(1, 9), dice.size(64)};
    for (int64_t rank = dice.below(3); rank > 0; --rank) shape.push_back(dice.size(33));
    if (shape.numel() <= 1 << 15) return shape;
  }
}

void set_parameters(Dice& dice, Problem& p, const Shape& x, const Shape& parameter) {
  // Far from 0 at times, as images are that nobody has centred.
  const Tensor shift = dice.numbers({}) * dice.of({0, 0, 8});
  p.inputs = {(dice.numbers(x) + shift).to(bfloat16).to(float64),
              dice.one_in(3) ? Tensor() : dice.numbers(parameter),
              dice.one_in(3) ? Tensor() : dice.numbers(parameter)};
  p.may_stay_float32 = {false, true, true};
}

Problem batch(Dice& dice) {
  Shape shape;
  do shape = choose_shape(dice);
  while (shape.numel() == shape[1]);  // refused: one value per channel
  Problem p;
  const bool training = dice.one_in(2);
  const double eps = dice.of({1e-5, 1e-3});
  const Shape channels = {shape[1]};
  set_parameters(dice, p, shape, channels);
  p.text = fmt::format("batch_norm {} training={} eps={}", shape, training, eps);
  const BatchNormOptions options = {.training = training, .eps = eps};
  const Tensors statistics = {dice.numbers(channels),
                              (dice.numbers(channels).abs() + 0.25).to(bfloat16).to(float64)};
  p.f = [=](const Tensors& in) {
    const DType dtype = in[1].defined() ? in[1].dtype() : in[0].dtype();
    return training ? batch_norm(in[0], in[1], in[2], {}, {}, options)
                    : batch_norm(in[0], in[1], in[2], statistics[0].to(dtype),
                                 statistics[1].to(dtype), options);
  };
  Folding f = {shape, Shape::filled(shape.rank(), 1), {0}, eps};
  f.parameters[1] = shape[1];
  for (int d = 2; d < shape.rank(); ++d) f.statistics.push_back(d);
  p.sums = [=](const Tensors& in, const Tensor& g) {
    return training ? sums(f, in, g) : sums_with(statistics, eps, in, g);
  };
  return p;
}

Problem layer(Dice& dice) {
  const Shape shape = choose_shape(dice);
  const int kept = static_cast<int>(dice.below(shape.rank()));
  const double eps = dice.of({1e-5, 1e-3});
  Shape normalized;
  Folding f = {shape, Shape::filled(shape.rank(), 1), {}, eps};
  for (int d = kept; d < shape.rank(); ++d) {
    normalized.push_back(shape[d]);
    f.parameters[d] = shape[d];
    f.statistics.push_back(d);
  }
  Problem p;
  set_parameters(dice, p, shape, normalized);
  p.text = fmt::format("layer_norm {} over {} eps={}", shape, normalized, eps);
  p.f = [=](const Tensors& in) { return layer_norm(in[0], normalized, in[1], in[2], eps); };
  p.sums = [=](const Tensors& in, const Tensor& g) { return sums(f, in, g); };
  return p;
}

// Groups of channels, or each channel for itself.
Problem groups(Dice& dice, bool instance) {
  Shape shape;
  do shape = choose_shape(dice);
  while (instance && (shape.rank() < 3 || shape.numel() == shape[0] * shape[1]));
  const int64_t channels = shape[1];
  int64_t count = channels;
  while (!instance && channels % (count = dice.between(1, channels)) != 0) {
  }
  const double eps = dice.of({1e-5, 1e-3});
  Folding f = {{shape[0], count, channels / count}, {1, count, channels / count}, {2}, eps};
  for (int d = 2; d < shape.rank(); ++d) {
    f.statistics.push_back(d + 1);
    f.folded.push_back(shape[d]);
    f.parameters.push_back(1);
  }
  Problem p;
  set_parameters(dice, p, shape, {channels});
  p.text = instance ? fmt::format("instance_norm {} eps={}", shape, eps)
                    : fmt::format("group_norm {} groups={} eps={}", shape, count, eps);
  p.f = [=](const Tensors& in) {
    return instance ? instance_norm(in[0], in[1], in[2], {}, {}, {.eps = eps})
                    : group_norm(in[0], count, in[1], in[2], eps);
  };
  p.sums = [=](const Tensors& in, const Tensor& g) { return sums(f, in, g); };
  return p;
}

}  // namespace

Problem normalization(Dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return batch(dice);
    case 1:
      return layer(dice);
    default:
      return groups(dice, dice.one_in(2));
  }
}

}  // namespace rw::test::differential
