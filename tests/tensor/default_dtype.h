#pragma once

#include <rewind/tensor/dtype.h>

namespace rw::test {

/// Another default dtype until the end of the scope.
class DefaultDType {
 public:
  [[nodiscard]] explicit DefaultDType(DType dtype) : before_(get_default_dtype()) {
    set_default_dtype(dtype);
  }
  ~DefaultDType() { set_default_dtype(before_); }
  DefaultDType(const DefaultDType&) = delete;
  DefaultDType& operator=(const DefaultDType&) = delete;

 private:
  DType before_;
};

}  // namespace rw::test
