#pragma once

#include <string>
#include <vector>

#include <rewind/data/images.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Colour pictures of ten kinds of things, 3 x 32 x 32: 50,000 to train on and 10,000 to test
/// (Krizhevsky, "Learning multiple layers of features from tiny images", 2009).
///
/// Reads `data_batch_1.bin` to `data_batch_5.bin` (or `test_batch.bin`) of the binary version in
/// `folder`; nothing is downloaded. Throws IOError where one is missing, not a whole number of
/// records long, or has a label that is none. The means of what there is to train on are 0.4914,
/// 0.4822, 0.4465 and its standard deviations 0.2470, 0.2435, 0.2616.
class CIFAR10 : public ImageDataset {
 public:
  /// What there is to train on, or to test.
  explicit CIFAR10(const std::string& folder, bool train = true);
};

/// The same of a hundred kinds, in twenty groups. Reads `train.bin` (or `test.bin`) of the binary
/// version. The means of what there is to train on are 0.5071, 0.4865, 0.4409 and its standard
/// deviations 0.2673, 0.2564, 0.2762.
class CIFAR100 : public ImageDataset {
 public:
  /// What there is to train on, or to test. Labels are the kinds ("fine").
  explicit CIFAR100(const std::string& folder, bool train = true);

  /// The same images with the groups as their labels.
  ImageDataset coarse() const { return {images(), coarse_labels_, coarse_classes()}; }
  /// The group of each image, int64 [N].
  const Tensor& coarse_labels() const { return coarse_labels_; }
  /// What each group's label stands for.
  static const std::vector<std::string>& coarse_classes();

 private:
  struct Content;
  explicit CIFAR100(const Content& content);
  Tensor coarse_labels_;
};

}  // namespace rw::data

#pragma GCC visibility pop
