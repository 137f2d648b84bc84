#include "cases.h"

namespace rw::test {
namespace {

std::vector<Case> losses(const std::string& reduction_name, Reduction r) {
  const auto named = [&](const std::string& loss) { return loss + "_" + reduction_name; };
  return {
      {named("nll_loss"), [r](In x, In t) { return nll_loss(x, t, {.reduction = r}); }},
      {named("nll_loss_weight"),
       [r](In x, In t, In w) {
         return nll_loss(x, t, {.weight = w, .ignore_index = 2, .reduction = r});
       }},
      {named("cross_entropy"), [r](In x, In t) { return cross_entropy(x, t, {.reduction = r}); }},
      {named("cross_entropy_weight"),
       [r](In x, In t, In w) { return cross_entropy(x, t, {.weight = w, .reduction = r}); }},
      {named("cross_entropy_ignore"),
       [r](In x, In t) { return cross_entropy(x, t, {.ignore_index = 2, .reduction = r}); }},
      {named("cross_entropy_smooth"),
       [r](In x, In t) { return cross_entropy(x, t, {.reduction = r, .label_smoothing = 0.2}); }},
      {named("cross_entropy_all"),
       [r](In x, In t, In w) {
         return cross_entropy(x, t, {w, 2, r, 0.3});
       }},
      {named("cross_entropy_images"),
       [r](In x, In t, In w) {
         return cross_entropy(x, t, {w, 1, r, 0.1});
       }},
      {named("cross_entropy_probabilities"),
       [r](In x, In t, In w) {
         return cross_entropy(x, t, {w, -100, r, 0.2});
       }},
      {named("mse_loss"), [r](In x, In t) { return mse_loss(x, t, r); }},
      {named("l1_loss"), [r](In x, In t) { return l1_loss(x, t, r); }},
      {named("bce_with_logits"),
       [r](In x, In t) { return binary_cross_entropy_with_logits(x, t, r); }},
  };
}

std::vector<Case> other_losses() {
  return {
      {"nll_loss_images", [](In x, In t) { return nll_loss(x, t, {.ignore_index = 1}); }},
      {"nll_loss_of_one", [](In x, In t) { return nll_loss(x, t); }},
      {"cross_entropy_of_one",
       [](In x, In t) { return cross_entropy(x, t, {.label_smoothing = 0.1}); }},
      {"cross_entropy_image_probabilities", [](In x, In t) { return cross_entropy(x, t); }},
      {"cross_entropy_of_large", [](In x, In t) { return cross_entropy(x, t); }},
      {"cross_entropy_all_ignored", [](In x, In t) { return cross_entropy(x, t); }},
      {"l1_loss_of_equal", [](In x, In t) { return l1_loss(x, t); }},
      {"bce_with_logits_of_large",
       [](In x, In t) { return binary_cross_entropy_with_logits(x, t); }},
  };
}

Case conv(const std::string& name, const Conv2dOptions& options) {
  return {"conv2d_" + name, [options](In x, In w, In b) { return conv2d(x, w, b, options); }};
}

std::vector<Case> convolutions() {
  return {
      conv("plain", {}),
      {"conv2d_no_bias", [](In x, In w) { return conv2d(x, w); }},
      conv("1x1", {}),
      conv("stride", {.stride = {2, 3}}),
      conv("padding", {.padding = {1, 2}}),
      conv("wide_padding", {.padding = {3, 2}}),
      conv("stride_leaves_a_rest", {.stride = 2, .padding = 1}),
      conv("dilation", {.padding = 1, .dilation = {2, 3}}),
      conv("groups", {.padding = 1, .groups = 2}),
      conv("depthwise", {.padding = 1, .groups = 3}),
      conv("depthwise_two_each", {.stride = 2, .padding = 1, .groups = 2}),
      conv("one_image", {.padding = 1}),
      conv("reflect", {.padding = {1, 2}, .padding_mode = PaddingMode::reflect}),
      conv("replicate", {.stride = 2, .padding = {2, 1}, .padding_mode = PaddingMode::replicate}),
      conv("circular", {.padding = {2, 1}, .padding_mode = PaddingMode::circular}),
      conv("whole_image", {}),
  };
}

Case max_pool(const std::string& name, Size2 kernel, const MaxPool2dOptions& options = {}) {
  return {"max_pool2d" + name, [=](In x) { return max_pool2d(x, kernel, options).square(); }};
}

Case avg_pool(const std::string& name, Size2 kernel, const AvgPool2dOptions& options = {}) {
  return {"avg_pool2d" + name, [=](In x) { return avg_pool2d(x, kernel, options).square(); }};
}

Case adaptive_avg_pool(const std::string& name, Size2 output_size) {
  return {"adaptive_avg_pool2d_" + name,
          [=](In x) { return adaptive_avg_pool2d(x, output_size).square(); }};
}

std::vector<Case> pooling() {
  return {
      max_pool("", 2),
      max_pool("_overlap", 3, {.stride = 1}),
      max_pool("_padding", 3, {.stride = 2, .padding = 1}),
      max_pool("_oblong", {3, 2}, {.stride = {1, 3}, .padding = {1, 0}}),
      max_pool("_dilation", 2, {.stride = 1, .dilation = {2, 3}}),
      max_pool("_ceil", 2, {.ceil_mode = true}),
      max_pool("_ceil_padding", {2, 3}, {.stride = 3, .padding = 1, .ceil_mode = true}),
      max_pool("_one_image", 2),
      {"max_pool2d_indices",
       [](In x) { return max_pool2d_with_indices(x, 3, {.stride = 2, .padding = 1}); }},
      {"max_pool2d_of_equal", [](In x) { return max_pool2d_with_indices(x, 2, {.stride = 1}); }},
      avg_pool("", 2),
      avg_pool("_padding", 3, {.stride = 2, .padding = 1}),
      avg_pool("_padding_not_counted", 3, {.stride = 2, .padding = 1, .count_include_pad = false}),
      avg_pool("_oblong", {3, 2}, {.stride = {{1, 3}}, .padding = {1, 0}}),
      avg_pool("_ceil", 2, {.ceil_mode = true}),
      avg_pool("_ceil_padding", {2, 3}, {.stride = 3, .padding = 1, .ceil_mode = true}),
      avg_pool("_ceil_padding_not_counted", 3,
               {.stride = 3, .padding = 1, .ceil_mode = true, .count_include_pad = false}),
      avg_pool("_one_image", 2, {.stride = 1}),
      adaptive_avg_pool("1", 1),
      adaptive_avg_pool("uneven", {3, 4}),
      adaptive_avg_pool("same", {5, 6}),
      adaptive_avg_pool("larger", {3, 5}),
  };
}

// The result, and the running statistics, which training updates.
Case norm(const std::string& name, const BatchNormOptions& options) {
  return {"batch_norm_" + name, [options](const Tensors& in) -> Tensors {
            const Tensor mean = in[1].clone(), var = in[2].clone();
            const bool affine = in.size() == 5;
            const Tensor y = batch_norm(in[0], affine ? in[3] : Tensor(), affine ? in[4] : Tensor(),
                                        mean, var, options);
            return {y, mean, var};
          }};
}

std::vector<Case> normalisation() {
  return {
      norm("training", {.training = true}),
      norm("training_momentum", {.training = true, .momentum = 0.3, .eps = 1e-2}),
      norm("training_of_sequences", {.training = true}),
      norm("training_plain", {.training = true}),
      norm("evaluation", {}),
      norm("evaluation_of_vectors", {.eps = 1e-3}),
      norm("evaluation_plain", {}),
      {"batch_norm_without_running",
       [](In x, In w, In b) { return batch_norm(x, w, b, {}, {}, {.training = true}); }},
  };
}

std::vector<Case> graphs() {
  return {
      {"attention",
       [](In x, In q, In k, In v) {
         const Tensor scores = matmul(matmul(x, q), matmul(x, k).transpose(-1, -2)) / 2;
         return matmul(scores.softmax(-1), matmul(x, v));
       }},
      {"layer_norm_by_hand",
       [](In x) { return (x - x.mean(-1, true)) / (x.var(-1, 0, true) + 1e-5).sqrt(); }},
      {"conv_norm_relu_pool",
       [](In x, In w, In g, In b) {
         const Tensor y = conv2d(x, w, {}, {.padding = 1});
         return max_pool2d(relu(batch_norm(y, g, b, {}, {}, {.training = true})), 2);
       }},
  };
}

Tensor mixed(In x, In y) { return matmul(tanh(x), y * y).sin(); }
Tensor scalar(In x, In y) { return mixed(x, y).square().sum(); }

std::vector<Case> functions() {
  return {
      {"jacobian",
       [](In x, In y) {
         return jacobian(mixed, {x, y});
       }},
      {"hessian",
       [](In x, In y) {
         const auto blocks = hessian(scalar, {x, y});
         return Tensors{blocks[0][0], blocks[0][1], blocks[1][0], blocks[1][1]};
       }},
      {"vjp",
       [](In x, In y, In v) {
         return vjp(mixed, {x, y}, v).second;
       }},
      {"jvp",
       [](In x, In y, In tx, In ty) {
         return jvp(mixed, {x, y}, {tx, ty}).second;
       }},
      {"hvp",
       [](In x, In y, In vx, In vy) {
         return hvp(scalar, {x, y}, {vx, vy}).second;
       }},
  };
}

// Trains on one batch, in[0] and in[1], from the state in the others on; the state after each step.
template <class Optimizer = optim::SGD, class Loss, class Options = optim::SGDOptions>
Tensors train(nn::Module& model, const Tensors& in, int steps, const Loss& loss,
              const Options& options) {
  model.to(in[0].dtype());
  nn::NamedTensors state = model.state_dict();
  std::erase_if(state, [](const auto& s) { return s.first.ends_with("num_batches_tracked"); });
  no_grad guard;
  for (size_t i = 0; i < state.size(); ++i) state[i].second.copy_(in.at(i + 2));
  Optimizer optimizer(model.parameters(), options);
  Tensors after;
  for (int step = 0; step < steps; ++step) {
    optimizer.zero_grad();
    enable_grad recording;
    loss(model(in[0]), in[1]).backward();
    optimizer.step();
    for (const auto& [name, t] : state) after.push_back(t.detach().clone());
  }
  return after;
}

template <class Optimizer = optim::SGD, class Options = optim::SGDOptions>
Tensors train_mlp(const Tensors& in, int steps, const Options& options) {
  nn::Sequential mlp(nn::Linear(3, 5), nn::Tanh(), nn::Linear(5, 2));
  return train<Optimizer>(mlp, in, steps, nn::MSELoss(), options);
}

Case train_adam(const std::string& name, const optim::AdamOptions& options) {
  return {"train_mlp_adam" + name,
          [options](const Tensors& in) { return train_mlp<optim::Adam>(in, 5, options); }};
}

Case train_adamw(const std::string& name, const optim::AdamWOptions& options) {
  return {"train_mlp_adamw" + name,
          [options](const Tensors& in) { return train_mlp<optim::AdamW>(in, 5, options); }};
}

std::vector<Case> training() {
  return {
      {"train_mlp",
       [](const Tensors& in) { return train_mlp(in, 5, {.lr = 0.1, .momentum = 0.9}); }},
      {"train_mlp_decay",
       [](const Tensors& in) {
         return train_mlp(in, 4,
                          {.lr = 0.05, .momentum = 0.8, .dampening = 0.3, .weight_decay = 0.1});
       }},
      train_adam("", {.lr = 0.1}),
      train_adam("_betas", {.lr = 0.05, .betas = {0.7, 0.8}, .eps = 1e-3, .weight_decay = 0.1}),
      train_adam("_amsgrad", {.lr = 0.1, .betas = {0.5, 0.6}, .amsgrad = true}),
      train_adamw("", {.lr = 0.1}),
      train_adamw("_decay", {.lr = 0.05, .weight_decay = 0.3, .amsgrad = true}),
      {"train_conv_net",
       [](const Tensors& in) {
         nn::Sequential net(nn::Conv2d(1, 2, 3, {.padding = 1}), nn::BatchNorm2d(2), nn::ReLU(),
                            nn::MaxPool2d(2), nn::Flatten(), nn::Linear(8, 3));
         return train(net, in, 5, nn::CrossEntropyLoss(),
                      {.lr = 0.05, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true});
       }},
  };
}

}  // namespace

std::vector<Case> nn_cases() {
  std::vector<Case> all;
  for (const auto& family : {losses("none", Reduction::none), losses("mean", Reduction::mean),
                             losses("sum", Reduction::sum), other_losses(), convolutions(),
                             pooling(), normalisation(), graphs(), functions(), training()})
    all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace rw::test
