#pragma once

#include <string>
#include <string_view>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::io {

/// A JPEG file as uint8 [C, H, W]: one channel for grey, three for colors (those of print are
/// converted), decoded as libjpeg does by default: the exact inverse transform ("islow"), chroma
/// smoothly upsampled. Throws IOError where the file is missing, ends too early, is no JPEG, or has
/// headers that make no sense; damage within the compressed picture has no checksum and gives wrong
/// pixels, as in Pillow. The orientation that a camera notes down is not looked at.
Tensor read_jpeg(const std::string& path);
/// The same of the bytes of a file.
Tensor decode_jpeg(std::string_view bytes);

/// A JPEG or PNG file, told apart by its first bytes, as read_jpeg or read_png gives it.
Tensor read_image(const std::string& path);
/// The same of the bytes of a file.
Tensor decode_image(std::string_view bytes);

}  // namespace rw::io

#pragma GCC visibility pop
