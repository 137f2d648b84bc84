#include <rewind/data/cifar.h>

#include <random>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using namespace rw::data;
using rw::test::Folder;
using rw::test::saying;

namespace {

// A record: labels, then 3 x 32 x 32 bytes, byte i of which is i + shift.
std::string record(const std::vector<int>& labels, int shift) {
  std::string s;
  for (const int label : labels) s += static_cast<char>(label);
  for (int i = 0; i < 3072; ++i) s += static_cast<char>(i + shift);
  return s;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cifar, Folder)

BOOST_AUTO_TEST_CASE(ten_classes) {
  for (int i = 1; i <= 5; ++i)
    write("data_batch_" + std::to_string(i) + ".bin", record({i}, i) + record({9}, 0));
  const CIFAR10 set(path);
  BOOST_TEST(set.images().shape() == (Shape{10, 3, 32, 32}));
  BOOST_TEST(set.labels().to_vector<int>() == (std::vector<int>{1, 9, 2, 9, 3, 9, 4, 9, 5, 9}));
  BOOST_TEST(set.classes()[9] == "truck");
  const auto [x, y] = set.get(2);
  BOOST_TEST(x.shape() == (Shape{3, 32, 32}));
  BOOST_TEST(x.dtype() == float32);
  BOOST_TEST(x.to_vector()[1] == 3 / 255.0f);
  BOOST_TEST(y.item<int>() == 2);
  BOOST_TEST(y.dim() == 0);

  const auto bytes = set.bytes();
  BOOST_TEST(bytes.get(2).data.dtype() == uint8);
  BOOST_TEST(bytes.batch(std::vector<int64_t>{2, 3}).data.shape() == (Shape{2, 3, 32, 32}));
  BOOST_TEST(bytes.get(2).data.to_vector<int>()[1] == 3);
  const Tensor scaled = set.normalized({0, 0.5, 0}, {1, 0.25, 1}).get(2).data;
  BOOST_TEST(scaled.to_vector()[1] == 3 / 255.0f);
  BOOST_TEST(scaled[1][0][1].item<double>() == (3 / 255.0 - 0.5) / 0.25,
             boost::test_tools::tolerance(1e-6));
  BOOST_TEST(set.transposed().get(2).data.equal(x.transpose(1, 2)));
  BOOST_CHECK_EXCEPTION(set.normalized({0, 0}, {1, 1}), ShapeError,
                        saying("for each of 3 channels, got 2 and 2"));
  BOOST_CHECK_THROW(set.get(10), IndexError);
}

BOOST_AUTO_TEST_CASE(a_hundred_classes) {
  write("test.bin", record({19, 99}, 0) + record({3, 42}, 1));
  const CIFAR100 set(path, false);
  BOOST_TEST(set.labels().to_vector<int>() == (std::vector<int>{99, 42}));
  BOOST_TEST(set.coarse_labels().to_vector<int>() == (std::vector<int>{19, 3}));
  BOOST_TEST(set.classes()[42] == "leopard");
  BOOST_TEST(set.classes().size() == 100u);
  BOOST_TEST(CIFAR100::coarse_classes().size() == 20u);
  BOOST_TEST(set.get(1).data.equal(set.coarse().get(1).data));
  BOOST_TEST(set.coarse().get(1).target.item<int>() == 3);
  BOOST_TEST(set.coarse().classes()[3] == "food_containers");
}

BOOST_AUTO_TEST_CASE(errors_say_what_is_wrong) {
  BOOST_CHECK_EXCEPTION(
      CIFAR10("/nowhere"), IOError,
      saying("CIFAR10: there is no data_batch_1.bin in /nowhere; name the folder that has it, or "
             "put there data_batch_1.bin to data_batch_5.bin and test_batch.bin of the archive "
             "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz (MD5 "
             "c32a1d4ab5d03f1284b67883e8d87530)"));
  BOOST_CHECK_EXCEPTION(CIFAR100("/nowhere"), IOError,
                        saying("cifar-100-binary.tar.gz (MD5 03b5dce01913d631647c71ecec9e9cb8)"));
  const std::string file =
      write("test_batch.bin", (record({1}, 0) + record({2}, 0)).substr(0, 5000));
  BOOST_CHECK_EXCEPTION(
      CIFAR10(path, false), IOError,
      saying("CIFAR10: " + file +
             " is truncated: expected records of 3073 bytes each, got 5000 bytes, "
             "where record 1 ends after 1927 bytes"));
  write("test_batch.bin", "");
  BOOST_CHECK_EXCEPTION(CIFAR10(path, false), IOError, saying("got 0 bytes"));
  write("test_batch.bin", record({1}, 0) + record({10}, 0));
  BOOST_CHECK_EXCEPTION(
      CIFAR10(path, false), IOError,
      saying(file + " is damaged: expected a label from 0 to 9 at byte 3073, got 10"));
  write("train.bin", record({20, 0}, 0));
  BOOST_CHECK_EXCEPTION(CIFAR100(path, true), IOError, saying("from 0 to 19 at byte 0, got 20"));
}

BOOST_AUTO_TEST_CASE(mutations) {
  std::mt19937 random(7);
  const std::string whole = record({1, 5}, 0) + record({2, 6}, 0);
  int read = 0, refused = 0;
  for (int i = 0; i < 1000; ++i) {
    std::string bytes = whole;
    bytes[random() % 4 < 2 ? random() % 2 : random() % bytes.size()] = static_cast<char>(random());
    if (random() % 3 == 0) bytes.resize(random() % bytes.size());
    write("train.bin", bytes);
    try {
      const CIFAR100 set(path);
      ++read;
    } catch (const IOError&) {
      ++refused;
    }
  }
  BOOST_TEST(read > 100);
  BOOST_TEST(refused > 300);
}

BOOST_AUTO_TEST_SUITE_END()
