#include <rewind/data/cifar.h>

#include <cstring>

#include <rewind/data/source_files.h>
#include <rewind/io/file.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::data {

namespace detail {

// What is in the files: for each image some labels of a byte each, then its pixels.
struct CIFARRecords {
  Tensor images;               // [N, 3, 32, 32]
  std::vector<Tensor> labels;  // each [N]
};

}  // namespace detail

namespace {

using Records = detail::CIFARRecords;

constexpr int64_t channels = 3, side = 32, pixels = channels * side * side;

Records read(const detail::Source& source, const std::string& folder,
             const std::vector<std::string>& files, const std::vector<int64_t>& label_counts) {
  const auto n_labels = static_cast<int64_t>(label_counts.size());
  const int64_t record = n_labels + pixels;
  std::string all;
  for (const std::string& name : files) {
    const std::string path = detail::find_file(source, folder, name);
    const std::string content = io::read_file(source.name, path);
    const auto bytes = static_cast<int64_t>(content.size());
    check<IOError>(bytes > 0 && bytes % record == 0,
                   "{}: {} is truncated: expected records of {} bytes each, got {} bytes, where "
                   "record {} ends after {} bytes",
                   source.name, path, record, bytes, bytes / record, bytes % record);
    for (int64_t at = 0; at < bytes; at += record)
      for (int64_t l = 0; l < n_labels; ++l) {
        const int64_t label = static_cast<unsigned char>(content[static_cast<size_t>(at + l)]);
        const int64_t count = label_counts[static_cast<size_t>(l)];
        check<IOError>(label < count,
                       "{}: {} is damaged: expected a label from 0 to {} at byte {}, got {}",
                       source.name, path, count - 1, at + l, label);
      }
    all += content;
  }
  const int64_t n = static_cast<int64_t>(all.size()) / record;
  Records out{empty({n, channels, side, side}, uint8), {}};
  for (int64_t l = 0; l < n_labels; ++l) out.labels.push_back(empty({n}, int64));
  auto* to = out.images.data<uint8_t>();
  for (int64_t i = 0; i < n; ++i) {
    const char* from = all.data() + i * record;
    for (Tensor& labels : out.labels)
      labels.data<int64_t>()[i] = static_cast<unsigned char>(*from++);
    std::memcpy(to + i * pixels, from, static_cast<size_t>(pixels));
  }
  return out;
}

detail::Source source_of(const char* name, const char* archive, const char* md5,
                         const char* files) {
  return {name, fmt::format("name the folder that has it, or put there {} of the archive "
                            "https://www.cs.toronto.edu/~kriz/{} (MD5 {})",
                            files, archive, md5)};
}

ImageDataset load_cifar10(const std::string& folder, bool train) {
  const auto source =
      source_of("CIFAR10", "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530",
                "data_batch_1.bin to data_batch_5.bin and test_batch.bin");
  std::vector<std::string> files = {"test_batch.bin"};
  if (train) {
    files.clear();
    for (int i = 1; i <= 5; ++i) files.push_back(fmt::format("data_batch_{}.bin", i));
  }
  const Records records = read(source, folder, files, {10});
  return {
      records.images,
      records.labels[0],
      {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}};
}

const std::vector<std::string> fine_classes = {
    "apple",       "aquarium_fish", "baby",      "bear",       "beaver",       "bed",
    "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
    "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
    "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
    "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
    "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
    "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn_mower",
    "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple_tree",
    "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak_tree",     "orange",
    "orchid",      "otter",         "palm_tree", "pear",       "pickup_truck", "pine_tree",
    "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
    "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
    "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
    "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet_pepper",
    "table",       "tank",          "telephone", "television", "tiger",        "tractor",
    "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
    "willow_tree", "wolf",          "woman",     "worm"};

}  // namespace

CIFAR10::CIFAR10(const std::string& folder, bool train)
    : ImageDataset(load_cifar10(folder, train)) {}

struct CIFAR100::Content : detail::CIFARRecords {};

CIFAR100::CIFAR100(const std::string& folder, bool train)
    : CIFAR100(Content{read(source_of("CIFAR100", "cifar-100-binary.tar.gz",
                                      "03b5dce01913d631647c71ecec9e9cb8", "train.bin and test.bin"),
                            folder, {train ? "train.bin" : "test.bin"}, {20, 100})}) {}

CIFAR100::CIFAR100(const Content& content)
    : ImageDataset(content.images, content.labels[1], fine_classes),
      coarse_labels_(content.labels[0]) {}

const std::vector<std::string>& CIFAR100::coarse_classes() {
  static const std::vector<std::string> classes = {"aquatic_mammals",
                                                   "fish",
                                                   "flowers",
                                                   "food_containers",
                                                   "fruit_and_vegetables",
                                                   "household_electrical_devices",
                                                   "household_furniture",
                                                   "insects",
                                                   "large_carnivores",
                                                   "large_man-made_outdoor_things",
                                                   "large_natural_outdoor_scenes",
                                                   "large_omnivores_and_herbivores",
                                                   "medium_mammals",
                                                   "non-insect_invertebrates",
                                                   "people",
                                                   "reptiles",
                                                   "small_mammals",
                                                   "trees",
                                                   "vehicles_1",
                                                   "vehicles_2"};
  return classes;
}

}  // namespace rw::data
