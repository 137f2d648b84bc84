#include <rewind/models/models.h>
#include <rewind/rewind.h>

#include "cases.h"

using namespace rw;

namespace {

template <class Model>
OnnxCase of(const std::string& name, Model made, const Tensor& x) {
  const auto model = std::make_shared<Model>(std::move(made));
  model->eval();
  randomize(*model);
  return {name,
          model,
          [model](const onnx::Tensors& in) { return onnx::Tensors{(*model)(in[0])}; },
          {x},
          {.dynamic_batch = true}};
}

constexpr models::VisionTransformerForm small_transformer = {
    .patch_size = 4, .num_layers = 2, .num_heads = 2, .hidden_dim = 8, .mlp_dim = 16};

}  // namespace

void randomize(nn::Module& model) {
  const no_grad guard;
  for (auto& [name, t] : model.named_parameters()) {
    Tensor p = t;
    if (p.dim() == 1) p.add_(randn(p.shape()) * 0.1);
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
  return {
      {"alexnet",
       [] {
         return of("alexnet", models::alexnet(), randn({2, 3, 224, 224}));
       }},
      {"alexnet_small",
       [] {
         return of("alexnet_small", models::alexnet(), randn({2, 3, 95, 127}));
       }},
      {"vgg11",
       [] {
         return of("vgg11", models::vgg11(), randn({1, 3, 64, 64}));
       }},
      {"vgg16_bn",
       [] {
         return of("vgg16_bn", models::vgg16_bn(), randn({1, 3, 32, 64}));
       }},
      {"resnet18",
       [] {
         return of("resnet18", models::resnet18(), randn({2, 3, 64, 64}));
       }},
      {"resnet50",
       [] {
         return of("resnet50", models::resnet50(), randn({2, 3, 64, 64}));
       }},
      {"resnext50_32x4d",
       [] {
         return of("resnext50_32x4d", models::resnext50_32x4d(), randn({2, 3, 64, 64}));
       }},
      {"wide_resnet50_2",
       [] {
         return of("wide_resnet50_2", models::wide_resnet50_2(), randn({2, 3, 64, 64}));
       }},
      {"resnet56",
       [] {
         return of("resnet56", models::resnet56(), randn({2, 3, 32, 32}));
       }},
      {"densenet121",
       [] {
         return of("densenet121", models::densenet121(), randn({2, 3, 64, 64}));
       }},
      {"mobilenet_v2",
       [] {
         return of("mobilenet_v2", models::mobilenet_v2(), randn({2, 3, 64, 64}));
       }},
      {"efficientnet_b0",
       [] {
         return of("efficientnet_b0", models::efficientnet_b0(), randn({2, 3, 64, 64}));
       }},
      {"convnext_tiny",
       [] {
         return of("convnext_tiny", models::convnext_tiny({.layer_scale = 0.2}),
                   randn({2, 3, 64, 64}));
       }},
      {"vit_b_16",
       [] {
         return of("vit_b_16", models::vit_b_16({.image_size = 64}), randn({2, 3, 64, 64}));
       }},
      {"unet",
       [] {
         return of("unet", models::unet({.width = 16}), randn({2, 3, 65, 48}));
       }},
      {"dcgan_generator",
       [] {
         return of("dcgan_generator", models::dcgan_generator(), randn({2, 100, 1, 1}));
       }},
      {"dcgan_discriminator",
       [] {
         return of("dcgan_discriminator", models::dcgan_discriminator(), randn({2, 3, 64, 64}));
       }},
      {"gpt",
       [] {
         return of(
             "gpt",
             models::GPT(
                 {.vocab_size = 1000, .block_size = 64, .n_layer = 4, .n_head = 4, .n_embd = 128}),
             randint(0, 1000, {2, 20}));
       }},
  };
}
