#pragma once

#include <optional>
#include <vector>

#include <rewind/onednn/runtime.h>

namespace rw::onednn {

/// Moves weights between strided memory and the layout that a primitive asked for: by oneDNN's
/// reorder where weights are dense and fill their blocks, by our own loop where they do not. (The
/// reorders of 3.7 lose elements where both channel dimensions are padded: oneDNN issue 3280.)
class Relayout {
 public:
  static Relayout pack(DType dtype, const Shape& shape, const Strides& from,
                       const dnnl::memory::desc& to);
  /// To row-major memory.
  static Relayout unpack(DType dtype, const Shape& shape, const dnnl::memory::desc& from);

  void run(const void* from, void* to);

 private:
  // Where elements lie: the offset of a filter and one within it.
  struct Offsets {
    std::vector<int64_t> filters, within;
  };
  // A vector of offsets by index, for each dimension.
  using Tables = std::vector<std::vector<int64_t>>;

  static Tables tables(const Shape& shape, const Strides& strides);
  static Tables tables(const Shape& shape, const dnnl::memory::desc& blocked);
  static Offsets combine(const Tables& tables);
  template <class T>
  void move(const T* from, T* to) const;

  std::optional<Primitive> reorder_;
  DType dtype_ = DType::float32;
  Offsets from_, to_;
  size_t clear_ = 0;  // bytes of the result that have to be zero first: it has padding
};

}  // namespace rw::onednn
