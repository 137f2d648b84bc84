#include <rewind/data/mnist.h>

#include <filesystem>

#include <rewind/data/idx.h>
#include <rewind/tensor/check.h>

namespace rw::data {

namespace {

// What the two data sets differ in.
struct Source {
  const char* name;
  std::vector<std::string> classes;
  std::string where_to_get_it;
};

const Source mnist = {"MNIST",
                      {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
                      "name the folder that has the files of http://yann.lecun.com/exdb/mnist"};
const Source fashion_mnist = {"FashionMNIST",
                              {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal",
                               "Shirt", "Sneaker", "Bag", "Ankle boot"},
                              std::string("`apt-get install dataset-fashion-mnist` puts it in ") +
                                  FashionMNIST::default_folder +
                                  ", or name the folder that has it (--data in the demo)"};

Tensor read(const Source& source, const std::string& folder, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    const std::filesystem::path path = std::filesystem::path(folder) / (name + ending);
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return read_idx(path);
  }
  fail<IOError>("{}: there is no {} (or {}.gz) in {}; {}", source.name, name, name, folder,
                source.where_to_get_it);
}

ImageDataset load(const Source& source, const std::string& folder, bool train) {
  const std::string part = train ? "train" : "t10k";
  const Tensor images = read(source, folder, part + "-images-idx3-ubyte");
  Tensor labels = read(source, folder, part + "-labels-idx1-ubyte");
  if (is_integer(labels.dtype())) labels = labels.to(int64);
  try {
    return ImageDataset(images, labels, source.classes);
  } catch (const Error& e) {
    fail<IOError>("{}: the {} files in {} do not fit: {}", source.name, part, folder, e.what());
  }
}

}  // namespace

MNIST::MNIST(const std::string& folder, bool train) : ImageDataset(load(mnist, folder, train)) {}

FashionMNIST::FashionMNIST(const std::string& folder, bool train)
    : ImageDataset(load(fashion_mnist, folder, train)) {}

}  // namespace rw::data
