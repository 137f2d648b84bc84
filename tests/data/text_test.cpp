#include <rewind/data/text.h>

#include <fstream>

#include <rewind/data/data_loader.h>
#include <rewind/rewind.h>

#include "../check.h"

using namespace rw;
using rw::test::saying;

BOOST_AUTO_TEST_CASE(bytes_come_back) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const Tensor numbers = data::encode_bytes(all);
  BOOST_TEST(numbers.equal(arange(256)));
  BOOST_TEST((data::decode_bytes(numbers) == all));
  BOOST_TEST((data::decode_bytes(numbers.to(int16)) == all));
  BOOST_TEST(data::encode_bytes("").numel() == 0);
  BOOST_CHECK_EXCEPTION(data::decode_bytes(from<int64_t>({1, 256})), IndexError,
                        saying("decode_bytes: expected numbers from 0 to 255, got 256"));
  BOOST_CHECK_EXCEPTION(data::decode_bytes(ones({2})), DTypeError, saying("got float32"));
}

BOOST_AUTO_TEST_CASE(characters_are_numbered_by_code_points) {
  const data::Characters known("bäa€a😀");
  BOOST_TEST(known.size() == 5);
  BOOST_TEST(known.encode("ab€ä😀").equal(from<int64_t>({0, 1, 3, 2, 4})));
  BOOST_TEST(known.decode(from<int64_t>({4, 0})) == "😀a");
  BOOST_CHECK_EXCEPTION(known.encode("abc"), Error,
                        saying("encode: 'c' is none of the 5 characters"));
  BOOST_CHECK_EXCEPTION(known.decode(from<int64_t>({5})), IndexError, saying("got 5"));
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_is_refused) {
  for (const char* bad : {"a\x80", "a\xc0\x80", "a\xc3", "a\xe0\x80\x80", "a\xed\xa0\x80",
                          "a\xf4\x90\x80\x80", "a\xf5\x80\x80\x80", "a\xff", "a\xe2\x82"})
    BOOST_CHECK_EXCEPTION(data::Characters{bad}, Error, saying("not UTF-8 at byte 1"));
  BOOST_TEST(data::Characters("\xf4\x8f\xbf\xbf\xed\x9f\xbf").size() == 2);
}

BOOST_AUTO_TEST_CASE(pieces_with_what_comes_next) {
  const data::TextDataset pieces(arange(10), 3);
  BOOST_TEST(pieces.size() == 3);
  const auto [x, y] = pieces.get(2);
  BOOST_TEST(x.equal(from<int64_t>({6, 7, 8})));
  BOOST_TEST(y.equal(from<int64_t>({7, 8, 9})));
  const data::TextDataset close(arange(10), 3, 1);
  BOOST_TEST(close.size() == 7);
  data::DataLoader loader(close, {.batch_size = 4, .shuffle = true});
  int64_t count = 0;
  for (const auto& [a, b] : loader) {
    BOOST_TEST(b.equal(a + 1));
    count += a.size(0);
  }
  BOOST_TEST(count == 7);
  BOOST_CHECK_EXCEPTION(close.get(7), IndexError, saying("index 7 is out of range for 7 samples"));
  BOOST_CHECK_EXCEPTION(data::TextDataset(arange(3), 3), Error,
                        saying("3 numbers are too few for one piece of 3"));
  BOOST_CHECK_EXCEPTION(data::TextDataset(arange(9), 0), Error, saying("positive length"));
  BOOST_CHECK_EXCEPTION(data::TextDataset(ones({9}), 3), DTypeError, saying("got float32"));
  BOOST_CHECK_EXCEPTION(data::TextDataset(arange(9).view({3, 3}), 2), ShapeError,
                        saying("one dimension"));
}

BOOST_AUTO_TEST_CASE(files) {
  BOOST_CHECK_EXCEPTION(data::read_text("/nowhere/at/all"), IOError,
                        saying("read_text: cannot open /nowhere/at/all"));
  const std::string path = "text_test.txt";
  std::ofstream(path, std::ios::binary) << std::string("a\0\r\n", 4);
  BOOST_TEST((data::read_text(path) == std::string("a\0\r\n", 4)));
  std::remove(path.c_str());
  BOOST_CHECK_EXCEPTION(data::read_text("."), IOError,
                        saying("read_text: cannot read .: Is a dir"));
}

BOOST_AUTO_TEST_CASE(no_characters_have_no_numbers) {
  const data::Characters none("");
  BOOST_TEST(none.decode(zeros({0}, int64)) == "");
  BOOST_CHECK_EXCEPTION(none.decode(zeros({2}, int64)), IndexError,
                        saying("decode: there are no characters, got 2 numbers"));
}
