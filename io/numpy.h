#pragma once

#include <string>

#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::io {

/// The array of a .npy file
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html) of version 1 to 3. It
/// is the file's memory, of which only what is used is read from the disk; to write into it changes
/// a copy and never the file. bools, and numbers in the other byte order, are copied. One in
/// Fortran order has the strides of that. Throws IOError for what the format does not ask for,
/// bytes after the numbers, more than 16 dimensions, and numbers of a type that there is not here,
/// such as unsigned ones of 16 bits, complex numbers, texts, objects (which are pickled) and
/// structures.
Tensor load_npy(const std::string& path);
/// Writes a tensor bit for bit as `numpy.save` does, in Fortran order where it lies so. The file is
/// there whole or not at all, see `save`. Throws DTypeError for bfloat16, which NumPy has not,
/// IOError where the file can't be written.
void save_npy(const Tensor& t, const std::string& path);

/// The arrays of a .npz file by their names, in the file's order: see load_npy. Compressed ones are
/// read as well. Every checksum is checked.
StateDict load_npz(const std::string& path);
/// Writes tensors by their names, in this order and without compression, as `numpy.savez` does, but
/// each beginning at a multiple of 64 bytes. Throws as save_npy does, and Error for tensors that
/// are undefined and for names that are there twice, longer than 32,000 bytes or no UTF-8.
void save_npz(const NamedTensors& tensors, const std::string& path);

}  // namespace rw::io

#pragma GCC visibility pop
