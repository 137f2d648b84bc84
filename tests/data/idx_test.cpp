#include <rewind/data/idx.h>

#include <zlib.h>

#include <random>

#include <rewind/data/mnist.h>
#include <rewind/data/shapes.h>
#include <rewind/tensor/allocator.h>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using namespace rw::data;
using rw::test::Folder;
using rw::test::saying;

namespace {

std::string big_endian(uint64_t value, int bytes) {
  std::string s;
  for (int i = bytes - 1; i >= 0; --i) s += static_cast<char>(value >> (8 * i));
  return s;
}

std::string idx_header(int type, const std::vector<uint32_t>& sizes) {
  std::string s = {0, 0, static_cast<char>(type), static_cast<char>(sizes.size())};
  for (const uint32_t n : sizes) s += big_endian(n, 4);
  return s;
}

std::string gzip(const std::string& plain) {
  z_stream z = {};
  BOOST_REQUIRE(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, plain.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

// Writes both files of a data set.
void write_mnist(const Folder& folder, const std::string& part, const std::string& images,
                 const std::string& labels) {
  folder.write(part + "-images-idx3-ubyte", images);
  folder.write(part + "-labels-idx1-ubyte.gz", gzip(labels));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(idx, Folder)

BOOST_AUTO_TEST_CASE(bytes_plain_and_compressed) {
  const std::string content = idx_header(0x08, {2, 3}) + std::string("\x00\x01\x7f\x80\xfe\xff", 6);
  for (const std::string& stored : {content, gzip(content)}) {
    const Tensor t = read_idx(write("bytes", stored));  // told by the content, not by the name
    BOOST_TEST(t.dtype() == uint8);
    BOOST_TEST(t.shape() == (Shape{2, 3}));
    BOOST_TEST(t.to_vector<int>() == (std::vector<int>{0, 1, 127, 128, 254, 255}));
  }
}

BOOST_AUTO_TEST_CASE(other_types) {
  const Tensor i = read_idx(write("i", idx_header(0x0c, {3}) + big_endian(7, 4) +
                                           big_endian(0xffffffff, 4) + big_endian(0x80000000, 4)));
  BOOST_TEST(i.dtype() == int32);
  BOOST_TEST(i.to_vector<int64_t>() == (std::vector<int64_t>{7, -1, -2147483648}));
  const Tensor shorts = read_idx(write("s", idx_header(0x0b, {2}) + big_endian(0x8001fffe, 4)));
  BOOST_TEST(shorts.dtype() == int16);
  BOOST_TEST(shorts.to_vector<int64_t>() == (std::vector<int64_t>{-32767, -2}));
  const Tensor bytes = read_idx(write("b", idx_header(0x09, {2}) + big_endian(0x80ff, 2)));
  BOOST_TEST(bytes.dtype() == int8);
  BOOST_TEST(bytes.to_vector<int64_t>() == (std::vector<int64_t>{-128, -1}));
  const Tensor f = read_idx(
      write("f", idx_header(0x0d, {1, 2}) + big_endian(0x3fc00000, 4) + big_endian(0xc0000000, 4)));
  BOOST_TEST(f.dtype() == float32);
  BOOST_TEST(f.to_vector() == (std::vector<float>{1.5, -2}));
  const Tensor d = read_idx(write("d", idx_header(0x0e, {1}) + big_endian(0x3fb999999999999a, 8)));
  BOOST_TEST(d.dtype() == float64);
  BOOST_TEST(d.to_vector<double>() == (std::vector<double>{0.1}));
}

BOOST_AUTO_TEST_CASE(no_elements) {
  const Tensor t = read_idx(write("empty", idx_header(0x0d, {0, 3})));
  BOOST_TEST(t.shape() == (Shape{0, 3}));
  BOOST_TEST(t.dtype() == float32);
}

BOOST_AUTO_TEST_CASE(errors_say_what_is_wrong) {
  const auto refuses = [&](const std::string& bytes, const std::string& part) {
    const std::string file = write("bad", bytes);
    BOOST_CHECK_EXCEPTION(read_idx(file), IOError, saying("read_idx: "));
    BOOST_CHECK_EXCEPTION(read_idx(file), IOError, saying(file));
    BOOST_CHECK_EXCEPTION(read_idx(file), IOError, saying(part));
  };
  const std::string not_idx =
      " is not an IDX file: expected it to begin with two zero bytes, a type and a rank";
  refuses("", not_idx);
  refuses("\x1f", not_idx);
  refuses("GIF89a", not_idx);
  refuses(idx_header(0x0a, {1}) + "a",
          " is not an IDX file: its elements are of type 0x0a, expected 0x08 (uint8), 0x09 (int8), "
          "0x0b (int16), 0x0c "
          "(int32), 0x0d (float32) or 0x0e (float64)");
  refuses(idx_header(0x08, {}), " has 0 dimensions, expected 1 to 16");
  refuses(idx_header(0x08, std::vector<uint32_t>(17, 1)), " has 17 dimensions, expected 1 to 16");
  refuses(idx_header(0x08, {1, 2}).substr(0, 10),
          " is truncated: expected 2 sizes of 4 bytes each, got 6 bytes");
  refuses(idx_header(0x0d, {2, 2}) + "abc", " is truncated: shape [2, 2] takes 16 bytes, got 3");
  refuses(idx_header(0x08, {2}) + "abc", " goes on after the 2 bytes that shape [2] takes");
  refuses(idx_header(0x08, {~0u, ~0u, ~0u}),
          " claims an impossible shape, [4294967295, 4294967295");
  refuses(idx_header(0x08, {0, ~0u, ~0u, ~0u}), " claims an impossible shape, [0, 4294967295");

  std::string noise;
  std::mt19937 random(1);
  for (int i = 0; i < 4000; ++i) noise += static_cast<char>(random());
  const std::string compressed = gzip(idx_header(0x08, {4000}) + noise);
  refuses(compressed.substr(0, 2000), " is truncated: its compressed data has no end");
  std::string flipped = compressed;
  flipped[2000] = static_cast<char>(flipped[2000] ^ 1);
  refuses(flipped, "cannot read ");
  refuses(gzip(idx_header(0x08, {2}) + "abc"), " goes on after the 2 bytes");

  BOOST_CHECK_EXCEPTION(read_idx("/nowhere/x"), IOError,
                        saying("read_idx: cannot open /nowhere/x: No such file or directory"));
  BOOST_CHECK_EXCEPTION(read_idx(path), IOError, saying("Is a directory"));
}

BOOST_AUTO_TEST_CASE(a_claim_takes_no_memory) {
  reset_peak_memory();
  const int64_t before = memory_stats().peak;
  // 4 TiB, which no machine of ours has.
  const std::string content = idx_header(0x08, {1u << 31, 1u << 11}) + "short";
  BOOST_CHECK_THROW(read_idx(write("huge", content)), IOError);
  BOOST_CHECK_THROW(read_idx(write("huge", gzip(content))), IOError);
  BOOST_TEST(memory_stats().peak == before);
}

// What deflate can't make of so few bytes is refused before it is read.
BOOST_AUTO_TEST_CASE(a_bomb_takes_no_memory) {
  const std::string content = idx_header(0x08, {1u << 12, 1u << 12}) + std::string(1 << 24, '\0');
  BOOST_TEST(read_idx(write("flat", gzip(content))).numel() == 1 << 24);
  const std::string claim = idx_header(0x08, {1u << 31, 1u << 11});
  const std::string file = write("bomb", gzip(claim + std::string(1 << 24, '\0')));
  BOOST_CHECK_EXCEPTION(read_idx(file), IOError,
                        saying("read_idx: " + file +
                               " is truncated: shape [2147483648, 2048] takes 4398046511104 bytes, "
                               "more than "));
}

// Whatever the bytes, there is a tensor or an IOError.
BOOST_AUTO_TEST_CASE(mutations) {
  std::mt19937 random(7);
  const auto below = [&](size_t n) { return random() % n; };
  const std::string plain = idx_header(0x0c, {2, 3}) + std::string(24, '\x01');
  const std::string seeds[] = {plain, gzip(plain), idx_header(0x08, {3, 2, 2}) + "0123456789ab"};
  int read = 0, refused = 0;
  for (int i = 0; i < 6000; ++i) {
    std::string bytes = seeds[i % 3];
    for (size_t changes = below(4); changes-- > 0;)
      bytes[below(bytes.size())] = static_cast<char>(random());
    if (below(3) == 0) bytes.resize(below(bytes.size() + 1));
    if (below(8) == 0) bytes += std::string(below(20), static_cast<char>(random()));
    const std::string file = write("mutant", bytes);
    try {
      read_idx(file);
      ++read;
    } catch (const IOError&) {
      ++refused;
    }
  }
  BOOST_TEST(read > 500);
  BOOST_TEST(refused > 3000);
}

BOOST_AUTO_TEST_CASE(mnist_reads_images_and_labels) {
  const std::string pixels = std::string(12, '\0') + std::string(6, '\xff') + std::string(6, 51);
  write_mnist(*this, "train", idx_header(0x08, {4, 2, 3}) + pixels,
              idx_header(0x08, {4}) + std::string("\x03\x01\x04\x09", 4));
  const MNIST set(path);
  BOOST_TEST(set.size() == 4);
  BOOST_TEST(set.images().shape() == (Shape{4, 2, 3}));
  BOOST_TEST(set.images().dtype() == uint8);
  BOOST_TEST(set.labels().to_vector<int64_t>() == (std::vector<int64_t>{3, 1, 4, 9}));
  BOOST_TEST(set.labels().dtype() == int64);
  BOOST_TEST(set.classes()[4] == "4");

  const auto [x, y] = set.batch(std::vector<int64_t>{3, 0, 2});
  BOOST_TEST(x.shape() == (Shape{3, 1, 2, 3}));
  BOOST_TEST(x.dtype() == float32);
  BOOST_TEST(x.to_vector()[0] == 0.2f);
  BOOST_TEST(x.to_vector()[6] == 0.0f);
  BOOST_TEST(x.to_vector()[17] == 1.0f);
  BOOST_TEST(y.to_vector<int64_t>() == (std::vector<int64_t>{9, 3, 4}));

  const Batch one = set.get(2);
  BOOST_TEST(one.data.shape() == (Shape{1, 2, 3}));
  BOOST_TEST(one.target.item<int64_t>() == 4);

  const auto scaled = set.normalized(0.5, 0.25).batch(std::vector<int64_t>{2, 0}).data;
  BOOST_TEST(scaled.to_vector()[0] == 2.0f);
  BOOST_TEST(scaled.to_vector()[6] == -2.0f);

  BOOST_CHECK_EXCEPTION(set.get(4), IndexError,
                        saying("get: index 4 is out of range for 4 samples"));
  BOOST_CHECK_EXCEPTION(set.get(-1), IndexError, saying("index -1"));
  BOOST_CHECK_EXCEPTION(set.normalized(0, 0), Error,
                        saying("expected a standard deviation greater than 0, got 0"));
  BOOST_TEST(set.batch({}).data.shape() == (Shape{0, 1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(mnist_refuses_what_does_not_fit) {
  const std::string images = idx_header(0x08, {2, 1, 1}) + "ab";
  BOOST_CHECK_EXCEPTION(MNIST(path, false), IOError,
                        saying("MNIST: there is no t10k-images-idx3-ubyte (or "
                               "t10k-images-idx3-ubyte.gz) in " +
                               path.string()));
  BOOST_CHECK_EXCEPTION(FashionMNIST("/nowhere"), IOError,
                        saying("`apt-get install dataset-fashion-mnist`"));
  write_mnist(*this, "t10k", images, idx_header(0x08, {3}) + std::string(3, '\0'));
  BOOST_CHECK_EXCEPTION(MNIST(path, false), IOError,
                        saying("expected images [N, H, W] or [N, C, H, W] and labels [N], got "
                               "shapes [2, 1, 1] and [3]"));
  write_mnist(*this, "t10k", images, idx_header(0x08, {2}) + std::string("\x01\x0a", 2));
  BOOST_CHECK_EXCEPTION(MNIST(path, false), IOError,
                        saying("label 10 of image 1 is out of range for 10 classes"));
  write_mnist(*this, "t10k", images, idx_header(0x0d, {0}));
  BOOST_CHECK_EXCEPTION(MNIST(path, false), IOError,
                        saying("expected images of uint8 and labels of int64, got uint8 and "
                               "float32"));
}

BOOST_AUTO_TEST_CASE(kmnist_and_emnist) {
  const std::string images = idx_header(0x08, {2, 2, 2}) + "abcdefgh";
  write_mnist(*this, "t10k", images, idx_header(0x08, {2}) + std::string("\x00\x09", 2));
  BOOST_TEST(KMNIST(path, false).classes()[9] == "wo");
  write_mnist(*this, "emnist-letters-train", images,
              idx_header(0x08, {2}) + std::string("\x01\x1a", 2));
  const EMNIST letters(path, "letters");
  BOOST_TEST(letters.classes()[0] == "N/A");
  BOOST_TEST(letters.classes()[size_t(letters.get(1).target.item<int64_t>())] == "z");
  BOOST_TEST(letters.bytes().get(0).data.to_vector<int>() == (std::vector<int>{97, 98, 99, 100}));
  BOOST_TEST(letters.transposed().bytes().get(0).data.to_vector<int>() ==
             (std::vector<int>{97, 99, 98, 100}));
  write_mnist(*this, "emnist-balanced-test", images,
              idx_header(0x08, {2}) + std::string("\x0a\x2e", 2));
  const EMNIST balanced(path, "balanced", false);
  BOOST_TEST(balanced.classes().size() == 47u);
  BOOST_TEST(balanced.classes()[10] == "A");
  BOOST_TEST(balanced.classes()[46] == "t");
  write_mnist(*this, "emnist-byclass-test", images,
              idx_header(0x08, {2}) + std::string("\x00\x3d", 2));
  BOOST_TEST(EMNIST(path, "byclass", false).classes().size() == 62u);

  BOOST_CHECK_EXCEPTION(EMNIST(path, "words"), Error,
                        saying("EMNIST: expected the split byclass, bymerge, balanced, letters, "
                               "digits or mnist, got words"));
  BOOST_CHECK_EXCEPTION(EMNIST(path, "digits"), IOError,
                        saying("gzip.zip (MD5 58c8d27c78d21e728a6bc7b3cc06412e), "
                               "emnist-digits-train-images-idx3-ubyte.gz"));
  BOOST_CHECK_EXCEPTION(
      KMNIST("/nowhere"), IOError,
      saying("put there what http://codh.rois.ac.jp/kmnist/dataset/kmnist/ has: "
             "train-images-idx3-ubyte.gz (MD5 bdb82020997e1d708af4cf47b453dcf7), "
             "train-labels-idx1-ubyte.gz (MD5 e144d726b3acfaa3e44228e80efcd344)"));
}

BOOST_AUTO_TEST_CASE(fashion_mnist_of_debian) {
  if (!std::filesystem::exists(FashionMNIST::default_folder)) {
    BOOST_WARN_MESSAGE(false, "fashion_mnist_of_debian: dataset-fashion-mnist is not installed");
    return;
  }
  const FashionMNIST train, test(FashionMNIST::default_folder, false);
  BOOST_TEST(train.images().shape() == (Shape{60000, 28, 28}));
  BOOST_TEST(test.images().shape() == (Shape{10000, 28, 28}));
  std::vector<int> of_class(10, 0);
  for (const auto label : train.labels().to_vector<int64_t>()) ++of_class[size_t(label)];
  BOOST_TEST(of_class == std::vector<int>(10, 6000));
  BOOST_TEST(train.classes()[size_t(train.get(0).target.item<int64_t>())] == "Ankle boot");
  // The documented mean and standard deviation.
  const Tensor pixels = train.images().to(float32).div_(255);
  BOOST_TEST(std::abs(pixels.mean().item<double>() - 0.2860) < 5e-5);
  BOOST_TEST(std::abs(pixels.std().item<double>() - 0.3530) < 5e-5);
}

BOOST_AUTO_TEST_CASE(made_up_shapes) {
  const ImageDataset a = make_shapes(200, 3), b = make_shapes(100, 3), c = make_shapes(100, 4);
  BOOST_TEST(a.images().shape() == (Shape{200, 28, 28}));
  BOOST_TEST(a.classes().size() == 10u);
  BOOST_TEST(a.labels().to_vector<int64_t>()[17] == 7);
  const auto first_half = a.images().narrow(0, 0, 100).to_vector<uint8_t>();
  BOOST_TEST((first_half == b.images().to_vector<uint8_t>()));
  BOOST_TEST((first_half != c.images().to_vector<uint8_t>()));
  BOOST_TEST(make_shapes(0).size() == 0);
  BOOST_CHECK_THROW(make_shapes(-1), Error);
}

BOOST_AUTO_TEST_SUITE_END()
