#include <rewind/io/png.h>

#include <png.h>

#include <csetjmp>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/file.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::io {

namespace {

// libpng leaves by longjmp where it fails: into the functions of these classes that begin with
// setjmp, which therefore have no local objects.
struct Failure {
  char text[128] = "";

  [[noreturn]] static void note(png_structp png, png_const_charp text) {
    auto* failure = static_cast<Failure*>(png_get_error_ptr(png));
    std::strncpy(failure->text, text, sizeof failure->text - 1);
    png_longjmp(png, 1);
  }
  static void ignore(png_structp, png_const_charp) {}
};

class Reader {
 public:
  explicit Reader(std::string_view bytes)
      : bytes_(bytes),
        png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure_, Failure::note,
                                    Failure::ignore)),
        info_(png_ ? png_create_info_struct(png_) : nullptr) {}
  Reader(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  // False where it fails, as `failure` tells.
  bool read_header() {
    if (!info_) return false;
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_read_fn(png_, this, take);
    png_read_info(png_, info_);
    file_row_ = png_get_rowbytes(png_, info_);
    png_set_expand(png_);
    png_set_strip_16(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  bool read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  const char* failure() const { return info_ ? failure_.text : "out of memory"; }
  int64_t height() const { return png_get_image_height(png_, info_); }
  int64_t width() const { return png_get_image_width(png_, info_); }
  int64_t channels() const { return png_get_channels(png_, info_); }
  // Bytes that a row takes in the file, before compression.
  size_t file_row() const { return file_row_ + 1; }

 private:
  static void take(png_structp png, png_bytep out, size_t count) {
    auto* self = static_cast<Reader*>(png_get_io_ptr(png));
    if (count > self->bytes_.size() - self->at_) png_error(png, "it ends too early");
    std::memcpy(out, self->bytes_.data() + self->at_, count);
    self->at_ += count;
  }

  std::string_view bytes_;
  size_t at_ = 0, file_row_ = 0;
  Failure failure_;
  png_structp png_;
  png_infop info_;
};

class Writer {
 public:
  Writer()
      : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure_, Failure::note,
                                     Failure::ignore)),
        info_(png_ ? png_create_info_struct(png_) : nullptr) {}
  Writer(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png_, &info_); }

  bool write(int64_t height, int64_t width, int64_t channels, png_bytepp rows) {
    static constexpr int color_types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                          PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    if (!info_) return false;
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_write_fn(png_, &content_, put, nullptr);
    png_set_compression_level(png_, 9);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 8,
                 color_types[channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    png_write_image(png_, rows);
    png_write_end(png_, nullptr);
    return true;
  }

  const char* failure() const { return info_ ? failure_.text : "out of memory"; }
  std::string take_content() { return std::move(content_); }

 private:
  static void put(png_structp png, png_bytep bytes, size_t count) {
    bool ok = true;
    try {
      static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(bytes), count);
    } catch (const std::bad_alloc&) {
      ok = false;
    }
    if (!ok) png_error(png, "out of memory");
  }

  std::string content_;
  Failure failure_;
  png_structp png_;
  png_infop info_;
};

// Where the rows of a picture [H, W, C] begin.
std::vector<png_bytep> rows_of(const Tensor& picture) {
  std::vector<png_bytep> rows(static_cast<size_t>(picture.size(0)));
  auto* at = picture.data<uint8_t>();
  for (png_bytep& row : rows) {
    row = at;
    at += picture.size(1) * picture.size(2);
  }
  return rows;
}

Tensor as_bytes(const Tensor& image) {
  if (image.dtype() == uint8) return image;
  const Tensor numbers = image.to(float64);
  return (numbers.masked_fill(numbers.isnan(), 0).clamp(0, 1) * 255).round().to(uint8);
}

// `what` is the file or "the data", for messages.
Tensor decode(const char* op, const std::string& what, std::string_view bytes) {
  const auto* start = reinterpret_cast<png_const_bytep>(bytes.data());
  check<IOError>(bytes.size() >= 8 && png_sig_cmp(start, 0, 8) == 0, "{}: {} is no PNG file", op,
                 what);
  Reader reader(bytes);
  check<IOError>(reader.read_header(), "{}: {} is damaged: {}", op, what, reader.failure());
  // No more than deflate can make of these bytes: a false size costs no memory.
  constexpr size_t most_per_byte = 1032;
  check<IOError>(
      static_cast<size_t>(reader.height()) <= bytes.size() * most_per_byte / reader.file_row(),
      "{}: {} is damaged: {} bytes can't hold a picture of {} x {}", op, what, bytes.size(),
      reader.width(), reader.height());
  const Tensor picture = empty({reader.height(), reader.width(), reader.channels()}, uint8);
  check<IOError>(reader.read_rows(rows_of(picture).data()), "{}: {} is damaged: {}", op, what,
                 reader.failure());
  return picture.permute({2, 0, 1}).contiguous();
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
  Writer writer;
  check<IOError>(writer.write(picture.size(0), picture.size(1), channels, rows_of(picture).data()),
                 "{}: a picture of shape {} can't be encoded: {}", op, image.shape(),
                 writer.failure());
  return writer.take_content();
}

}  // namespace

Tensor decode_png(std::string_view bytes) { return decode("decode_png", "the data", bytes); }

std::string encode_png(const Tensor& image) { return encode("encode_png", image); }

Tensor read_png(const std::string& path) {
  return decode("read_png", path, read_file("read_png", path));
}

void write_png(const std::string& path, const Tensor& image) {
  write_file("write_png", path, encode("write_png", image));
}

}  // namespace rw::io
