#include "picture_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>

#include <rewind/data/cifar.h>
#include <rewind/data/image_folder.h>
#include <rewind/data/mnist.h>
#include <rewind/tensor/error.h>

namespace rw::cli {

namespace {

namespace fs = std::filesystem;

Pictures pictures(const data::ImageDataset& set) {
  return {set.size(), [bytes = set.bytes()](int64_t i) { return bytes.get(i); }};
}

// A data set of files of its own: Set(folder, train).
template <class Set>
PictureSets known(const std::string& folder, bool with_training, PictureSets sets) {
  const Set test(folder, false);
  sets.classes = test.classes();
  sets.test = pictures(test);
  if (with_training) sets.training = pictures(Set(folder, true));
  return sets;
}

PictureSets described(std::string name, const Shape& size, std::vector<double> mean,
                      std::vector<double> std) {
  PictureSets sets;
  sets.name = std::move(name);
  sets.size = size;
  sets.mean = std::move(mean);
  sets.std = std::move(std);
  return sets;
}

// Three data sets have files of the same names.
PictureSets of_idx_files(const std::string& folder, bool with_training) {
  std::string name = fs::absolute(folder).lexically_normal().string();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const Shape size = {1, 28, 28};
  if (name.find("fashion") != name.npos)
    return known<data::FashionMNIST>(folder, with_training,
                                     described("Fashion-MNIST", size, {0.286}, {0.353}));
  PictureSets characters = described("MNIST", size, {0.1307}, {0.3081});
  characters.may_mirror = false;
  if (name.find("kmnist") == name.npos)
    return known<data::MNIST>(folder, with_training, std::move(characters));
  characters.name = "KMNIST";
  characters.mean = {0.1918};
  characters.std = {0.3483};
  return known<data::KMNIST>(folder, with_training, std::move(characters));
}

// --- Photographs --------------------------------------------------------------------------------

using Folder = std::shared_ptr<const data::ImageFolder>;

// The pictures of a folder that `takes` chooses by their places.
template <class F>
Pictures chosen(const Folder& folder, const F& takes) {
  std::vector<int64_t> places;
  for (int64_t i = 0; i < folder->size(); ++i)
    if (takes(i)) places.push_back(i);
  const auto count = static_cast<int64_t>(places.size());
  return {count, [folder, places = std::move(places)](int64_t i) {
            return folder->get(places.at(static_cast<size_t>(i)));
          }};
}

PictureSets of_photographs(const std::string& folder, bool with_training) {
  PictureSets sets =
      described("images of " + folder, {3, 224, 224}, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});
  const auto all = [](int64_t) { return true; };
  const fs::path root(folder);
  const bool in_parts = fs::is_directory(root / "train");
  const fs::path part = fs::is_directory(root / "val") ? root / "val" : root / "test";
  if (in_parts && fs::is_directory(part)) {
    const auto test = std::make_shared<const data::ImageFolder>(part.string());
    sets.classes = test->classes();
    sets.test = chosen(test, all);
    if (!with_training) return sets;
    const auto training = std::make_shared<const data::ImageFolder>((root / "train").string());
    if (training->classes() != sets.classes)
      throw IOError(fmt::format("the folders in {} and {} are not the same classes",
                                (root / "train").string(), part.string()));
    sets.training = chosen(training, all);
    return sets;
  }
  const auto images =
      std::make_shared<const data::ImageFolder>(in_parts ? (root / "train").string() : folder);
  constexpr int64_t share = 10;
  sets.classes = images->classes();
  sets.test = chosen(images, [](int64_t i) { return i % share == share - 1; });
  sets.training = chosen(images, [](int64_t i) { return i % share != share - 1; });
  return sets;
}

}  // namespace

PictureSets open_pictures(const std::string& folder, bool with_training) {
  const fs::path root(folder);
  if (!fs::is_directory(root)) throw IOError("there is no folder " + folder);
  const auto has = [&](const char* name) { return fs::exists(root / name); };
  if (has("t10k-images-idx3-ubyte") || has("t10k-images-idx3-ubyte.gz"))
    return of_idx_files(folder, with_training);
  const Shape small = {3, 32, 32};
  if (has("test_batch.bin"))
    return known<data::CIFAR10>(
        folder, with_training,
        described("CIFAR-10", small, {0.4914, 0.4822, 0.4465}, {0.2470, 0.2435, 0.2616}));
  if (has("test.bin"))
    return known<data::CIFAR100>(
        folder, with_training,
        described("CIFAR-100", small, {0.5071, 0.4865, 0.4409}, {0.2673, 0.2564, 0.2762}));
  return of_photographs(folder, with_training);
}

}  // namespace rw::cli
