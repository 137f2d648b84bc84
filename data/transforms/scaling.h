#pragma once

#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data::transforms {

namespace functional {

/// An image of another dtype. With `scale` the range goes along: integers have theirs from 0 to
/// their greatest number, floating types from 0 to 1. Throws DTypeError where float32 is to be
/// scaled to int32 or int64, or float64 to int64: they do not hold what would be its greatest.
Tensor to_dtype(const Tensor& x, DType dtype = float32, bool scale = false);
/// to_dtype with `scale`.
Tensor convert_image_dtype(const Tensor& x, DType dtype = float32);
/// (x - mean) / std, with one number for each channel or one for all, of float32 or float64 (other
/// floating types are refused). Throws Error for a std of 0.
Tensor normalize(const Tensor& x, const std::vector<double>& mean, const std::vector<double>& std);

}  // namespace functional

/// What ToDtype takes by name.
struct ToDtypeOptions {
  bool scale = false;  ///< the range as well
};
/// Images of another dtype: functional::to_dtype.
class ToDtype {
 public:
  /// `ToDtype(float32, {.scale = true})` is what becomes of bytes.
  explicit ToDtype(DType dtype, const ToDtypeOptions& options = {})
      : dtype_(dtype), options_(options) {}
  /// Of an image.
  Tensor operator()(const Tensor& x) const {
    return functional::to_dtype(x, dtype_, options_.scale);
  }

 private:
  DType dtype_;
  ToDtypeOptions options_;
};

/// functional::convert_image_dtype as a class.
class ConvertImageDtype {
 public:
  /// The dtype of results.
  explicit ConvertImageDtype(DType dtype = float32) : dtype_(dtype) {}
  /// Of an image.
  Tensor operator()(const Tensor& x) const { return functional::convert_image_dtype(x, dtype_); }

 private:
  DType dtype_;
};

/// (x - mean) / std for each channel: functional::normalize.
class Normalize {
 public:
  /// One number for each channel, or one for all. Throws Error for a std of 0.
  Normalize(std::vector<double> mean, std::vector<double> std);
  /// Of an image.
  Tensor operator()(const Tensor& x) const { return functional::normalize(x, mean_, std_); }

 private:
  std::vector<double> mean_, std_;
};

}  // namespace rw::data::transforms

#pragma GCC visibility pop
