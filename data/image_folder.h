#pragma once

#include <string>
#include <utility>
#include <vector>

#include <rewind/data/dataset.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Pictures in folders, one for each class: `train/cat/1.jpg`, `train/dog/more/x.png`. Classes are
/// numbered by their names in order, pictures come class by class, by folder and name. Link
/// rewind::images.
class ImageFolder {
 public:
  /// Looks for files, of which only the names are read: .jpg, .jpeg and .png, in capitals as well,
  /// in any depth. Files of other formats that torchvision takes for pictures (.bmp, .webp, …) are
  /// refused, and what is no picture is left out. Throws IOError where there are no classes, or a
  /// class is without pictures.
  explicit ImageFolder(const std::string& folder);

  /// The number of pictures.
  int64_t size() const { return static_cast<int64_t>(samples_.size()); }
  /// What each label stands for: the names of the folders.
  const std::vector<std::string>& classes() const { return classes_; }
  /// Files and their labels.
  const std::vector<std::pair<std::string, int64_t>>& samples() const { return samples_; }
  /// Decodes a picture, uint8 [3, H, W], with its label, of rank 0. Grey becomes three equal
  /// channels, alpha is left out. Throws IOError where the file can't be read.
  Batch get(int64_t index) const;

 private:
  std::vector<std::string> classes_;
  std::vector<std::pair<std::string, int64_t>> samples_;
};

}  // namespace rw::data

#pragma GCC visibility pop
