#include <rewind/models/vision_transformer.h>

#include <string>

#include <rewind/models/blocks.h>
#include <rewind/nn/attention_layers.h>
#include <rewind/nn/dropout_layers.h>
#include <rewind/ops/joining.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::models {

namespace {

constexpr nn::LayerNormOptions norm_options = {.eps = 1e-6};

nn::Sequential perceptron(const VisionTransformerForm& form, double dropout) {
  nn::Linear in(form.hidden_dim, form.mlp_dim), out(form.mlp_dim, form.hidden_dim);
  for (const nn::Linear* linear : {&in, &out}) {
    nn::init::xavier_uniform_(linear->weight);
    nn::init::normal_(linear->bias, 0, 1e-6);
  }
  return nn::Sequential(std::move(in), nn::GELU(), nn::Dropout(dropout), std::move(out),
                        nn::Dropout(dropout));
}

class EncoderBlock : public nn::Module {
 public:
  EncoderBlock(const VisionTransformerForm& form, const VisionTransformerOptions& o)
      : ln_1_(add("ln_1", nn::LayerNorm({form.hidden_dim}, norm_options))),
        self_attention_(
            add("self_attention",
                nn::MultiheadAttention(form.hidden_dim, form.num_heads,
                                       {.dropout = o.attention_dropout, .batch_first = true}))),
        dropout_(add("dropout", nn::Dropout(o.dropout))),
        ln_2_(add("ln_2", nn::LayerNorm({form.hidden_dim}, norm_options))),
        mlp_(add("mlp", perceptron(form, o.dropout))) {}

  Tensor forward(const Tensor& x) override {
    const Tensor before = ln_1_(x);
    const Tensor y =
        x + dropout_(self_attention_(before, before, before, {.need_weights = false}).first);
    return y + mlp_(ln_2_(y));
  }

 private:
  nn::LayerNorm ln_1_;
  nn::MultiheadAttention self_attention_;
  nn::Dropout dropout_;
  nn::LayerNorm ln_2_;
  nn::Sequential mlp_;
};

class Encoder : public nn::Module {
 public:
  Encoder(int64_t tokens, const VisionTransformerForm& form, const VisionTransformerOptions& o)
      : pos_embedding_(parameter("pos_embedding",
                                 nn::init::normal_(empty({1, tokens, form.hidden_dim}), 0, 0.02))),
        dropout_(add("dropout", nn::Dropout(o.dropout))),
        layers_(add("layers", nn::Sequential())),
        ln_(add("ln", nn::LayerNorm({form.hidden_dim}, norm_options))) {
    for (int64_t i = 0; i < form.num_layers; ++i)
      layers_.append("encoder_layer_" + std::to_string(i), EncoderBlock(form, o));
  }
  Tensor forward(const Tensor& x) override { return ln_(layers_(dropout_(x + pos_embedding_))); }

 private:
  nn::Parameter pos_embedding_;
  nn::Dropout dropout_;
  nn::Sequential layers_;
  nn::LayerNorm ln_;
};

nn::Conv2d projection(const VisionTransformerForm& form, const VisionTransformerOptions& o) {
  const int64_t patch = form.patch_size;
  check(patch > 0 && o.image_size > 0 && o.image_size % patch == 0,
        "VisionTransformer: expected an image_size that patches of {} divide, got {}", patch,
        o.image_size);
  nn::Conv2d conv(3, form.hidden_dim, patch, {.stride = patch});
  nn::init::normal_(conv.weight, 0, 1 / std::sqrt(3.0 * static_cast<double>(patch * patch)));
  nn::init::zeros_(conv.bias);
  return conv;
}

nn::Sequential head(int64_t in, int64_t num_classes) {
  nn::Linear linear(in, num_classes);
  nn::init::zeros_(linear.weight);
  nn::init::zeros_(linear.bias);
  nn::Sequential layers;
  layers.append("head", std::move(linear));
  return layers;
}

int64_t tokens_of(const VisionTransformerForm& form, int64_t image_size) {
  const int64_t side = image_size / form.patch_size;
  return side * side + 1;
}

}  // namespace

VisionTransformer::VisionTransformer(const VisionTransformerForm& form,
                                     const VisionTransformerOptions& o)
    : class_token(parameter("class_token", zeros({1, 1, form.hidden_dim}))),
      conv_proj(add("conv_proj", projection(form, o))),
      encoder(add("encoder", std::make_shared<Encoder>(tokens_of(form, o.image_size), form, o))),
      heads(add("heads", head(form.hidden_dim, o.num_classes))),
      image_size_(o.image_size) {}

Tensor VisionTransformer::forward(const Tensor& x) {
  check(x.defined(), "VisionTransformer: the input is undefined");
  check<ShapeError>(x.dim() == 4 && x.size(2) == image_size_ && x.size(3) == image_size_,
                    "VisionTransformer: expected images [N, 3, {}, {}], got shape {}", image_size_,
                    image_size_, x.shape());
  const Tensor patches = conv_proj(x).flatten(2).permute({0, 2, 1});  // [N, patches, features]
  const Tensor first = class_token.expand({x.size(0), 1, patches.size(2)});
  return heads((*encoder)(cat({first, patches}, 1)).select(1, 0));
}

VisionTransformer vit_b_16(const VisionTransformerOptions& options) {
  return VisionTransformer(
      {.patch_size = 16, .num_layers = 12, .num_heads = 12, .hidden_dim = 768, .mlp_dim = 3072},
      options);
}

}  // namespace rw::models
