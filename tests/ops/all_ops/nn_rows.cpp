#include "table.h"

namespace rw::test {
namespace {

Row conv(const char* name, const Tensors& inputs, const Conv2dOptions& options = {}) {
  return {name,
          [=](const Tensors& in) {
            return Tensors{conv2d(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), options)};
          },
          inputs};
}

void append(Rows& all, const Rows& more) { all.insert(all.end(), more.begin(), more.end()); }

Rows convolutions() {
  const Tensor x = normal({2, 2, 3, 3}), one = normal({2, 4, 3}), small = normal({1, 2, 3, 4});
  const Tensor w = normal({2, 2, 2, 2}), b = normal({2}), point = normal({3, 2, 1, 1});
  const Tensor each = normal({2, 1, 2, 2}), pairs = normal({4, 1, 3, 2}), b4 = normal({4});
  return {
      conv("conv2d", {x, w, b}),
      conv("conv2d, without bias", {x, w}),
      conv("conv2d, one image", {one, w, b}, {.padding = {0, 1}}),
      conv("conv2d, 1x1", {x, point, normal({3})}),
      conv("conv2d, stride", {small, w, b}, {.stride = {1, 2}, .padding = 1}),
      conv("conv2d, dilation", {small, w, b}, {.padding = {0, 1}, .dilation = {2, 3}}),
      conv("conv2d, groups", {small, pairs, b4}, {.stride = 2, .padding = 1, .groups = 2}),
      conv("conv2d, depthwise", {small, each, b}, {.padding = 1, .groups = 2}),
      conv("conv2d, reflect", {small, w}, {.padding = 1, .padding_mode = PaddingMode::reflect}),
      conv("conv2d, replicate", {small, w},
           {.padding = {2, 0}, .padding_mode = PaddingMode::replicate}),
      conv("conv2d, circular", {small, w},
           {.stride = 2, .padding = 1, .padding_mode = PaddingMode::circular}),
  };
}

Rows normalization() {
  const Tensor x = normal({3, 2}), image = normal({2, 4, 2, 1}), w = normal({2}), b = normal({2});
  const Tensor w4 = normal({4}), b4 = normal({4}), mean = normal({2}), var = positive({2});
  const Shape last = {2}, last_two = {4, 2};
  const Tensor sequence = normal({2, 2, 3}), table = normal({2, 4, 2}), wt = normal({4, 2});
  const BatchNormOptions training = {.training = true};
  const InstanceNormOptions fixed = {.use_input_stats = false};
  const Tensor m = mean.detach(), s = var.detach();
  return {
      {"batch_norm, training",
       [=](In a, In g, In h) { return batch_norm(a, g, h, m.clone(), s.clone(), training); },
       {x, w, b}},
      {"batch_norm, training on images",
       [=](In a, In g, In h) { return batch_norm(a, g, h, {}, {}, training); },
       {image, w4, b4}},
      {"batch_norm, training, plain",
       [=](In a) { return batch_norm(a, {}, {}, {}, {}, training); },
       {sequence}},
      {"batch_norm, evaluation",
       [=](In a, In g, In h) { return batch_norm(a, g, h, m, s); },
       {sequence, w, b}},
      {"batch_norm, evaluation, plain",
       [=](In a) { return batch_norm(a, {}, {}, m, s).square(); },
       {x}},
      {"layer_norm", [=](In a, In g, In h) { return layer_norm(a, last, g, h); }, {table, w, b}},
      {"layer_norm, two dims",
       [=](In a, In g, In h) { return layer_norm(a, last_two, g, h); },
       {table, wt, normal({4, 2})}},
      {"layer_norm, plain", [=](In a) { return layer_norm(a, last); }, {x}},
      {"rms_norm", [=](In a, In g) { return rms_norm(a, last, g).square(); }, {table, w}},
      {"rms_norm, two dims",
       [=](In a) { return rms_norm(a, last_two, {}, 0.1).square(); },
       {table}},
      {"local_response_norm",
       [](In a) { return local_response_norm(a, 3, 0.5).square(); },
       {sequence}},
      {"local_response_norm, even",
       [](In a) { return local_response_norm(a, 2, 0.3, 0.5, 2).square(); },
       {image}},
      {"group_norm", [](In a, In g, In h) { return group_norm(a, 2, g, h); }, {image, w4, b4}},
      {"group_norm, plain", [](In a) { return group_norm(a, 2); }, {table}},
      {"instance_norm", [](In a, In g, In h) { return instance_norm(a, g, h); }, {sequence, w, b}},
      {"instance_norm, running",
       [=](In a) { return instance_norm(a, {}, {}, m.clone(), s.clone()); },
       {sequence}},
      {"instance_norm, fixed",
       [=](In a, In g, In h) { return instance_norm(a, g, h, m, s, fixed); },
       {sequence, w, b}},
  };
}

Rows others() {
  const Tensor x = normal({3, 4}), y = normal({3, 4});
  return {
      {"dropout",
       [](In a) {
         manual_seed(1);
         return dropout(a, 0.4).square();
       },
       {x}},
      {"dropout, evaluation", [](In a) { return dropout(a, 0.4, false).square(); }, {x}},
      {"checkpoint",
       [](const Tensors& in) {
         const auto f = [](const Tensors& t) { return Tensors{t[0] * t[1], t[0].exp()}; };
         return checkpoint(f, in);
       },
       {x, y}},
      {"checkpoint",
       [](In a, In b) { return checkpoint([](In s, In t) { return (s * t).tanh(); }, a, b); },
       {x, y}},
  };
}

}  // namespace

static Rows network_rows() {
  Rows all;
  for (const Rows& family : {convolutions(), normalization(), others()}) append(all, family);
  return all;
}

namespace {

Rows losses(Reduction r) {
  const Tensor x = normal({3, 4}), y = normal({3, 4}), image = normal({2, 3, 2});
  const Tensor labels = from<int64_t>({1, 3, 0}), image_labels = from<int64_t>({{2, 0}, {1, 2}});
  const Tensor weight = positive({4}).detach(), three = positive({3}).detach();
  const Tensor shares = softmax(normal({3, 4}), 1).detach().requires_grad_();
  const Tensor d = distinct({3, 4}), e = distinct({3, 4}, 0.15);
  const NllLossOptions plain = {.reduction = r}, weighed = {weight, 3, r},
                       three_nll = {three, 1, r};
  const CrossEntropyOptions ce = {.reduction = r}, ce_all = {weight, 3, r, 0.2};
  const CrossEntropyOptions ce_image = {three, 1, r, 0.1}, ce_shares = {weight, -100, r, 0.2};
  return {
      {"nll_loss", [=](In a) { return nll_loss(a, labels, plain); }, {x}},
      {"nll_loss, weight, ignored", [=](In a) { return nll_loss(a, labels, weighed); }, {x}},
      {"nll_loss, images", [=](In a) { return nll_loss(a, image_labels, three_nll); }, {image}},
      {"cross_entropy", [=](In a) { return cross_entropy(a, labels, ce); }, {x}},
      {"cross_entropy, all options", [=](In a) { return cross_entropy(a, labels, ce_all); }, {x}},
      {"cross_entropy, images",
       [=](In a) { return cross_entropy(a, image_labels, ce_image); },
       {image}},
      {"cross_entropy, probabilities",
       [=](In a, In t) { return cross_entropy(a, t, ce_shares); },
       {x, shares}},
      {"mse_loss", [=](In a, In t) { return mse_loss(a, t, r); }, {x, y}},
      {"l1_loss", [=](In a, In t) { return l1_loss(a, t, r); }, {d, e}},
      {"binary_cross_entropy_with_logits",
       [=](In a, In t) { return binary_cross_entropy_with_logits(a, t, r); },
       {x, shares}},
      {"CrossEntropyLoss::forward",
       [=](In a) { return nn::CrossEntropyLoss(ce_all).forward(a, labels); },
       {x}},
      {"CrossEntropyLoss::forward, called",
       [=](In a) { return nn::CrossEntropyLoss(ce)(a, labels); },
       {x}},
      {"NLLLoss::forward", [=](In a) { return nn::NLLLoss(weighed).forward(a, labels); }, {x}},
      {"NLLLoss::forward, called", [=](In a) { return nn::NLLLoss(plain)(a, labels); }, {x}},
      {"MSELoss::forward", [=](In a, In t) { return nn::MSELoss(r).forward(a, t); }, {x, y}},
      {"MSELoss::forward, called", [=](In a, In t) { return nn::MSELoss(r)(a, t); }, {x, y}},
  };
}

}  // namespace

static Rows loss_rows() {
  Rows all;
  for (const Reduction r : {Reduction::none, Reduction::mean, Reduction::sum})
    append(all, losses(r));
  return all;
}

static const Family network_family(network_rows);
static const Family loss_family(loss_rows);

}  // namespace rw::test
