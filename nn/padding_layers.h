#pragma once

#include <vector>

#include <rewind/nn/module.h>
#include <rewind/tensor/padding_mode.h>
#include <rewind/tensor/size.h>

// Layers that pad the last one, two or three dimensions of their input by rw::pad: by one number
// all around, or by {before, after} of the last dimension, then of the one before it, and so on.
// Negative numbers cut off.

#pragma GCC visibility push(default)

namespace rw::nn {

/// What all of them are.
class PaddingLayer : public Module {
 public:
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 protected:
  /// What a layer is: its name, for errors, and how it pads.
  struct Kind {
    const char* layer;         ///< "ReflectionPad2d"
    PaddingMode mode;          ///< what stands beyond the border
    double value = 0;          ///< that, for zeros
    bool shows_value = false;  ///< when printed
  };
  ///@{
  /// By so much.
  PaddingLayer(const Kind& kind, Size<2> padding) : PaddingLayer(kind, numbers(padding)) {}
  PaddingLayer(const Kind& kind, Size<4> padding) : PaddingLayer(kind, numbers(padding)) {}
  PaddingLayer(const Kind& kind, Size<6> padding) : PaddingLayer(kind, numbers(padding)) {}
  ///@}

 private:
  PaddingLayer(const Kind& kind, std::vector<int64_t> padding)
      : kind_(kind), padding_(std::move(padding)) {}
  template <std::size_t N>
  static std::vector<int64_t> numbers(const Size<N>& size) {
    std::vector<int64_t> v;
    for (std::size_t i = 0; i < N; ++i) v.push_back(size[static_cast<int>(i)]);
    return v;
  }

  Kind kind_;
  std::vector<int64_t> padding_;
};

/// With zeros; the last dimension of any tensor.
class ZeroPad1d : public PaddingLayer {
 public:
  /// By so much.
  explicit ZeroPad1d(Size<2> padding) : PaddingLayer({"ZeroPad1d", PaddingMode::zeros}, padding) {}
};

/// With zeros; the last two dimensions of any tensor.
class ZeroPad2d : public PaddingLayer {
 public:
  /// By so much.
  explicit ZeroPad2d(Size<4> padding) : PaddingLayer({"ZeroPad2d", PaddingMode::zeros}, padding) {}
};

/// With zeros; the last three dimensions of any tensor.
class ZeroPad3d : public PaddingLayer {
 public:
  /// By so much.
  explicit ZeroPad3d(Size<6> padding) : PaddingLayer({"ZeroPad3d", PaddingMode::zeros}, padding) {}
};

/// With a value; the last dimension of any tensor.
class ConstantPad1d : public PaddingLayer {
 public:
  /// By so much with this value.
  ConstantPad1d(Size<2> padding, double value)
      : PaddingLayer({"ConstantPad1d", PaddingMode::zeros, value, true}, padding) {}
};

/// With a value; the last two dimensions of any tensor.
class ConstantPad2d : public PaddingLayer {
 public:
  /// By so much with this value.
  ConstantPad2d(Size<4> padding, double value)
      : PaddingLayer({"ConstantPad2d", PaddingMode::zeros, value, true}, padding) {}
};

/// With a value; the last three dimensions of any tensor.
class ConstantPad3d : public PaddingLayer {
 public:
  /// By so much with this value.
  ConstantPad3d(Size<6> padding, double value)
      : PaddingLayer({"ConstantPad3d", PaddingMode::zeros, value, true}, padding) {}
};

/// Mirrored about the border; over sequences [N, C, L] or [C, L].
class ReflectionPad1d : public PaddingLayer {
 public:
  /// By so much.
  explicit ReflectionPad1d(Size<2> padding)
      : PaddingLayer({"ReflectionPad1d", PaddingMode::reflect}, padding) {}
};

/// Mirrored about the border; over images [N, C, H, W] or [C, H, W].
class ReflectionPad2d : public PaddingLayer {
 public:
  /// By so much.
  explicit ReflectionPad2d(Size<4> padding)
      : PaddingLayer({"ReflectionPad2d", PaddingMode::reflect}, padding) {}
};

/// Mirrored about the border; over volumes [N, C, D, H, W] or [C, D, H, W].
class ReflectionPad3d : public PaddingLayer {
 public:
  /// By so much.
  explicit ReflectionPad3d(Size<6> padding)
      : PaddingLayer({"ReflectionPad3d", PaddingMode::reflect}, padding) {}
};

/// With the border, repeated; over sequences [N, C, L] or [C, L].
class ReplicationPad1d : public PaddingLayer {
 public:
  /// By so much.
  explicit ReplicationPad1d(Size<2> padding)
      : PaddingLayer({"ReplicationPad1d", PaddingMode::replicate}, padding) {}
};

/// With the border, repeated; over images [N, C, H, W] or [C, H, W].
class ReplicationPad2d : public PaddingLayer {
 public:
  /// By so much.
  explicit ReplicationPad2d(Size<4> padding)
      : PaddingLayer({"ReplicationPad2d", PaddingMode::replicate}, padding) {}
};

/// With the border, repeated; over volumes [N, C, D, H, W] or [C, D, H, W].
class ReplicationPad3d : public PaddingLayer {
 public:
  /// By so much.
  explicit ReplicationPad3d(Size<6> padding)
      : PaddingLayer({"ReplicationPad3d", PaddingMode::replicate}, padding) {}
};

/// From the opposite side; over sequences [N, C, L] or [C, L].
class CircularPad1d : public PaddingLayer {
 public:
  /// By so much.
  explicit CircularPad1d(Size<2> padding)
      : PaddingLayer({"CircularPad1d", PaddingMode::circular}, padding) {}
};

/// From the opposite side; over images [N, C, H, W] or [C, H, W].
class CircularPad2d : public PaddingLayer {
 public:
  /// By so much.
  explicit CircularPad2d(Size<4> padding)
      : PaddingLayer({"CircularPad2d", PaddingMode::circular}, padding) {}
};

/// From the opposite side; over volumes [N, C, D, H, W] or [C, D, H, W].
class CircularPad3d : public PaddingLayer {
 public:
  /// By so much.
  explicit CircularPad3d(Size<6> padding)
      : PaddingLayer({"CircularPad3d", PaddingMode::circular}, padding) {}
};

}  // namespace rw::nn

#pragma GCC visibility pop
