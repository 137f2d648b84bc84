#pragma once

#include <string>
#include <string_view>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::io {

// Reading takes the library rewind::png, writing only rewind itself.

/// A PNG file as uint8 [C, H, W]: one channel for grey, two with alpha, three for colors, four with
/// alpha. Palettes become colors; of numbers of 16 bits the upper eight are kept, those of 1, 2 and
/// 4 bits are stretched to eight. Throws IOError where the file is missing, damaged or no PNG.
Tensor read_png(const std::string& path);

/// Writes a picture, [H, W] or [C, H, W] with channels as read_png gives them: uint8, or floating
/// from 0 to 1 (what lies outside is clamped, NaN is black). The file is there whole or not at all.
/// Throws ShapeError, DTypeError, and IOError where the file can't be written.
void write_png(const std::string& path, const Tensor& image);

///@{
/// The same from and to the bytes of a file.
Tensor decode_png(std::string_view bytes);
std::string encode_png(const Tensor& image);
///@}

}  // namespace rw::io

#pragma GCC visibility pop
