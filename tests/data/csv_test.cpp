#include <rewind/data/csv.h>

#include <random>

#include <rewind/data/data_loader.h>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using namespace rw::data;
using rw::test::Folder;
using rw::test::saying;

BOOST_FIXTURE_TEST_SUITE(csv, Folder)

BOOST_AUTO_TEST_CASE(with_a_header) {
  const CSVDataset set(write("x.csv", "a, b,label\n1,2.5,0\n\n -3 ,\"4e2\",1\r\n+5,nan,2"),
                       {.target_dtype = int64});
  BOOST_TEST(set.size() == 3);
  BOOST_TEST(set.columns() == (std::vector<std::string>{"a", "b"}));
  BOOST_TEST(set.target_columns() == std::vector<std::string>{"label"});
  BOOST_TEST(set.data().dtype() == float32);
  BOOST_TEST(set.data().shape() == (Shape{3, 2}));
  BOOST_TEST(set.data()[1].to_vector() == (std::vector<float>{-3, 400}));
  BOOST_TEST(set.data()[2].isnan().to_vector<bool>() == (std::vector<bool>{false, true}));
  BOOST_TEST(set.target().dtype() == int64);
  BOOST_TEST(set.target().to_vector<int>() == (std::vector<int>{0, 1, 2}));
  for (const auto& [x, y] : DataLoader(set, {.batch_size = 3})) {
    BOOST_TEST(x.shape() == (Shape{3, 2}));
    BOOST_TEST(y.shape() == (Shape{3}));
  }
}

BOOST_AUTO_TEST_CASE(which_columns) {
  const std::string file = write("x.csv", "1;2;3;4\n5;6;7;8\n");
  const CSVDataset two(file,
                       {.header = false, .delimiter = ';', .targets = {2, 0}, .dtype = float64});
  BOOST_TEST(two.data().dtype() == float64);
  BOOST_TEST(two.data().to_vector<int>() == (std::vector<int>{2, 4, 6, 8}));
  BOOST_TEST(two.target().shape() == (Shape{2, 2}));
  BOOST_TEST(two.target().to_vector<int>() == (std::vector<int>{3, 1, 7, 5}));
  BOOST_TEST(two.columns() == (std::vector<std::string>{"1", "3"}));
  const CSVDataset none(file, {.header = false, .delimiter = ';', .targets = {}, .dtype = uint8});
  BOOST_TEST(none.data().dtype() == uint8);
  BOOST_TEST(none.data().shape() == (Shape{2, 4}));
  BOOST_TEST(none.target().shape() == (Shape{2, 0}));
  const CSVDataset named(write("y.csv", "\xef\xbb\xbf\"x,1\",y\n1,2\n"), {.targets = {"x,1"}});
  BOOST_TEST(named.target().item() == 1);
  const CSVDataset tabs(write("t.csv", "a\tb\n1\t2\n"), {.delimiter = '\t'});
  BOOST_TEST(tabs.data().item() == 1);
  BOOST_TEST(CSVDataset(write("e.csv", "a,b\n")).size() == 0);
}

BOOST_AUTO_TEST_CASE(numbers_are_exact) {
  const CSVDataset f(write("f.csv", "0.1,16777217,1e-60\n"), {.header = false});
  BOOST_TEST(f.data().to_vector() == (std::vector<float>{0.1f, 16777216}));
  BOOST_TEST(f.target().item() == 0);
  const CSVDataset i(write("i.csv", "9007199254740993,-9223372036854775808\n"),
                     {.header = false, .dtype = int64, .target_dtype = int64});
  BOOST_TEST(i.data().item<int64_t>() == 9007199254740993);
  BOOST_TEST(i.target().item<int64_t>() == std::numeric_limits<int64_t>::min());
}

BOOST_AUTO_TEST_CASE(lines_end_in_any_way) {
  for (const char* text : {"a,b\n1,2\n\n3,4\n", "a,b\r1,2\r\r3,4\r", "a,b\r\n1,2\r\n\r\n3,4\r\n"}) {
    const std::string file = write("x.csv", text);
    BOOST_TEST(CSVDataset(file).data().to_vector<int>() == (std::vector<int>{1, 3}));
    BOOST_CHECK_EXCEPTION(CSVDataset(write("bad.csv", std::string(text) + "5\r"), {}), IOError,
                          saying("bad.csv, line 5: expected 2 cells, got 1"));
  }
}

BOOST_AUTO_TEST_CASE(too_small_numbers_are_rounded) {
  const std::string file = write("x.csv", "1e-400,-1e-400,0.5e-99999999999999999999," +
                                              ("0." + std::string(400, '0') + "1") + "," +
                                              ("1" + std::string(20, '0') + "e-500") + "\n");
  for (const DType dtype : {float32, float64}) {
    const CSVDataset set(file, {.header = false, .targets = {}, .dtype = dtype});
    const auto numbers = set.data().to_vector<double>();
    BOOST_TEST(numbers == std::vector<double>(5, 0.0));
    BOOST_TEST(std::signbit(numbers[1]));
    BOOST_TEST(!std::signbit(numbers[0]));
  }
  const CSVDataset least(write("y.csv", "1e-45,4.9e-324\n"),
                         {.header = false, .target_dtype = float64});
  BOOST_TEST(least.data().item() == std::numeric_limits<float>::denorm_min());
  BOOST_TEST(least.target().item<double>() == std::numeric_limits<double>::denorm_min());
  for (const char* great :
       {"1e400\n", "-1e99999999999999999999\n", "1e9223372036854775807\n", "1000e397\n"})
    for (const DType dtype : {float32, float64})
      BOOST_CHECK_THROW(
          CSVDataset(write("z.csv", great), {.header = false, .targets = {}, .dtype = dtype}),
          IOError);
}

BOOST_AUTO_TEST_CASE(names_of_targets) {
  const std::string file = write("x.csv", "a,,a,b\n1,2,3,4\n");
  const auto reads = [&](const Column& target) { return CSVDataset(file, {.targets = {target}}); };
  BOOST_TEST(reads("b").target().item() == 4);
  BOOST_TEST(reads(1).target().item() == 2);
  BOOST_CHECK_EXCEPTION(reads(""), IndexError, saying("x.csv has no target column \"\", its"));
  BOOST_CHECK_EXCEPTION(reads("a"), IndexError,
                        saying("x.csv has several columns \"a\": name the target by its place"));
}

BOOST_AUTO_TEST_CASE(errors_say_where) {
  const auto refuses = [&](const std::string& text, const std::string& part,
                           const CSVOptions& options = {}) {
    const std::string file = write("bad.csv", text);
    BOOST_CHECK_EXCEPTION(CSVDataset(file, options), IOError, saying("CSVDataset: " + file));
    BOOST_CHECK_EXCEPTION(CSVDataset(file, options), IOError, saying(part));
  };
  refuses("a,b\n1,2\n3\n", "bad.csv, line 3: expected 2 cells, got 1");
  refuses("a,b\n1,2,\n", "bad.csv, line 2: expected 2 cells, got 3");
  refuses("a,b\n1,2\n\n3,x4\n",
          "bad.csv, line 4, column 2: expected a number of float32, got \"x4\"");
  refuses("a,b\n1,\n", "line 2, column 2: expected a number of float32, got \"\"");
  refuses("a,b\n1e999,1\n", "expected a number of float32, got \"1e999\"");
  refuses("a,b\n300,1\n", "expected a number of uint8, got \"300\"", {.dtype = uint8});
  refuses("a,b\n1.5,1\n", "expected a number of int64, got \"1.5\"", {.dtype = int64});
  refuses("a,b\n1 2,1\n", "got \"1 2\"");
  refuses("a,b\n1\x1b[2J\x7f,1\n", "got \"1\\x1b[2J\\x7f\"");
  refuses("a,\"b\n1,2\n", "line 1, column 2: expected the quotes of \"b to be closed");
  refuses("", "has no rows");
  refuses("\n\n", "has no rows");
  const std::string good = write("good.csv", "a,b\n1,2\n");
  const auto reads = [&](const CSVOptions& options) { CSVDataset(good, options); };
  BOOST_CHECK_EXCEPTION(reads({.targets = {"c"}}), IndexError,
                        saying("good.csv has no target column \"c\", its columns are a, b"));
  BOOST_CHECK_EXCEPTION(reads({.targets = {2}}), IndexError,
                        saying("target column 2 is out of range for the 2 columns of "));
  BOOST_CHECK_EXCEPTION(reads({.dtype = float16}), DTypeError,
                        saying("expected dtype to be an integer, float32 or float64, got float16"));
  BOOST_CHECK_EXCEPTION(CSVDataset("/nowhere/x.csv"), IOError,
                        saying("CSVDataset: cannot open /nowhere/x.csv"));
}

BOOST_AUTO_TEST_CASE(mutations) {
  std::mt19937 random(7);
  const std::string whole = "a,\"b\",c\n1,2.5,3\n-4,5e3,\"6\"\r\n7,8,9\n";
  const std::string bytes = ",\"\n\r 1e-+.\0x";
  int read = 0, refused = 0;
  for (int i = 0; i < 6000; ++i) {
    std::string text = whole;
    for (size_t changes = random() % 3; changes-- > 0;)
      text[random() % text.size()] = bytes[random() % bytes.size()];
    if (random() % 4 == 0) text.resize(random() % text.size());
    try {
      const CSVDataset set(write("mutant.csv", text));
      ++read;
    } catch (const IOError&) {
      ++refused;
    }
  }
  BOOST_TEST(read > 1000);
  BOOST_TEST(refused > 1000);
}

BOOST_AUTO_TEST_SUITE_END()
