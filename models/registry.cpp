#include <rewind/models/registry.h>

#include <algorithm>
#include <functional>

#include <rewind/models/models.h>
#include <rewind/tensor/check.h>

namespace rw::models {

namespace {

using Maker = std::function<std::shared_ptr<nn::Module>(int64_t num_classes, const Shape& input)>;

struct Entry {
  const char* name;
  Shape input;
  int64_t least;  // rows and columns
  Maker make;
};

// A function that makes a network, with what else its options say of the image.
template <class Model, class Options, class More>
Maker maker(Model (*function)(const Options&), More more) {
  return [=](int64_t num_classes, const Shape& input) -> std::shared_ptr<nn::Module> {
    Options options;
    options.num_classes = num_classes;
    more(options, input);
    return std::make_shared<Model>(function(options));
  };
}
template <class Model, class Options>
Maker maker(Model (*function)(const Options&)) {
  return maker(function, [](Options&, const Shape&) {});
}

Maker resnet(ResNet (*function)(const ResNetOptions&)) {
  return maker(function, [](ResNetOptions& o, const Shape& input) {
    constexpr int64_t most_of_small = 64;
    o.small_images = input[1] <= most_of_small;
  });
}

const std::vector<Entry>& entries() {
  static const Shape usual = {3, 224, 224}, cifar = {3, 32, 32};
  static const std::vector<Entry> all = {
      {"alexnet", usual, 63, maker(alexnet)},
      {"convnext_tiny", usual, 32, maker(convnext_tiny)},
      {"densenet121", usual, 29, maker(densenet121)},
      {"efficientnet_b0", usual, 1, maker(efficientnet_b0)},
      {"lenet",
       {1, 28, 28},
       28,
       maker(lenet,
             [](LeNetOptions& o, const Shape& input) {
               check(input[1] == 28 && input[2] == 28,
                     "get_model: lenet takes images of 28x28, got {}x{}", input[1], input[2]);
               o.in_channels = input[0];
             })},
      {"mobilenet_v2", usual, 1, maker(mobilenet_v2)},
      {"resnet18", usual, 1, resnet(resnet18)},
      {"resnet34", usual, 1, resnet(resnet34)},
      {"resnet50", usual, 1, resnet(resnet50)},
      {"resnet101", usual, 1, resnet(resnet101)},
      {"resnet152", usual, 1, resnet(resnet152)},
      {"resnet20", cifar, 1, maker(resnet20)},
      {"resnet32", cifar, 1, maker(resnet32)},
      {"resnet44", cifar, 1, maker(resnet44)},
      {"resnet56", cifar, 1, maker(resnet56)},
      {"resnet110", cifar, 1, maker(resnet110)},
      {"resnext50_32x4d", usual, 1, resnet(resnext50_32x4d)},
      {"vgg11", usual, 32, maker(vgg11)},
      {"vgg11_bn", usual, 32, maker(vgg11_bn)},
      {"vgg13", usual, 32, maker(vgg13)},
      {"vgg13_bn", usual, 32, maker(vgg13_bn)},
      {"vgg16", usual, 32, maker(vgg16)},
      {"vgg16_bn", usual, 32, maker(vgg16_bn)},
      {"vgg19", usual, 32, maker(vgg19)},
      {"vgg19_bn", usual, 32, maker(vgg19_bn)},
      {"vit_b_16", usual, 16,
       maker(vit_b_16,
             [](VisionTransformerOptions& o, const Shape& input) {
               check(input[1] == input[2], "get_model: vit_b_16 takes square images, got {}x{}",
                     input[1], input[2]);
               o.image_size = input[1];
             })},
      {"wide_resnet50_2", usual, 1, resnet(wide_resnet50_2)},
  };
  return all;
}

const Entry& entry_of(const char* op, const std::string& name) {
  for (const Entry& entry : entries())
    if (entry.name == name) return entry;
  fail("{}: there is no model '{}', but {}", op, name, fmt::join(list_models(), ", "));
}

}  // namespace

std::vector<std::string> list_models() {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) names.emplace_back(entry.name);
  return names;
}

Shape model_input(const std::string& name) { return entry_of("model_input", name).input; }

std::shared_ptr<nn::Module> get_model(const std::string& name, const GetModelOptions& options) {
  const Entry& entry = entry_of("get_model", name);
  const Shape input = options.input.value_or(entry.input);
  check(options.num_classes > 0, "get_model: num_classes must be positive, got {}",
        options.num_classes);
  check<ShapeError>(input.rank() == 3 && std::min(input[1], input[2]) >= entry.least,
                    "get_model: {} takes images [C, H, W] of at least {} rows and columns, got {}",
                    name, entry.least, input);
  const bool takes_channels = name == "lenet" ? input[0] > 0 : input[0] == 3;
  check<ShapeError>(takes_channels, "get_model: {} takes images of three channels, got {}", name,
                    input);
  return entry.make(options.num_classes, input);
}

}  // namespace rw::models
