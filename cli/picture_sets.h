#pragma once
// Data sets by what is in a folder.

#include <functional>
#include <string>
#include <vector>

#include <rewind/data/dataset.h>
#include <rewind/tensor/shape.h>

namespace rw::cli {

/// Pictures of some kind: a data set whose samples are uint8 [C, H, W] and a label.
class Pictures {
 public:
  Pictures() = default;
  Pictures(int64_t count, std::function<data::Batch(int64_t)> get)
      : count_(count), get_(std::move(get)) {}
  int64_t size() const { return count_; }
  data::Batch get(int64_t i) const { return get_(i); }

 private:
  int64_t count_ = 0;
  std::function<data::Batch(int64_t)> get_;
};

struct PictureSets {
  std::string name;  // "CIFAR-10"
  std::vector<std::string> classes;
  Shape size;  // of pictures, or what is usual for those of many sizes, [C, H, W]
  std::vector<double> mean, std;
  Pictures training, test;
  Pictures validation;     // what the epoch is to be chosen by; often none
  bool may_mirror = true;  // whether a mirrored picture is of the same class
};

/// The data set of a folder, see `rewind train --help`; without what there is to train on unless
/// `with_training`. Throws IOError.
PictureSets open_pictures(const std::string& folder, bool with_training);

}  // namespace rw::cli
