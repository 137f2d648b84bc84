#include <rewind/io/safetensors.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>

#include <rewind/tensor/allocator.h>

#include "../check.h"
#include "../folder.h"
#include "mutations.h"

using namespace rw;
using io::read_safetensors;
using io::SafetensorsFile;
using io::write_safetensors;
using rw::test::Folder;
using rw::test::saying;

namespace {

// A file of this header and data.
std::string file_of(const std::string& header, const std::string& data = "") {
  const uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

// One tensor of two numbers of 32 bits, with these members in the header.
std::string with_members(const std::string& members) {
  return file_of("{\"a\":{" + members + "}}", "12345678");
}

// What tests/io/safetensors/generate.py has put into the files beside it.
NamedTensors stored_tensors() {
  const auto numbers = [](DType dtype) { return arange(6).sub(2).view({2, 3}).to(dtype); };
  return {{"f32", numbers(float32)},
          {"f64", numbers(float64)},
          {"f16", numbers(float16)},
          {"bf16", numbers(bfloat16)},
          {"i64", numbers(int64)},
          {"i32", numbers(int32)},
          {"i16", numbers(int16)},
          {"i8", numbers(int8)},
          {"u8", arange(6).to(uint8)},
          {"bool", from({1, 0, 1}).to(boolean)},
          {"number", full({}, 0.1, float64)},
          {"empty", zeros({0, 3})},
          {"layer.weight", arange(4).to(float32).view({2, 2}).t()},
          {"Z \"quoted\" \\ \n\x01 é", ones({1})}};
}

std::string stored(const std::string& name) {
  return test::content_of(REWIND_SAFETENSORS "/" + name);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(safetensors, Folder)

BOOST_AUTO_TEST_CASE(files_are_those_of_python) {
  write_safetensors(path / "all", stored_tensors());
  BOOST_TEST((read("all") == stored("all.safetensors")));
  write_safetensors(path / "metadata", {{"a", zeros({3}, int16)}}, {{"format", "pt"}});
  BOOST_TEST((read("metadata") == stored("metadata.safetensors")));
  write_safetensors(path / "none", {});
  BOOST_TEST((read("none") == stored("none.safetensors")));
}

BOOST_AUTO_TEST_CASE(files_of_python_are_read) {
  const StateDict all = read_safetensors(std::string(REWIND_SAFETENSORS) + "/all.safetensors");
  const NamedTensors expected = stored_tensors();
  BOOST_TEST(all.size() == expected.size());
  for (const auto& [name, t] : expected) BOOST_TEST(equal(all[name], t), name);
  const SafetensorsFile file(std::string(REWIND_SAFETENSORS) + "/metadata.safetensors");
  BOOST_TEST(file.metadata().at("format") == "pt");
  BOOST_TEST(file.keys() == std::vector<std::string>{"a"});
  BOOST_TEST(read_safetensors(std::string(REWIND_SAFETENSORS) + "/none.safetensors").empty());
}

BOOST_AUTO_TEST_CASE(tensors_are_the_files_memory) {
  write_safetensors(path / "a", {{"x", arange(1000).to(float32)}, {"y", ones({3}, int8)}});
  const std::string before = read("a");
  reset_peak_memory();
  const int64_t peak = memory_stats().peak;
  Tensor x;
  {
    StateDict all = read_safetensors(path / "a");
    BOOST_TEST(memory_stats().peak - peak < 1000);
    x = all["x"];
    Tensor y = all["y"];
    y.add_(1);  // its neighbour in the page
  }
  x.mul_(2);
  BOOST_TEST(x[999].item() == 1998);
  BOOST_TEST((read("a") == before));
  // Written over while it is open.
  write_safetensors(path / "a", {{"x", x + 1}});
  BOOST_TEST(x[999].item() == 1998);
  BOOST_TEST(read_safetensors(path / "a")["x"][999].item() == 1999);
  x.requires_grad_();
  x.square().sum().backward();
  BOOST_TEST(x.grad()[1].item() == 4);
}

BOOST_AUTO_TEST_CASE(memory_orders_and_views) {
  const Tensor t = arange(24).view({2, 3, 2, 2}).to(float32);
  const Tensor last = t.contiguous(MemoryFormat::channels_last);
  write_safetensors(path / "a", {{"last", last},
                                 {"row", t[1][2]},
                                 {"wide", ones({2, 1}).expand({2, 3})},
                                 {"leaf", ones({2}).requires_grad_()}});
  const StateDict all = read_safetensors(path / "a");
  BOOST_TEST(equal(all["last"], t));
  BOOST_TEST(equal(all["row"], t[1][2]));
  BOOST_TEST(equal(all["wide"], ones({2, 3})));
  BOOST_TEST(!all["leaf"].requires_grad());
}

BOOST_AUTO_TEST_CASE(numbers_that_lie_where_they_cannot_are_copied) {
  const std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                             R"("b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})";
  const float numbers[] = {1.5, -2};
  std::string data = "x";
  data.append(reinterpret_cast<const char*>(numbers), sizeof numbers);
  const StateDict all = read_safetensors(write("a", file_of(header, data)));
  BOOST_TEST(all["b"].to_vector() == (std::vector<float>{1.5, -2}));
  // Bools that are neither 0 nor 1.
  const std::string bools = R"({"a":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}})";
  const StateDict b = read_safetensors(write("b", file_of(bools, std::string("\0\1\2\xff", 4))));
  BOOST_TEST(b["a"].to_vector<int>() == (std::vector<int>{0, 1, 1, 1}));
}

BOOST_AUTO_TEST_CASE(some_tensors_of_a_file) {
  const std::string header = R"({"a":{"dtype":"U16","shape":[1],"data_offsets":[0,2]},)"
                             R"("b":{"dtype":"I16","shape":[1],"data_offsets":[2,4]}}   )";
  const std::string name = write("a", file_of(header, std::string("\1\0\2\0", 4)));
  const SafetensorsFile file(name);
  BOOST_TEST(file.keys() == (std::vector<std::string>{"a", "b"}));
  BOOST_TEST(file.get_tensor("b").item<int>() == 2);
  BOOST_TEST((file.contains("a") && !file.contains("c")));
  BOOST_CHECK_EXCEPTION(file.get_tensor("c"), IndexError,
                        saying("SafetensorsFile: " + name + ": there is no tensor 'c'"));
  BOOST_CHECK_EXCEPTION(file.get_tensor("a"), IOError,
                        saying("'a' is of U16, which there is not here"));
  BOOST_CHECK_EXCEPTION(read_safetensors(name), IOError,
                        saying("read_safetensors: " + name + ": 'a' is of U16"));
}

BOOST_AUTO_TEST_CASE(what_is_no_file_of_this_kind) {
  const auto refuses = [&](const std::string& bytes, const std::string& part) {
    const std::string name = write("bad", bytes);
    BOOST_CHECK_EXCEPTION(read_safetensors(name), IOError,
                          saying("read_safetensors: " + name + ": "));
    BOOST_CHECK_EXCEPTION(read_safetensors(name), IOError, saying(part));
  };
  refuses("", "no safetensors file: expected 8 bytes that hold a length, got 0");
  refuses("GIF89a", "expected 8 bytes that hold a length, got 6");
  refuses(std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10),
          "its header would have 100000001 bytes, of at most 100000000");
  refuses(std::string(8, '\xff'), "its header would have 18446744073709551615 bytes");
  refuses(file_of("{}").substr(0, 9), "or truncated: its header of 2 bytes ends after the file");
  refuses(file_of(""), "expected a header that begins with {");
  refuses(file_of(" {}"), "expected a header that begins with {");
  refuses(file_of("[]"), "expected a header that begins with {");
  refuses(file_of("{\"a\":}"), "not JSON at byte 5, expected a value");
  refuses(file_of("{\"\xff\":{}}"), "the text is not UTF-8 at byte 2");
  refuses(file_of("{}x"), "not JSON at byte 2, expected the end");
  refuses(file_of("{\"a\":" + std::string(50000, '[')), "more than 64 arrays and objects");
  refuses(file_of("{}", "x"), "the file goes on for 1 bytes after the last tensor");
  refuses(file_of(R"({"__metadata__":[]})"), "__metadata__ is no object");
  refuses(file_of(R"({"__metadata__":{"a":1}})"), "'a' of __metadata__ is no string");
  refuses(file_of(R"({"a":1})"), "'a' has no dtype");

  const std::string type = R"("dtype":"F32",)", shape = R"("shape":[2],)",
                    offsets = R"("data_offsets":[0,8])";
  BOOST_TEST(read_safetensors(write("good", with_members(type + shape + offsets))).size() == 1u);
  refuses(with_members(shape + offsets), "'a' has no dtype");
  refuses(with_members(type + offsets), "'a' has no list shape");
  refuses(with_members(type + R"("shape":[2])"), "'a' has no list data_offsets");
  refuses(with_members(R"("dtype":"F31",)" + shape + offsets),
          "'a' has a dtype that the format does not know, \"F31\"");
  refuses(with_members(R"("dtype":"F4","shape":[3],)" + offsets), "'a' ends within a byte");
  refuses(with_members(type + R"("shape":[-2],)" + offsets),
          "shape of 'a' holds what is no size, -2");
  refuses(with_members(type + R"("shape":[2.0],)" + offsets), "holds what is no size, 2");
  refuses(with_members(type + R"("shape":[18446744073709551616],)" + offsets), "is no size");
  refuses(with_members(type + R"("shape":[4294967296,4294967296],)" + offsets),
          "the shape of 'a' is impossible, [4294967296, 4294967296]");
  refuses(with_members(type + R"("shape":[0,4294967296,4294967296],)" + offsets), "is impossible");
  refuses(with_members(type + R"("shape":[3],)" + offsets),
          "'a', of F32 and shape [3], takes 12 bytes and has 8");
  refuses(with_members(type + shape + R"("data_offsets":[8,0])"),
          "are no beginning and end, [8, 0]");
  refuses(with_members(type + shape + R"("data_offsets":[0])"), "are no beginning and end, [0]");
  refuses(with_members(type + shape + R"("data_offsets":[8,16])"),
          "there is a hole of 8 bytes before 'a'");
  refuses(with_members(type + shape + type + offsets), "'dtype' is there more than once");
  refuses(with_members(type + shape + offsets).substr(0, 66),
          "the file is truncated: 'a' ends at byte 8 of its data, which has 4");
  const std::string b = R"({"dtype":"F32","shape":[1],"data_offsets":[)";
  refuses(file_of("{\"a\":" + b + "0,4]},\"a\":" + b + "4,8]}}", "12345678"),
          "'a' is there more than once");
  refuses(file_of("{\"a\":" + b + "0,4]},\"b\":" + b + "2,6]}}", "123456"),
          "'b' overlaps the tensor before it");
  std::string ones = "1";
  for (int i = 0; i < 16; ++i) ones += ",1";
  const std::string deep =
      write("deep",
            file_of(R"({"a":{"dtype":"U8","shape":[)" + ones + R"(],"data_offsets":[0,1]}})", "x"));
  BOOST_CHECK_EXCEPTION(read_safetensors(deep), IOError,
                        saying("'a' has 17 dimensions, expected at most 16"));
  BOOST_CHECK_EXCEPTION(read_safetensors("/nowhere/a"), IOError,
                        saying("read_safetensors: cannot open /nowhere/a: No such file"));
  BOOST_CHECK_EXCEPTION(read_safetensors(path), IOError, saying("it is no regular file"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written) {
  const Tensor t = ones({2});
  const auto refuses = [&](const NamedTensors& tensors, const std::string& text) {
    BOOST_CHECK_EXCEPTION(write_safetensors(path / "a", tensors), Error,
                          saying("write_safetensors: " + text));
    BOOST_TEST(!std::filesystem::exists(path / "a"));
  };
  refuses({{"x", Tensor()}}, "'x' is undefined");
  refuses({{"x", t}, {"y", t}, {"x", t}}, "'x' is there more than once");
  refuses({{"__metadata__", t}}, "no tensor can have the name '__metadata__'");
  refuses({{"x\xff", t}}, "the name \"x\xff\" is not UTF-8");
  BOOST_CHECK_EXCEPTION(write_safetensors(path / "a", {}, {{"x", "\xc0"}}), Error,
                        saying("the metadata \"x\" are not UTF-8"));
  BOOST_CHECK_EXCEPTION(write_safetensors("/dev/full", {{"x", t}}), IOError,
                        saying("write_safetensors: /dev/full can't be written: No space left"));
}

BOOST_AUTO_TEST_CASE(ten_gigabytes_open_in_no_time) {
  const std::string name = path / "large";
  const std::string header =
      R"({"a":{"dtype":"F32","shape":[50000,50000],"data_offsets":[0,10000000000]}}      )";
  write("large", file_of(header));
  std::filesystem::resize_file(name, 8 + header.size() + 10'000'000'000);
  Tensor t;
  double best = 1e9;  // in milliseconds, of several: others may be at work
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    t = read_safetensors(name)["a"];
    best = std::min(
        best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                  .count());
  }
  BOOST_TEST(best < 10);
  BOOST_TEST(t[49999][49999].item() == 0);
  t[49999][3] = 7;
  BOOST_TEST(t[49999].sum().item() == 7);
}

BOOST_AUTO_TEST_CASE(several_files_by_their_index) {
  write_safetensors(path / "m-1.safetensors", {{"a", ones({2})}, {"b", zeros({1})}});
  write_safetensors(path / "m-2.safetensors", {{"c", full({3}, 5)}, {"other", zeros({1})}});
  const auto index = [&](const std::string& map) {
    return write("m.safetensors.index.json",
                 R"({"metadata":{"total_size":24},"weight_map":)" + map + "}\n");
  };
  const StateDict all = read_safetensors(
      index(R"({"a": "m-1.safetensors", "b": "m-1.safetensors", "c": "m-2.safetensors"})"));
  BOOST_TEST(all.size() == 3u);
  BOOST_TEST(equal(all["c"], full({3}, 5)));
  const auto refuses = [&](const std::string& map, const std::string& part) {
    const std::string name = index(map);
    BOOST_CHECK_EXCEPTION(read_safetensors(name), IOError, saying(part));
  };
  refuses("[]", "no index: expected an object weight_map");
  refuses(R"({"a": 1})", "expected the name of a file in the same folder for 'a', got 1");
  refuses(R"({"a": "../m-1.safetensors"})", "expected the name of a file in the same folder");
  refuses(R"({"a": ""})", "expected the name of a file in the same folder for 'a', got \"\"");
  refuses(R"({"a": "m-1.safetensors\u0000"})", "expected the name of a file in the same folder");
  refuses(R"({"a": "m-3.safetensors"})", "m-3.safetensors: No such file");
  refuses(R"({"x": "m-1.safetensors"})",
          "m-1.safetensors: there is no tensor 'x', which " + (path / "m.saf").string());
  refuses("", "not JSON at byte");
}

BOOST_AUTO_TEST_CASE(many_dimensions_take_no_time) {
  std::string shape = "1";
  for (int i = 1; i < 10000; ++i) shape += ",1";
  const std::string name =
      write("a", with_members(R"("dtype":"F32","data_offsets":[0,8],"shape":[)" + shape + "]"));
  const auto start = std::chrono::steady_clock::now();
  BOOST_CHECK_EXCEPTION(read_safetensors(name), IOError,
                        saying("the shape of 'a' is impossible: it has 10000 dimensions"));
  BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(1)));
}

// Whatever the bytes are: tensors within the file, or an IOError.
BOOST_AUTO_TEST_CASE(mutations) {
  std::mt19937 random(5);
  const auto below = [&](size_t n) { return random() % n; };
  write_safetensors(path / "a", {{"a", ones({2, 2})}, {"b", zeros({3}, boolean)}}, {{"k", "v"}});
  write_safetensors(path / "b", {{"x", ones({4}, int64)}, {"y", ones({0})}, {"z", ones({})}});
  const std::string seeds[] = {read("a"), read("b")};
  // What headers are made of.
  const std::string pieces[] = {
      "0",   "9",    "-",    "[",       "]",    "{",     "}",
      "\"",  ",",    "1e18", "\"F32\"", "null", "[0,0]", "18446744073709551615",
      "\\u", "BOOL", "F4",   "\"a\"",   " ",    "shape"};
  const auto [good, refused] = test::read_damaged(8000, 2'000'000, [&](size_t i) {
    std::string bytes = seeds[i % 2];
    const uint64_t length = static_cast<unsigned char>(bytes[0]);
    for (size_t changes = below(4); changes-- > 0;) {
      const size_t at = below(2) ? below(bytes.size()) : 8 + below(length);
      if (below(3)) {
        bytes[at] = static_cast<char>(below(2) ? random() : '0' + below(10));
      } else {
        const std::string& piece = pieces[below(std::size(pieces))];
        bytes.replace(at, below(3), piece);
        bytes[0] = static_cast<char>(length + bytes.size() - seeds[i % 2].size());
      }
    }
    if (below(6) == 0) bytes.resize(below(bytes.size() + 1));
    return read_safetensors(write("mutant", bytes));
  });
  BOOST_TEST(good > 1500);
  BOOST_TEST(refused > 3000);
}

BOOST_AUTO_TEST_SUITE_END()
