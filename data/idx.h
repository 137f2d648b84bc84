#pragma once

#include <string>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// Reads a file in the IDX format of the MNIST family (http://yann.lecun.com/exdb/mnist), plain or
/// compressed by gzip. Elements come as uint8, int8, int16, int32, float32 or float64.
/// Throws IOError for a file that is missing, damaged or not exactly as long as its header says.
/// Memory is taken for what the file holds, never for what it merely claims.
Tensor read_idx(const std::string& path);

}  // namespace rw::data

#pragma GCC visibility pop
