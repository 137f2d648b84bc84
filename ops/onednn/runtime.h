#pragma once
// oneDNN as the sources of this folder use it. Not for others: it brings in dnnl.hpp.

#include <initializer_list>
#include <string>
#include <vector>

#include <rewind/ops/onednn/cache.h>
#include <rewind/ops/onednn/compat.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dtype.h>
#include <rewind/tensor/shape.h>

namespace rw::onednn {

/// Threads that a primitive made now would be made for: part of every key.
int threads();

dnnl::memory::data_type data_type(DType dtype);
dnnl::memory::desc describe(DType dtype, const Shape& shape, const Strides& strides);
dnnl::memory::desc describe(DType dtype, const Shape& shape, dnnl::memory::format_tag tag);

/// Attributes that all our primitives share: the scratchpad is given by us.
dnnl::primitive_attr attributes();

/// A primitive with everything that it needs to run but the buffers. For the thread that made it.
class Primitive {
 public:
  struct Argument {
    int id;  // DNNL_ARG_…
    dnnl::memory::desc desc;
  };

  /// A plain buffer, or a memory object of the argument's layout.
  struct Operand {
    Operand(const void* b) : buffer(b) {}
    Operand(const dnnl::memory& m) : memory(m.get()) {}
    const void* buffer = nullptr;
    dnnl_memory_t memory = nullptr;
  };

  Primitive(const dnnl::primitive_desc_base& desc, std::initializer_list<Argument> arguments);

  /// Runs over one operand for each argument, in their order.
  void run(std::initializer_list<Operand> operands);

 private:
  struct Bound {
    dnnl::memory memory;
    const void* buffer = nullptr;  // what the memory object points to
  };
  void bind(size_t argument, const Operand& operand);

  dnnl::primitive primitive_;
  std::vector<Bound> bound_;  // by argument; the scratchpad last
  std::vector<dnnl_exec_arg_t> arguments_;
  size_t scratchpad_bytes_;
};

/// make(), and where oneDNN throws, an Error that says what it was asked for: describe() names the
/// op and the shapes.
template <class Make, class Describe>
auto or_explain(Make&& make, Describe&& describe) {
  try {
    return make();
  } catch (const dnnl::error& e) {
    fail("{}: oneDNN failed: {}", describe(), e.message);
  }
}

}  // namespace rw::onednn
