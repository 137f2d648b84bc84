#include <rewind/models/models.h>
#include <rewind/rewind.h>

#include "cases.h"

using namespace rw;

namespace {

template <class Model>
OnnxCase of(const std::string& name, const std::shared_ptr<Model>& model, const Tensor& x) {
  model->eval();
  randomize(*model);
  return {name,
          model,
          [model](const onnx::Tensors& in) { return onnx::Tensors{(*model)(in[0])}; },
          {x},
          {.dynamic_batch = true}};
}
template <class Model>
OnnxCase of(const std::string& name, Model made, const Tensor& x) {
  return of(name, std::make_shared<Model>(std::move(made)), x);
}

// Statistics about those of the images: with others, signals fade on their way through a deep
// network, and all images get the same scores.
void settle(nn::Module& model, const Tensor& images) {
  const no_grad guard;
  for (const auto& [name, module] : model.named_modules())
    if (auto* norm = dynamic_cast<nn::BatchNorm2d*>(module)) norm->set_momentum(1);
  model.train()(images);
  model.eval();
  for (const auto& [name, module] : model.named_modules())
    if (auto* norm = dynamic_cast<nn::BatchNorm2d*>(module)) {
      Tensor mean = norm->running_mean, variance = norm->running_var;
      mean.add_(randn(mean.shape()) * 0.3 * variance.sqrt());
      // No channel is enlarged by far, as then rounding would be too.
      variance.mul_(rand(variance.shape()) + 0.5).add_(variance.mean() * 0.25);
    }
}

// One that is known by its name, with small images; of up to 64 rows, ResNets are others.
OnnxCase known(const std::string& name) {
  constexpr int64_t enough = 80;
  Shape input = models::model_input(name);
  for (int64_t& n : std::span(input.begin() + 1, input.end())) n = std::min(n, enough);
  const Tensor images = randn({2, input[0], input[1], input[2]});
  OnnxCase c = of(name, models::get_model(name, {.num_classes = 1000, .input = input}), images);
  settle(*c.model, randn({8, input[0], input[1], input[2]}));
  return c;
}

constexpr models::VisionTransformerForm small_transformer = {
    .patch_size = 4, .num_layers = 2, .num_heads = 2, .hidden_dim = 8, .mlp_dim = 16};

}  // namespace

void randomize(nn::Module& model) {
  const no_grad guard;
  for (auto& [name, t] : model.named_parameters()) {
    Tensor p = t;
    if (p.dim() == 1) p.add_(randn(p.shape()) * 0.1);
    if (p.dim() > 1 && model.buffers().empty()) p.mul_(2);  // or AlexNet would say the same of all
    if (name.ends_with("layer_scale")) p.normal_(0, 0.2);
    if (p.dim() > 1 && !p.any().item<bool>()) p.normal_(0, 0.05);
  }
  for (auto& [name, t] : model.named_buffers()) {
    Tensor b = t;
    if (name.ends_with("running_mean")) b.normal_(0, 0.3);
    if (name.ends_with("running_var")) b.uniform_(0.5, 1.5);
  }
}

std::vector<OnnxCase> small_model_cases() {
  manual_seed(2);
  std::vector<OnnxCase> all;
  all.push_back(of("lenet", models::lenet(), randn({2, 1, 28, 28})));
  all.push_back(of("resnet20", models::resnet20(), randn({2, 3, 16, 16})));
  all.push_back(of("small_unet", models::unet({.width = 2}), randn({2, 3, 20, 17})));
  all.push_back(of("small_dcgan_generator", models::dcgan_generator({.nz = 5, .width = 2}),
                   randn({2, 5, 1, 1})));
  all.push_back(of("small_dcgan_discriminator", models::dcgan_discriminator({.width = 2}),
                   randn({2, 3, 64, 64})));
  all.push_back(
      of("small_convnext",
         models::ConvNeXt({{4, 8, 8, 8}, {1, 1, 1, 1}}, {.num_classes = 5, .layer_scale = 0.5}),
         randn({2, 3, 32, 32})));
  all.push_back(
      of("small_vit",
         models::VisionTransformer(small_transformer, {.num_classes = 5, .image_size = 8}),
         randn({2, 3, 8, 8})));
  all.push_back(
      of("small_gpt",
         models::GPT({.vocab_size = 11, .block_size = 8, .n_layer = 2, .n_head = 2, .n_embd = 8}),
         randint(0, 11, {2, 6})));
  return all;
}

std::vector<std::pair<std::string, MakeCase>> model_cases() {
  std::vector<std::pair<std::string, MakeCase>> all;
  for (const std::string& name : models::list_models())
    all.emplace_back(name, [name] { return known(name); });
  all.emplace_back("alexnet_uneven", [] {
    return of("alexnet_uneven", models::alexnet(), randn({2, 3, 95, 127}));
  });
  all.emplace_back("unet", [] {
    return of("unet", models::unet({.width = 16}), randn({2, 3, 65, 48}));
  });
  all.emplace_back("dcgan_generator", [] {
    return of("dcgan_generator", models::dcgan_generator(), randn({2, 100, 1, 1}));
  });
  all.emplace_back("dcgan_discriminator", [] {
    return of("dcgan_discriminator", models::dcgan_discriminator(), randn({2, 3, 64, 64}));
  });
  all.emplace_back("gpt", [] {
    constexpr models::GPTOptions options = {
        .vocab_size = 1000, .block_size = 64, .n_layer = 4, .n_head = 4, .n_embd = 128};
    return of("gpt", models::GPT(options), randint(0, 1000, {2, 20}));
  });
  return all;
}
