#pragma once
// oneDNN as the sources of this folder use it. Not for others: it brings in dnnl.hpp.

#include <initializer_list>
#include <string>
#include <vector>

#include <rewind/onednn/cache.h>
#include <rewind/onednn/compat.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/dtype.h>
#include <rewind/tensor/profile_scope.h>
#include <rewind/tensor/shape.h>

namespace rw::onednn {

/// The threads that oneDNN may use, until the end of the scope, for so many multiplications: one
/// where sharing them out would take longer than doing them, or where results must not depend on
/// threads. A primitive is made for a number of
/// threads, so `count` is part of every key.
class Threads {
 public:
  explicit Threads(int64_t multiplications);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  int count() const { return count_; }

 private:
  int before_;
  int count_;
};

dnnl::memory::data_type data_type(DType dtype);
dnnl::memory::desc describe(DType dtype, const Shape& shape, const Strides& strides);
dnnl::memory::desc describe(DType dtype, const Shape& shape, dnnl::memory::format_tag tag);

/// Attributes that all our primitives share: the scratchpad is given by us.
dnnl::primitive_attr attributes();

/// Memory of our allocator until the end of the scope.
class Scratchpad {
 public:
  explicit Scratchpad(size_t bytes)
      : bytes_(bytes), data_(bytes ? detail::allocate(bytes) : nullptr) {}
  ~Scratchpad() {
    if (data_) detail::deallocate(data_, bytes_);
  }
  Scratchpad(const Scratchpad&) = delete;
  Scratchpad& operator=(const Scratchpad&) = delete;
  void* data() const { return data_; }

 private:
  size_t bytes_;
  void* data_;
};

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
  void report() const;

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
