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

// The last folder of a path in small letters; the one above "raw", which torchvision adds.
std::string name_of(const std::string& folder) {
  fs::path path = fs::absolute(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "a/b/"
  if (path.filename() == "raw") path = path.parent_path();
  std::string name = path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

// Three data sets have files of the same names.
PictureSets of_idx_files(const std::string& folder, bool with_training) {
  const std::string name = name_of(folder);
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

// All pictures of a folder.
Pictures pictures(const Folder& folder) {
  return {folder->size(), [folder](int64_t i) { return folder->get(i); }};
}

// Every tenth picture of each class, or all others.
Pictures tenth(const Folder& folder, bool others) {
  constexpr int64_t share = 10;
  std::vector<int64_t> places, seen(folder->classes().size());
  for (int64_t i = 0; i < folder->size(); ++i) {
    const auto label = static_cast<size_t>(folder->samples()[static_cast<size_t>(i)].second);
    if ((++seen[label] % share != 0) == others) places.push_back(i);
  }
  const auto count = static_cast<int64_t>(places.size());
  return {count, [folder, places = std::move(places)](int64_t i) {
            return folder->get(places.at(static_cast<size_t>(i)));
          }};
}

// Whether there is a folder that has folders, as those of classes.
bool holds_folders(const fs::path& folder) {
  return fs::is_directory(folder) &&
         std::any_of(fs::directory_iterator(folder), fs::directory_iterator(),
                     [](const fs::directory_entry& entry) { return entry.is_directory(); });
}

// Parts have to be of the same classes.
Folder open_part(const fs::path& folder, PictureSets& sets) {
  auto part = std::make_shared<const data::ImageFolder>(folder.string());
  if (sets.classes.empty()) sets.classes = part->classes();
  if (part->classes() != sets.classes)
    throw IOError(fmt::format("the folders in {} are not the classes of the parts beside it",
                              folder.string()));
  return part;
}

PictureSets of_photographs(const std::string& folder, bool with_training) {
  PictureSets sets =
      described("images of " + folder, {3, 224, 224}, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225});
  const fs::path root(folder), train = root / "train", val = root / "val", test = root / "test";
  const bool has_train = fs::is_directory(train), has_val = holds_folders(val),
             has_test = holds_folders(test);
  if (has_val || has_test) {
    sets.test = pictures(open_part(has_test ? test : val, sets));
    if (!with_training) return sets;
    if (!has_train) throw IOError("there is no folder " + train.string());
    sets.training = pictures(open_part(train, sets));
    if (has_val && has_test) sets.validation = pictures(open_part(val, sets));
    return sets;
  }
  const Folder images = open_part(has_train ? train : root, sets);
  sets.test = tenth(images, false);
  sets.training = tenth(images, true);
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
