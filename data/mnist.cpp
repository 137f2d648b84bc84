#include <rewind/data/mnist.h>

#include <string_view>
#include <vector>

#include <rewind/data/idx.h>
#include <rewind/data/source_files.h>
#include <rewind/tensor/check.h>

namespace rw::data {

namespace {

using detail::Source;

// The files that begin with `part`: images and labels that belong together.
ImageDataset load(const Source& source, const std::string& folder, const std::string& part,
                  const std::vector<std::string>& classes) {
  const Tensor images =
      read_idx(detail::find_file_or_gz(source, folder, part + "-images-idx3-ubyte"));
  Tensor labels = read_idx(detail::find_file_or_gz(source, folder, part + "-labels-idx1-ubyte"));
  if (is_integer(labels.dtype())) labels = labels.to(int64);
  try {
    return ImageDataset(images, labels, classes);
  } catch (const Error& e) {
    fail<IOError>("{}: the {} files in {} do not fit: {}", source.name, part, folder, e.what());
  }
}

// Checksums of the compressed files: images and labels to train on, then those to test.
using Checksums = const char* [4];

// What all files are called, and where they are.
struct Origin {
  const char* name;
  const char* url;
  const Checksums& md5;
  std::string advice = {};
};

ImageDataset load(const Origin& origin, const std::string& folder, bool train,
                  const std::vector<std::string>& classes) {
  std::string files;
  const char* const* md5 = origin.md5;
  for (const char* part : {"train", "t10k"})
    for (const char* content : {"images-idx3", "labels-idx1"})
      files += fmt::format("{}{}-{}-ubyte.gz (MD5 {})", files.empty() ? "" : ", ", part, content,
                           *md5++);
  const Source source = {origin.name,
                         fmt::format("{}name the folder that has it, or put there what {} has: {}",
                                     origin.advice, origin.url, files)};
  return load(source, folder, train ? "train" : "t10k", classes);
}

const std::vector<std::string> digits = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

constexpr Checksums mnist_md5 = {
    "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
    "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c"};
constexpr Checksums fashion_md5 = {
    "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
    "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310"};
constexpr Checksums kmnist_md5 = {
    "bdb82020997e1d708af4cf47b453dcf7", "e144d726b3acfaa3e44228e80efcd344",
    "5c965bf0a639b31b8f53240b1b52f4d7", "7320c461ea6c1c855c0b718fb2a4b134"};
// Digits and letters but those left out, in the order of ASCII.
std::vector<std::string> characters_without(std::string_view left_out) {
  std::vector<std::string> all;
  for (char c = '0'; c <= 'z'; ++c) {
    const bool known = (c <= '9') || ('A' <= c && c <= 'Z') || 'a' <= c;
    if (known && left_out.find(c) == std::string_view::npos) all.emplace_back(1, c);
  }
  return all;
}

std::vector<std::string> emnist_classes(const std::string& split) {
  if (split == "byclass") return characters_without("");
  // Whose capitals look the same.
  if (split == "bymerge" || split == "balanced") return characters_without("cijklmopsuvwxyz");
  if (split == "digits" || split == "mnist") return digits;
  check(split == "letters",
        "EMNIST: expected the split byclass, bymerge, balanced, letters, digits or mnist, got {}",
        split);
  std::vector<std::string> classes = {"N/A"};
  for (char c = 'a'; c <= 'z'; ++c) classes.emplace_back(1, c);
  return classes;
}

ImageDataset load_emnist(const std::string& folder, const std::string& split, bool train) {
  const std::vector<std::string> classes = emnist_classes(split);
  const Source source = {
      "EMNIST", fmt::format("name the folder that has it, or put there, of the archive "
                            "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip (MD5 "
                            "58c8d27c78d21e728a6bc7b3cc06412e), emnist-{0}-train-images-idx3-ubyte"
                            ".gz, emnist-{0}-train-labels-idx1-ubyte.gz, emnist-{0}-test-images-"
                            "idx3-ubyte.gz, emnist-{0}-test-labels-idx1-ubyte.gz",
                            split)};
  return load(source, folder, "emnist-" + split + (train ? "-train" : "-test"), classes);
}

}  // namespace

MNIST::MNIST(const std::string& folder, bool train)
    : ImageDataset(load({"MNIST", "https://ossci-datasets.s3.amazonaws.com/mnist/", mnist_md5},
                        folder, train, digits)) {}

FashionMNIST::FashionMNIST(const std::string& folder, bool train)
    : ImageDataset(load(
          {"FashionMNIST", "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
           fashion_md5,
           fmt::format("`apt-get install dataset-fashion-mnist` puts it in {}; ", default_folder)},
          folder, train,
          {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
           "Bag", "Ankle boot"})) {}

KMNIST::KMNIST(const std::string& folder, bool train)
    : ImageDataset(load({"KMNIST", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/", kmnist_md5},
                        folder, train,
                        {"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"})) {}

EMNIST::EMNIST(const std::string& folder, const std::string& split, bool train)
    : ImageDataset(load_emnist(folder, split, train)) {}

}  // namespace rw::data
