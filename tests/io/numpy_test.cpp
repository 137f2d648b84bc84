#include <rewind/io/numpy.h>

#include "../check.h"
#include "../folder.h"
#include "mutations.h"

using namespace rw;
using io::load_npy;
using io::load_npz;
using io::save_npy;
using io::save_npz;
using rw::test::Folder;
using rw::test::Mutations;
using rw::test::saying;

namespace {

std::string stored_path(const std::string& name) { return REWIND_NUMPY "/" + name; }

std::string stored(const std::string& name) { return test::content_of(stored_path(name)); }

Tensor numbers(DType dtype) { return arange(6).sub(2).view({2, 3}).to(dtype); }

// What the files of generate.py hold, by their names.
NamedTensors arrays() {
  const Tensor three = arange(24).to(float32).view({2, 3, 4});
  return {{"f2", numbers(float16)},
          {"f4", numbers(float32)},
          {"f8", numbers(float64)},
          {"i1", numbers(int8)},
          {"i2", numbers(int16)},
          {"i4", numbers(int32)},
          {"i8", numbers(int64)},
          {"u1", numbers(int64).bitwise_and(255).to(uint8)},
          {"b1", numbers(boolean)},
          {"fortran", three.permute({2, 1, 0}).contiguous().permute({2, 1, 0})},
          {"strided", three.permute({1, 0, 2})},
          {"number", full({}, 0.1, float64)},
          {"one", ones({1}, int64)},
          {"empty", ones({3, 0})},
          {"long", zeros({1, 1234567, 0}, uint8)}};
}

// A file of version 1.0 of this header and data.
std::string file_of(const std::string& header, const std::string& data = "") {
  std::string bytes = std::string("\x93NUMPY\1") + '\0';
  bytes += static_cast<char>(header.size() & 255);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + data;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(numpy, Folder)

BOOST_AUTO_TEST_CASE(files_are_those_of_numpy) {
  for (const auto& [name, t] : arrays()) {
    save_npy(t, path / "a.npy");
    BOOST_TEST((read("a.npy") == stored(name + ".npy")), name);
  }
}

BOOST_AUTO_TEST_CASE(files_of_numpy_are_read) {
  for (const auto& [name, t] : arrays()) BOOST_TEST(equal(load_npy(stored_path(name + ".npy")), t));
  const Tensor fortran = load_npy(stored_path("fortran.npy"));
  BOOST_TEST((fortran.strides() == Strides{1, 2, 6}));
  for (const auto& [name, dtype] :
       {std::pair("f2", float16), std::pair("f4", float32), std::pair("f8", float64),
        std::pair("i2", int16), std::pair("i4", int32), std::pair("i8", int64)})
    BOOST_TEST(equal(load_npy(stored_path("big_" + std::string(name) + ".npy")), numbers(dtype)));
  for (const char* name : {"version2.npy", "version3.npy"})
    BOOST_TEST(equal(load_npy(stored_path(name)), numbers(float32)));
}

BOOST_AUTO_TEST_CASE(arrays_are_the_files_memory) {
  save_npy(arange(6).to(float32), path / "a.npy");
  const std::string before = read("a.npy");
  Tensor t = load_npy(path / "a.npy");
  t.mul_(2);
  BOOST_TEST((read("a.npy") == before));
  BOOST_TEST(t[5].item() == 10);
  t.requires_grad_();
  t.square().sum().backward();
  BOOST_TEST(t.grad()[5].item() == 20);
}

BOOST_AUTO_TEST_CASE(archives) {
  const StateDict all = load_npz(stored_path("arrays.npz"));
  BOOST_TEST(all.size() == 3u);
  BOOST_TEST(equal(all["x"], numbers(float32)));
  BOOST_TEST(equal(all["layer.weight"], numbers(int64)));
  BOOST_TEST((all["layer.weight"].strides() == Strides{1, 2}));
  BOOST_TEST(all["é"].item<bool>());
  const StateDict compressed = load_npz(stored_path("compressed.npz"));
  BOOST_TEST(compressed.size() == 4u);
  for (const auto& [name, t] : all) BOOST_TEST(equal(compressed[name], t));
  BOOST_TEST(equal(compressed["zeros"], zeros({1000}, float64)));

  save_npz(all, path / "a.npz");
  const StateDict again = load_npz(path / "a.npz");
  for (const auto& [name, t] : all) BOOST_TEST(equal(again[name], t));
  BOOST_TEST((again["layer.weight"].strides() == Strides{1, 2}));
  save_npz({}, path / "none.npz");
  BOOST_TEST(load_npz(path / "none.npz").empty());
}

BOOST_AUTO_TEST_CASE(what_can_not_be_written) {
  write("a.npy", "old");
  BOOST_CHECK_EXCEPTION(save_npy(ones({2}, bfloat16), path / "a.npy"), DTypeError,
                        saying("save_npy: NumPy has no bfloat16"));
  BOOST_CHECK_EXCEPTION(save_npy(Tensor(), path / "a.npy"), Error,
                        saying("save_npy: the tensor is undefined"));
  BOOST_CHECK_EXCEPTION(save_npz({{"a", ones({1})}, {"a", ones({1})}}, path / "a.npy"), Error,
                        saying("save_npz: 'a' is there more than once"));
  BOOST_CHECK_EXCEPTION(save_npz({{"a\xff", ones({1})}}, path / "a.npy"), Error,
                        saying("is not UTF-8"));
  BOOST_CHECK_EXCEPTION(save_npz({{std::string(32001, 'a'), ones({1})}}, path / "a.npy"), Error,
                        saying("save_npz: a name has 32001 bytes, expected at most 32000"));
  BOOST_TEST(read("a.npy") == "old");
  BOOST_CHECK_EXCEPTION(save_npy(ones({1}), "/nowhere/a"), IOError, saying("save_npy: /nowhere/a"));
}

BOOST_AUTO_TEST_CASE(what_is_refused) {
  for (const auto& [name, part] :
       {std::pair("u2", "its elements are of NumPy's \"<u2\", which there are not here"),
        std::pair("c8", "\"<c8\""), std::pair("text", "\"<U2\""), std::pair("date", "\"<M8[D]\""),
        std::pair("object", "its elements are Python's objects"),
        std::pair("structure", "its elements are structures")}) {
    const std::string file = stored_path("refused_" + std::string(name) + ".npy");
    BOOST_CHECK_EXCEPTION(load_npy(file), IOError, saying("load_npy: " + file + ": "));
    BOOST_CHECK_EXCEPTION(load_npy(file), IOError, saying(part));
  }
  const auto refuses = [&](const std::string& bytes, const std::string& part) {
    BOOST_CHECK_EXCEPTION(load_npy(write("a.npy", bytes)), IOError, saying(part));
  };
  const std::string type = "{'descr': '<f4', ", order = "'fortran_order': False, ",
                    shape = "'shape': (2,), }", data = "12345678";
  BOOST_TEST(load_npy(write("a.npy", file_of(type + order + shape, data))).numel() == 2);
  // Of Python 2, and in another order.
  BOOST_TEST(load_npy(write("a.npy", file_of("{\"shape\":(2L,),'descr':'<f4',"
                                             "'fortran_order':True}",
                                             data)))
                 .numel() == 2);
  refuses("", "no .npy file");
  refuses("\x93NUMPX", "no .npy file");
  refuses("\x93NUMPY\1", "truncated");
  refuses(std::string("\x93NUMPY\4\0\1\0a", 11), "of version 4.0 of NumPy's format");
  refuses(file_of(type + order + shape, data).substr(0, 40), "truncated: expected");
  refuses(file_of(type + order + shape, "1234"), "float32 of shape [2] take 8 bytes, there are 4");
  refuses(file_of(type + order + shape, data + "9"), "take 8 bytes, there are 9");
  refuses(file_of(""), "expected {");
  refuses(file_of(type + order + "}"), "has to have descr, fortran_order and shape");
  refuses(file_of(type + type.substr(1) + order + shape), "a member \"descr\" that there can't be");
  refuses(file_of("{'a': 1}"), "a member \"a\"");
  refuses(file_of(type + order + shape + "x"), "goes on after the dict");
  refuses(file_of(type + order + "'shape': (-2,)}", data), "expected a size before \"-2,)}\"");
  refuses(file_of(type + order + "'shape': (9223372036854775808,)}"), "expected a size");
  refuses(file_of(type + order + "'shape': (4294967296, 4294967296, 0)}"), "shape is impossible");
  refuses(file_of(type + "'fortran_order': 0, " + shape), "expected True or False");
  std::string deep = "'shape': (";
  for (int i = 0; i < 17; ++i) deep += "1,";
  refuses(file_of(type + order + deep + ")}", "1234"), "it has 17 dimensions, expected at most 16");
  BOOST_CHECK_EXCEPTION(load_npz(stored_path("f4.npy")), IOError,
                        saying("no .npz file: it is no zip archive"));
}

// Whatever the bytes are: arrays within the file, or an IOError.
BOOST_AUTO_TEST_CASE(mutated_files) {
  Mutations mutations(3);
  const std::string names[] = {"f4.npy", "fortran.npy", "big_i2.npy", "arrays.npz",
                               "compressed.npz"};
  std::vector<std::string> seeds;
  for (const std::string& name : names) seeds.push_back(stored(name));
  // Deflate makes up to a thousand bytes of one.
  const auto [good, refused] = test::read_damaged(6000, 2'000'000, [&](size_t i) {
    const std::string& name = names[i % seeds.size()];
    const std::string file = write("mutant", mutations.of(seeds[i % seeds.size()]));
    return name.ends_with("npy") ? StateDict{{"a", load_npy(file)}} : load_npz(file);
  });
  BOOST_TEST(good > 250);
  BOOST_TEST(refused > 2500);
}

BOOST_AUTO_TEST_SUITE_END()
