#include <rewind/io/jpeg.h>

#include <cstdio>

#include <jpeglib.h>

#include <cstdlib>
#include <random>

#include <rewind/io/png.h>
#include <rewind/tensor/allocator.h>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using namespace rw::io;
using rw::test::Folder;
using rw::test::saying;

namespace {

// A picture [H, W, C] as a JPEG file of quality 100.
std::string encode(const Tensor& picture, J_COLOR_SPACE space, bool progressive = false,
                   bool arithmetic = false) {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_height = static_cast<JDIMENSION>(picture.size(0));
  jpeg.image_width = static_cast<JDIMENSION>(picture.size(1));
  jpeg.input_components = static_cast<int>(picture.size(2));
  jpeg.in_color_space = space;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  jpeg.arith_code = arithmetic ? TRUE : FALSE;
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (int64_t y = 0; y < picture.size(0); ++y) {
    JSAMPROW row = picture.data<uint8_t>() + y * picture.size(1) * picture.size(2);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string out(reinterpret_cast<char*>(bytes), size);
  jpeg_destroy_compress(&jpeg);
  std::free(bytes);
  return out;
}

// [H, W, channels], smooth, so that little is lost.
Tensor smooth(int64_t height, int64_t width, int64_t channels) {
  const Tensor y = arange(height, float32).view({-1, 1, 1}),
               x = arange(width, float32).view({-1, 1});
  const Tensor c = arange(channels, float32);
  return ((y * 0.11 + x * 0.07 + c * 1.3).sin() * 100 + 128).to(uint8).contiguous();
}

double greatest_difference(const Tensor& a, const Tensor& b) {
  return (a.to(float32) - b.to(float32)).abs().max().item<double>();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(jpeg, Folder)

BOOST_AUTO_TEST_CASE(colors_and_grey_of_any_size) {
  for (const auto& [height, width] : {std::pair(1, 1), {7, 13}, {16, 16}, {33, 50}})
    for (const bool progressive : {false, true}) {
      const Tensor colors = smooth(height, width, 3), grey = smooth(height, width, 1);
      const Tensor c = decode_jpeg(encode(colors, JCS_RGB, progressive));
      BOOST_TEST(c.shape() == (Shape{3, height, width}));
      BOOST_TEST(c.dtype() == uint8);
      BOOST_TEST(greatest_difference(c, colors.permute({2, 0, 1})) < 24);  // chroma is halved
      const Tensor g = decode_jpeg(encode(grey, JCS_GRAYSCALE, progressive));
      BOOST_TEST(g.shape() == (Shape{1, height, width}));
      BOOST_TEST(greatest_difference(g, grey.permute({2, 0, 1})) <= 2);
      BOOST_TEST(read_jpeg(write("x.jpg", encode(colors, JCS_RGB, progressive))).equal(c));
    }
}

BOOST_AUTO_TEST_CASE(flat_pictures_of_arithmetic_codes) {
  const std::string bytes = encode(full({2000, 2000, 3}, 7, uint8), JCS_RGB, false, true);
  BOOST_TEST(bytes.size() * 2048 < 2000u * 2000 * 3);
  BOOST_TEST(decode_jpeg(bytes).equal(full({3, 2000, 2000}, 7, uint8)));
}

BOOST_AUTO_TEST_CASE(colors_of_print) {
  const Tensor ink = smooth(24, 24, 4);
  const Tensor c = decode_jpeg(encode(ink, JCS_CMYK));
  // libjpeg writes Adobe's marker with CMYK, which stands for inverted numbers.
  const Tensor light = ink.to(float32) / 255;
  const Tensor expected = (light.slice(2, 0, 3) * light.slice(2, 3, 4) * 255).permute({2, 0, 1});
  BOOST_TEST(c.shape() == (Shape{3, 24, 24}));
  BOOST_TEST(greatest_difference(c, expected) < 8);
}

// Against Pillow's convert("RGB"): tests/io/pictures/make.py.
BOOST_AUTO_TEST_CASE(pixels_of_pillow) {
  const std::filesystem::path folder = REWIND_PICTURES;
  for (const char* name : {"grey", "half_chroma", "full_chroma", "progressive", "print"}) {
    const Tensor expected = read_png(folder / (std::string(name) + ".png"));
    const Tensor got = read_jpeg(folder / (std::string(name) + ".jpg"));
    BOOST_TEST(greatest_difference(got.expand_as(expected), expected) == 0, name);
  }
}

BOOST_AUTO_TEST_CASE(told_apart_by_content) {
  const Tensor grey = smooth(5, 6, 1);
  const std::string jpeg = encode(grey, JCS_GRAYSCALE);
  BOOST_TEST(decode_image(jpeg).equal(decode_jpeg(jpeg)));
  const Tensor planes = grey.permute({2, 0, 1});
  BOOST_TEST(read_image(write("really_png.jpg", encode_png(planes))).equal(planes));
}

BOOST_AUTO_TEST_CASE(errors_say_what_is_wrong) {
  const std::string good = encode(smooth(40, 40, 3), JCS_RGB);
  const std::string progressive = encode(smooth(40, 40, 3), JCS_RGB, true);
  BOOST_CHECK_EXCEPTION(decode_jpeg("GIF89a"), IOError,
                        saying("decode_jpeg: the data is no JPEG file: expected it to begin with "
                               "ff d8 ff"));
  BOOST_CHECK_EXCEPTION(decode_jpeg(""), IOError, saying("is no JPEG file"));
  const std::string text = write("text.png", "some text");
  BOOST_CHECK_EXCEPTION(read_image(text), IOError,
                        saying("read_image: " + text +
                               " is no picture: expected it to begin with ff d8 ff (JPEG) or 89 50 "
                               "4e 47 (PNG)"));
  for (const std::string& whole : {good, progressive})
    for (const size_t length : {size_t{3}, size_t{30}, whole.size() / 2, whole.size() - 40}) {
      const std::string file = write("cut.jpg", whole.substr(0, length));
      BOOST_CHECK_EXCEPTION(read_jpeg(file), IOError,
                            saying("read_jpeg: " + file + " is damaged: it ends too early"));
    }
  BOOST_CHECK_EXCEPTION(read_image(write("cut.png", encode_png(ones({3, 9, 9})).substr(0, 60))),
                        IOError, saying("cut.png: decode_png: the data is damaged"));
  BOOST_CHECK_EXCEPTION(read_jpeg("/nowhere/x.jpg"), IOError,
                        saying("read_jpeg: cannot open /nowhere/x.jpg"));
}

BOOST_AUTO_TEST_CASE(a_claim_takes_no_memory) {
  for (const bool arithmetic : {false, true}) {
    std::string bytes = encode(smooth(8, 8, 3), JCS_RGB, false, arithmetic);
    const size_t frame = bytes.find(arithmetic ? "\xff\xc9" : "\xff\xc0");
    for (size_t i = 5; i < 9; ++i) bytes[frame + i] = static_cast<char>(0xf0);
    reset_peak_memory();
    const int64_t before = memory_stats().peak;
    BOOST_CHECK_EXCEPTION(decode_jpeg(bytes), IOError,
                          saying("bytes can't hold a picture of 61680 x 61680"));
    BOOST_TEST(memory_stats().peak == before);
  }
}

// Whatever the bytes, there is a picture or an IOError.
BOOST_AUTO_TEST_CASE(mutations) {
  std::mt19937 random(7);
  const std::string seeds[] = {
      encode(smooth(20, 30, 3), JCS_RGB), encode(smooth(20, 30, 3), JCS_RGB, true),
      encode(smooth(20, 30, 1), JCS_GRAYSCALE), encode(smooth(9, 9, 4), JCS_CMYK)};
  int read = 0, refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string bytes = seeds[i % 4];
    for (size_t changes = 1 + random() % 4; changes-- > 0;)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    try {
      decode_image(bytes);
      ++read;
    } catch (const IOError&) {
      ++refused;
    }
  }
  BOOST_TEST(read > 500);
  BOOST_TEST(refused > 500);
}

BOOST_AUTO_TEST_SUITE_END()
