#include "cases.h"

namespace rw::test {
namespace {

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

}  // namespace

static Cases training_cases() {
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

static const Family training_family(training_cases);

}  // namespace rw::test
