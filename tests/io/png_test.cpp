#include <rewind/io/png.h>

#include <zlib.h>

#include <random>
#include <thread>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using namespace rw::io;
using boost::test_tools::per_element;
using rw::test::Folder;
using rw::test::saying;

namespace {

std::string big_endian(uint32_t value) {
  std::string s;
  for (int shift = 24; shift >= 0; shift -= 8) s += static_cast<char>(value >> shift);
  return s;
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string sum_of = type + data;
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(sum_of.data()), static_cast<uInt>(sum_of.size()));
  return big_endian(static_cast<uint32_t>(data.size())) + sum_of +
         big_endian(static_cast<uint32_t>(sum));
}

std::string compressed(const std::string& plain) {
  uLongf size = compressBound(plain.size());
  std::string out(size, '\0');
  BOOST_REQUIRE(compress(reinterpret_cast<Bytef*>(out.data()), &size,
                         reinterpret_cast<const Bytef*>(plain.data()), plain.size()) == Z_OK);
  out.resize(size);
  return out;
}

// A file by the standard: `rows` holds each row with its filter byte in front.
struct Png {
  uint32_t width, height;
  char depth, color_type;
  std::string rows;
  std::string before_rows = "";  // further chunks
  char interlaced = 0;

  operator std::string() const {
    const std::string header =
        big_endian(width) + big_endian(height) + depth + color_type + std::string{0, 0, interlaced};
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + before_rows +
           chunk("IDAT", compressed(rows)) + chunk("IEND", "");
  }
};

std::string bytes(std::initializer_list<int> values) {
  std::string s;
  for (const int v : values) s += static_cast<char>(v);
  return s;
}

void check_picture(const std::string& file, const Shape& shape, const std::vector<int>& expected) {
  const Tensor picture = decode_png(file);
  BOOST_TEST((picture.shape() == shape));
  BOOST_TEST((picture.dtype() == uint8));
  BOOST_TEST(picture.is_contiguous());
  BOOST_TEST(picture.to_vector<int>() == expected, per_element());
}

constexpr char grey = 0, rgb = 2, palette = 3, grey_alpha = 4, rgba = 6;

}  // namespace

BOOST_AUTO_TEST_SUITE(png)

BOOST_AUTO_TEST_CASE(kinds_of_pixels) {
  check_picture(Png{2, 1, 8, grey, bytes({0, 10, 200})}, {1, 1, 2}, {10, 200});
  check_picture(Png{2, 1, 8, grey_alpha, bytes({0, 10, 255, 200, 128})}, {2, 1, 2},
                {10, 200, 255, 128});
  check_picture(Png{1, 2, 8, rgb, bytes({0, 1, 2, 3, 0, 4, 5, 6})}, {3, 2, 1}, {1, 4, 2, 5, 3, 6});
  check_picture(Png{1, 1, 8, rgba, bytes({0, 1, 2, 3, 4})}, {4, 1, 1}, {1, 2, 3, 4});
}

BOOST_AUTO_TEST_CASE(bits_become_bytes) {
  check_picture(Png{8, 1, 1, grey, bytes({0, 0b10100000})}, {1, 1, 8},
                {255, 0, 255, 0, 0, 0, 0, 0});
  check_picture(Png{4, 1, 2, grey, bytes({0, 0b00011011})}, {1, 1, 4}, {0, 85, 170, 255});
  check_picture(Png{2, 1, 4, grey, bytes({0, 0x1f})}, {1, 1, 2}, {17, 255});
  check_picture(Png{1, 1, 16, grey, bytes({0, 0x12, 0xff})}, {1, 1, 1}, {0x12});
  check_picture(Png{1, 1, 16, rgb, bytes({0, 1, 2, 3, 4, 5, 6})}, {3, 1, 1}, {1, 3, 5});
}

BOOST_AUTO_TEST_CASE(palettes_and_transparent_colors) {
  const std::string colors = chunk("PLTE", bytes({1, 2, 3, 40, 50, 60}));
  check_picture(Png{3, 1, 8, palette, bytes({0, 1, 0, 1}), colors}, {3, 1, 3},
                {40, 1, 40, 50, 2, 50, 60, 3, 60});
  check_picture(Png{2, 1, 8, palette, bytes({0, 1, 0}), colors + chunk("tRNS", bytes({7}))},
                {4, 1, 2}, {40, 1, 50, 2, 60, 3, 255, 7});
  check_picture(Png{2, 1, 8, grey, bytes({0, 9, 8}), chunk("tRNS", bytes({0, 9}))}, {2, 1, 2},
                {9, 8, 0, 255});
}

BOOST_AUTO_TEST_CASE(interlaced) {
  // The seven passes of 3 x 2 pixels have 1, 0, 0, 1, 0, 1 and 3 pixels.
  check_picture(Png{3, 2, 8, grey, bytes({0, 1, 0, 3, 0, 2, 0, 4, 5, 6}), "", 1}, {1, 2, 3},
                {1, 2, 3, 4, 5, 6});
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  const Folder folder;
  const std::string path = folder.path / "picture.png";
  for (const int64_t channels : {1, 2, 3, 4}) {
    const Tensor picture = (rand({channels, 5, 7}) * 255).round().to(uint8);
    write_png(path, picture);
    BOOST_TEST(read_png(path).equal(picture));
    BOOST_TEST(decode_png(encode_png(picture)).equal(picture));
    write_png(path, picture.to(float64) / 255);
    BOOST_TEST(read_png(path).equal(picture));
  }
  const Tensor turned = (rand({9, 4}) * 255).to(uint8).t();
  write_png(path, turned);
  BOOST_TEST(read_png(path)[0].equal(turned));
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path))
    files += entry.exists();
  BOOST_TEST(files == 1);
}

BOOST_AUTO_TEST_CASE(what_was_there) {
  namespace fs = std::filesystem;
  const Folder folder;
  const Tensor picture = full({2, 2}, 7, uint8);
  // Links stay links, and files keep their rights.
  const fs::path real = folder.write("real.png", "old"), link = folder.path / "link.png";
  fs::create_symlink(real, link);
  fs::permissions(real, fs::perms::owner_read | fs::perms::owner_write);
  write_png(link, picture);
  BOOST_TEST(fs::is_symlink(link));
  BOOST_TEST(read_png(real)[0].equal(picture));
  BOOST_TEST((fs::status(real).permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
  // A device is written to; a folder is not.
  write_png("/dev/null", picture);
  BOOST_TEST(fs::is_character_file("/dev/null"));
  BOOST_CHECK_EXCEPTION(write_png(folder.path, picture), IOError, saying("Is a directory"));
  // Names may be as long as the system allows.
  const std::string long_name = folder.path / (std::string(251, 'a') + ".png");
  write_png(long_name, picture);
  BOOST_TEST(read_png(long_name)[0].equal(picture));
}

BOOST_AUTO_TEST_CASE(several_writers_of_one_file) {
  const Folder folder;
  const std::string path = folder.path / "a.png";
  write_png(path, zeros({64, 64}));
  std::vector<std::jthread> writers;
  for (int k = 0; k < 3; ++k)
    writers.emplace_back([&, k] {
      for (int i = 0; i < 40; ++i) write_png(path, full({64, 64}, k / 4.0));
    });
  for (int i = 0; i < 100; ++i) BOOST_TEST(read_png(path).numel() == 64 * 64);
}

BOOST_AUTO_TEST_CASE(numbers_become_bytes) {
  const Tensor numbers = from({-1.0, 0.0, 0.5, 1.0, 7.0, std::nan(""), INFINITY, 1e-3});
  const std::vector<int> expected = {0, 0, 128, 255, 255, 0, 255, 0};
  for (const DType dtype : {float32, float64, bfloat16, float16})
    BOOST_TEST(decode_png(encode_png(numbers.to(dtype).view({1, 8}))).to_vector<int>() == expected,
               per_element());
}

BOOST_AUTO_TEST_CASE(pictures_on_the_tape) {
  const Tensor x = rand({4, 4}).requires_grad_();
  BOOST_TEST(decode_png(encode_png(x * 1)).numel() == 16);
}

BOOST_AUTO_TEST_CASE(not_pictures) {
  BOOST_CHECK_EXCEPTION(encode_png(zeros({5, 2, 2})), ShapeError,
                        saying("encode_png: expected a picture [H, W], or [C, H, W] with C from 1 "
                               "to 4, got shape [5, 2, 2]"));
  BOOST_CHECK_EXCEPTION(encode_png(zeros({3})), ShapeError, saying("got shape [3]"));
  BOOST_CHECK_EXCEPTION(encode_png(zeros({0, 3})), ShapeError, saying("got shape [0, 3]"));
  BOOST_CHECK_EXCEPTION(encode_png(zeros({2, 2}, int64)), DTypeError,
                        saying("expected a floating or uint8 picture, got int64"));
  BOOST_CHECK_EXCEPTION(write_png("no/such/folder/a.png", zeros({2, 2})), IOError,
                        saying("write_png: no/such/folder/a.png can't be written: No such file"));
}

BOOST_AUTO_TEST_CASE(files_that_are_none) {
  const Folder folder;
  BOOST_CHECK_EXCEPTION(read_png(folder.path / "none.png"), IOError,
                        saying("none.png: No such file or directory"));
  BOOST_CHECK_EXCEPTION(read_png(folder.path), IOError, saying("Is a directory"));
  BOOST_CHECK_EXCEPTION(read_png(folder.write("text.png", "hello")), IOError,
                        saying("text.png is no PNG file"));
  const std::string file = Png{2, 1, 8, grey, bytes({0, 10, 200})};
  BOOST_CHECK_EXCEPTION(read_png(folder.write("half.png", file.substr(0, 45))), IOError,
                        saying("half.png is damaged: it ends too early"));
  std::string wrong = file;
  wrong[45] = static_cast<char>(wrong[45] ^ 1);  // within the compressed rows
  BOOST_CHECK_EXCEPTION(decode_png(wrong), IOError, saying("decode_png: the data is damaged: "));
  BOOST_CHECK_EXCEPTION(
      decode_png(std::string(Png{100000, 100000, 8, rgba, bytes({0, 1, 2, 3, 4})})), IOError,
      saying("bytes can't hold a picture of 100000 x 100000"));
  BOOST_CHECK_EXCEPTION(decode_png(std::string(Png{0, 1, 8, grey, ""})), IOError,
                        saying("is damaged"));
}

// Whatever the bytes are: a picture or an IOError.
BOOST_AUTO_TEST_CASE(any_bytes) {
  std::mt19937 random(1);
  const std::string colors = chunk("PLTE", bytes({1, 2, 3, 40, 50, 60}));
  const std::string files[] = {
      encode_png(rand({3, 6, 5})), Png{8, 1, 1, grey, bytes({0, 0xa0})},
      Png{3, 1, 8, palette, bytes({0, 1, 0, 1}), colors + chunk("tRNS", bytes({7}))},
      Png{3, 2, 8, grey, bytes({0, 1, 0, 3, 0, 2, 0, 4, 5, 6}), "", 1}};
  int pictures = 0, refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string file = files[i % 4];
    for (unsigned k = 1 + random() % 4; k > 0; --k)
      file[random() % file.size()] = static_cast<char>(random());
    if (random() % 4 == 0) file.resize(random() % file.size());
    try {
      pictures += decode_png(file).numel() > 0;
    } catch (const IOError&) {
      ++refused;
    }
  }
  BOOST_TEST(pictures + refused == 4000);
  BOOST_TEST(refused > 2000);
}

BOOST_AUTO_TEST_SUITE_END()
