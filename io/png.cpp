#include <rewind/io/png.h>

#include <png.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include <rewind/io/file.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw::io {

namespace {

// libpng leaves by longjmp where it fails: into the functions of the reader that begin with
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

}  // namespace

Tensor decode_png(std::string_view bytes) { return decode("decode_png", "the data", bytes); }

Tensor read_png(const std::string& path) {
  return decode("read_png", path, read_file("read_png", path));
}

}  // namespace rw::io
