// Writing needs no libpng, only zlib: whoever writes pictures does without the other library.

#include <zlib.h>

#include <cstdlib>
#include <limits>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/file.h>
#include <rewind/io/png.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

Tensor as_bytes(const Tensor& image) {
  if (image.dtype() == uint8) return image;
  const Tensor numbers = image.to(float64);
  return (numbers.masked_fill(numbers.isnan(), 0).clamp(0, 1) * 255).round().to(uint8);
}

void append_big_endian(std::string& out, size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
}

// A chunk: the length of its content, its type, the content, and a checksum of both.
void append_chunk(std::string& out, const char* type, std::string_view content) {
  append_big_endian(out, content.size());
  const size_t begin = out.size();
  out.append(type, 4).append(content);
  append_big_endian(
      out, crc32_z(0, reinterpret_cast<const Bytef*>(out.data() + begin), out.size() - begin));
}

// What the filters of the standard predict a byte from: those to its left, above, and there left.
int predicted(int filter, int left, int above, int corner) {
  if (filter == 1) return left;
  if (filter == 2) return above;
  if (filter == 3) return (left + above) / 2;
  const int x = std::abs(above - corner), y = std::abs(left - corner);
  const int z = std::abs(left + above - 2 * corner);
  return x <= y && x <= z ? left : y <= z ? above : corner;
}

// One row by one filter, with the filter's number in front. `above` is the row before.
void filter_row(int filter, const uint8_t* row, const uint8_t* above, size_t bytes, size_t pixel,
                std::string& out) {
  out.resize(bytes + 1);
  out[0] = static_cast<char>(filter);
  for (size_t i = 0; i < bytes; ++i) {
    const bool first = i < pixel;
    const int guess = filter == 0 ? 0
                                  : predicted(filter, first ? 0 : row[i - pixel], above[i],
                                              first ? 0 : above[i - pixel]);
    out[i + 1] = static_cast<char>(row[i] - guess);
  }
}

// The sum of a filtered row's bytes as numbers from -128 to 127: the least compresses best.
int64_t cost(const std::string& filtered) {
  int64_t sum = 0;
  for (size_t i = 1; i < filtered.size(); ++i)
    sum += std::abs(static_cast<signed char>(filtered[i]));
  return sum;
}

std::string filtered_rows(const uint8_t* data, size_t rows, size_t bytes, size_t pixel) {
  const std::vector<uint8_t> nothing(bytes);
  std::string out, best, candidate;
  out.reserve(rows * (bytes + 1));
  for (size_t y = 0; y < rows; ++y) {
    const uint8_t *row = data + y * bytes, *above = y ? row - bytes : nothing.data();
    int64_t least = std::numeric_limits<int64_t>::max();
    for (int filter = 0; filter <= 4; ++filter) {
      filter_row(filter, row, above, bytes, pixel, candidate);
      if (const int64_t sum = cost(candidate); sum < least) {
        least = sum;
        best.swap(candidate);
      }
    }
    out += best;
  }
  return out;
}

std::string compressed(const char* op, const std::string& plain) {
  uLongf size = compressBound(plain.size());
  std::string out(size, '\0');
  const int result = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                               reinterpret_cast<const Bytef*>(plain.data()), plain.size(), 9);
  check<IOError>(result == Z_OK, "{}: out of memory", op);
  out.resize(size);
  return out;
}

std::string encode(const char* op, const Tensor& image) {
  const no_grad guard;
  const bool has_channels = image.dim() == 3;
  const int64_t channels = has_channels ? image.size(0) : 1;
  check<ShapeError>((has_channels || image.dim() == 2) && channels <= 4 && image.numel() > 0,
                    "{}: expected a picture [H, W], or [C, H, W] with C from 1 to 4, got shape {}",
                    op, image.shape());
  check<DTypeError>(image.is_floating_point() || image.dtype() == uint8,
                    "{}: expected a floating or uint8 picture, got {}", op, image.dtype());
  const Tensor planes = as_bytes(has_channels ? image : image.unsqueeze(0));
  const Tensor picture = planes.permute({1, 2, 0}).contiguous();
  const auto height = static_cast<size_t>(picture.size(0)),
             width = static_cast<size_t>(picture.size(1)), pixel = static_cast<size_t>(channels);
  // So that a chunk's length, and each side, fits into the 31 bits that the format has for it.
  check<ShapeError>(picture.numel() <= 1 << 30, "{}: a picture of shape {} is too large", op,
                    image.shape());
  constexpr const char* color_types = "\0\4\2\6";  // grey, with alpha, colors, with alpha
  std::string header;
  append_big_endian(header, width);
  append_big_endian(header, height);
  header.append({8, color_types[channels - 1], 0, 0, 0});

  std::string out = "\x89PNG\r\n\x1a\n";
  append_chunk(out, "IHDR", header);
  append_chunk(
      out, "IDAT",
      compressed(op, filtered_rows(picture.data<const uint8_t>(), height, width * pixel, pixel)));
  append_chunk(out, "IEND", "");
  return out;
}

}  // namespace

std::string encode_png(const Tensor& image) { return encode("encode_png", image); }

void write_png(const std::string& path, const Tensor& image) {
  write_file("write_png", path, encode("write_png", image));
}

}  // namespace rw::io
