#pragma once

#include <string>

#include <rewind/data/images.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Handwritten digits, 28 x 28: 60,000 to train on and 10,000 to test (LeCun et al.,
/// "Gradient-based learning applied to document recognition", 1998).
///
/// Reads `train-images-idx3-ubyte` and `train-labels-idx1-ubyte` (or `t10k-…`) in `folder`, each
/// plain or with the ending .gz. Throws IOError where they are missing or do not fit together.
/// The mean and standard deviation of what there is to train on are 0.1307 and 0.3081.
class MNIST : public ImageDataset {
 public:
  /// What there is to train on, or to test.
  explicit MNIST(const std::string& folder, bool train = true);
};

/// Pictures of clothing in the same format, sizes and files (Xiao et al., "Fashion-MNIST: a novel
/// image dataset for benchmarking machine learning algorithms", 2017).
/// The mean and standard deviation of what there is to train on are 0.2860 and 0.3530.
class FashionMNIST : public ImageDataset {
 public:
  /// Where Debian's package dataset-fashion-mnist puts the files.
  static constexpr const char* default_folder = "/usr/share/datasets/fashion-mnist";

  /// What there is to train on, or to test.
  explicit FashionMNIST(const std::string& folder = default_folder, bool train = true);
};

}  // namespace rw::data

#pragma GCC visibility pop
