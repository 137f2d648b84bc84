#pragma once

#include <string>

#include <rewind/data/images.h>

#pragma GCC visibility push(default)

// The data sets in MNIST's format. Nothing is downloaded: where a file is missing, the error says
// where it comes from and what its checksum is.

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

/// Ten cursive Japanese characters in the same format, sizes and files (Clanuwat et al., "Deep
/// learning for classical Japanese literature", 2018).
class KMNIST : public ImageDataset {
 public:
  /// What there is to train on, or to test.
  explicit KMNIST(const std::string& folder, bool train = true);
};

/// Handwritten letters and digits of NIST's special database 19, 28 x 28 (Cohen et al., "EMNIST:
/// extending MNIST to handwritten letters", 2017), as torchvision has them: images are the files',
/// which lie on their side (`transposed()` puts them upright), and the labels of the split
/// "letters" begin at 1, where class 0 is "N/A".
///
/// Reads `emnist-letters-train-images-idx3-ubyte` and `emnist-letters-train-labels-idx1-ubyte`, or
/// those of another split or `test`, each plain or with the ending .gz.
class EMNIST : public ImageDataset {
 public:
  /// The split is "byclass", "bymerge", "balanced", "letters", "digits" or "mnist". What there is
  /// to train on, or to test.
  EMNIST(const std::string& folder, const std::string& split, bool train = true);
};

}  // namespace rw::data

#pragma GCC visibility pop
