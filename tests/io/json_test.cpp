#include <rewind/io/json.h>

#include <random>

#include "../check.h"

using namespace rw;
using io::Json;
using rw::test::saying;

namespace {

std::string through(const std::string& text) { return io::to_json(io::parse_json("f: x", text)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(values) {
  for (const std::string same :
       {"null", "true", "false", "0", "-12", "9223372036854775807", "-9223372036854775808", "0.1",
        "5e-324", "1.7976931348623157e+308", "\"\"", "[]", "{}", "[1,[2,{}],\"x\"]",
        R"({"b":1,"a":[null,true],"":{"c":-0.5}})", R"("\"\\\b\f\n\r\t\u0001é/")"})
    BOOST_TEST(through(same) == same);
  BOOST_TEST(through(" \t\n\r{ \"a\" : [ 1 , 2.50 ] } ") == R"({"a":[1,2.5]})");
  BOOST_TEST(through("-3E+2") == "-300");
  for (const char* zero :
       {"1e-400", "0.1e-399", "1e-99999999999999999999", "0e999", "0e99999999999999999999"})
    BOOST_TEST(through(zero).starts_with("0"), zero);
  BOOST_TEST(through("0." + std::string(400, '0') + "1").starts_with("0"));
  BOOST_TEST(through("-1e-400").starts_with("-0"));
  BOOST_TEST(through("9223372036854775808") == "9.223372036854776e+18");
  BOOST_TEST(through(R"("\u0041\u00e9\u20AC\ud83d\uDE00\/")") == "\"Aé€😀/\"");
  const Json json = io::parse_json("f", R"({"a":{"b":7}})");
  BOOST_TEST(*json.find("a")->find("b")->get<int64_t>() == 7);
  BOOST_TEST((!json.find("b") && !json.find("a")->find("b")->find("c")));
}

BOOST_AUTO_TEST_CASE(what_is_none) {
  const auto refuses = [](const std::string& text, const std::string& message) {
    BOOST_CHECK_EXCEPTION(through(text), IOError, saying("f: x: " + message));
  };
  for (const char* text : {"", "nul", "-", "+1", ".5", "1.", "1e", "x", "[1,]", "NaN"})
    refuses(text, "not JSON at byte ");
  refuses("[1 2]", "not JSON at byte 3, expected ',' or ']'");
  refuses("[01]", "not JSON at byte 2, expected ',' or ']'");
  refuses("{1:2}", "not JSON at byte 1, expected a string");
  refuses(R"({"a" 1})", "not JSON at byte 5, expected ':'");
  refuses("\"abc", "not JSON at byte 4, expected the end of a string");
  refuses("\"\n\"", "not JSON at byte 1, expected no control character");
  refuses(R"("\x")", "not JSON at byte 2, expected an escaped character");
  refuses(R"("\u12)", "not JSON at byte 3, expected four hexadecimal digits");
  refuses(R"("\u-123")", "not JSON at byte 3, expected four hexadecimal digits");
  refuses(R"("\udc00")", "not JSON at byte 7, expected a whole character");
  refuses(R"("\ud800\u0041")", "not JSON at byte 13, expected the second half of a character");
  refuses("1e999", "not JSON at byte 5, expected a number of 64 bits before it");
  refuses("1e99999999999999999999", "not JSON at byte 22, expected a number of 64 bits before it");
  refuses("-0.001e+400", "not JSON at byte 11, expected a number of 64 bits before it");
  refuses("1 1", "not JSON at byte 2, expected the end");
  refuses(std::string("1\0", 2), "not JSON at byte 1, expected the end");
  refuses("\"\xc0\x80\"", "the text is not UTF-8 at byte 1");
  refuses(R"({"a":1,"b":2,"a":3})", "'a' is there more than once");
  refuses(std::string(1000000, '['), "more than 64 arrays and objects inside each other");
  BOOST_TEST(through(std::string(60, '[') + std::string(60, ']')).size() == 120u);
}

// Whatever the text is: what was read is written as a text that says the same, or an IOError comes.
BOOST_AUTO_TEST_CASE(mutations) {
  std::mt19937 random(2);
  const std::string seed = R"({"a":[1,-2.5e3,"x\u00e9\ud83d\ude00\n"],"b":{"c":null},"d":true})";
  int good = 0, refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = seed;
    for (unsigned changes = 1 + random() % 2; changes-- > 0;) {
      const size_t at = random() % text.size();
      if (random() % 2)
        text[at] = seed[random() % seed.size()];
      else
        text.replace(at, random() % 3, std::string(1, static_cast<char>(random())));
    }
    try {
      const std::string once = through(text);
      BOOST_TEST_REQUIRE(through(once) == once);
      ++good;
    } catch (const IOError&) {
      ++refused;
    }
  }
  BOOST_TEST(good > 1000);
  BOOST_TEST(refused > 5000);
}

BOOST_AUTO_TEST_SUITE_END()
