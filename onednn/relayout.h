#pragma once

#include <optional>
#include <vector>

#include <rewind/onednn/runtime.h>

namespace rw::onednn {

/// Moves weights between strided memory and the layout that a primitive asked for: by oneDNN's
/// reorder where weights are dense and fill their blocks, by our own copies where they do not. (The
/// reorders of oneDNN 3.7 lose elements where both channel dimensions are padded.)
class Relayout {
 public:
  static Relayout pack(DType dtype, const Shape& shape, const Strides& from,
                       const dnnl::memory::desc& to);
  /// To row-major memory.
  static Relayout unpack(DType dtype, const Shape& shape, const dnnl::memory::desc& from);

  void run(const void* from, void* to);

 private:
  // A box of elements, evenly strided on both sides.
  struct Part {
    Shape shape;
    Strides from, to;
    int64_t from_offset, to_offset;
  };

  static std::vector<Part> parts(const Shape& shape, const Strides& strided,
                                 const dnnl::memory::desc& blocked);

  std::optional<Primitive> reorder_;
  DType dtype_ = DType::float32;
  std::vector<Part> parts_;
  size_t clear_ = 0;  // bytes of the result that have to be zero first: it has padding
};

}  // namespace rw::onednn
