#include <rewind/io/pytorch.h>

#include <rewind/io/safetensors.h>
#include <rewind/io/zip.h>
#include <rewind/optim/optim.h>

#include "../check.h"
#include "../folder.h"
#include "mutations.h"

using namespace rw;
using io::load_pytorch;
using io::save_pytorch;
using rw::test::Folder;
using rw::test::Mutations;
using rw::test::saying;

namespace {

std::string stored_path(const std::string& name) { return REWIND_PYTORCH "/" + name; }

std::string stored(const std::string& name) { return test::content_of(stored_path(name)); }

Tensor numbers(DType dtype) { return arange(6).sub(2).view({2, 3}).to(dtype); }

std::vector<std::string> names_of(const StateDict& state) {
  std::vector<std::string> names;
  for (const auto& entry : state) names.push_back(entry.first);
  return names;
}

const std::string both[] = {".pt", "_legacy.pt"};

struct Archives : Folder {
  // A file of torch.save whose pickle and first storage are these.
  std::string archive(const std::string& pickle, const std::string& storage = "12345678",
                      const std::string& version = "3\n",
                      const std::string& order = "little") const {
    std::string bytes;
    io::ZipWriter zip([&](std::string_view piece) { bytes += piece; });
    zip.add("x/data.pkl", pickle);
    if (!order.empty()) zip.add("x/byteorder", order);
    zip.add("x/data/0", storage);
    if (!version.empty()) zip.add("x/version", version);
    zip.finish();
    return write("made.pt", bytes);
  }
};

// The pickle of a file.
std::string pickle_of(const std::string& name) {
  const std::string file = stored_path(name);
  const io::ZipReader zip("test", std::make_shared<const io::MappedFile>("test", file));
  for (const io::ZipEntry& entry : zip.entries())
    if (entry.name.ends_with("/data.pkl")) return std::string(zip.read(entry).bytes);
  return "";
}

// A pickle of a tensor of two float32, of these sizes, strides and offset, which are instructions.
std::string tensor_pickle(const std::string& offset, const std::string& shape,
                          const std::string& strides) {
  const std::string zero("X\1\0\0\0000", 6), cpu("X\3\0\0\0cpu", 8);
  return "\x80\2ctorch._utils\n_rebuild_tensor_v2\n((" + std::string("X\7\0\0\0storage", 12) +
         "ctorch\nFloatStorage\n" + zero + cpu + "K\2tQ" + offset + shape + strides +
         "\x89"
         "ccollections\nOrderedDict\n)RtR.";
}

const std::string zero("K\0", 2);

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pytorch, Archives)

BOOST_AUTO_TEST_CASE(dtypes) {
  for (const std::string& suffix : both) {
    const StateDict all = load_pytorch(stored_path("tensors" + suffix));
    BOOST_TEST(all.size() == 12u);
    for (const DType dtype :
         {float16, bfloat16, float32, float64, int8, int16, int32, int64, boolean})
      BOOST_TEST(equal(all[name(dtype)], numbers(dtype)), name(dtype));
    BOOST_TEST(equal(all["uint8"], arange(6).to(uint8)));
    BOOST_TEST(equal(all["number"], full({}, 0.1, float64)));
    BOOST_TEST(equal(all["empty"], zeros({0, 3})));
  }
}

BOOST_AUTO_TEST_CASE(views_share_their_storage) {
  for (const std::string& suffix : both) {
    StateDict all = load_pytorch(stored_path("views" + suffix));
    const Tensor base = arange(24).to(float32).view({2, 3, 4});
    BOOST_TEST(equal(all["base"], base));
    BOOST_TEST(equal(all["turned"], base.permute({2, 0, 1})));
    BOOST_TEST((all["turned"].strides() == Strides{1, 12, 4}));
    BOOST_TEST(equal(all["row"], base[1][2]));
    BOOST_TEST(equal(all["column"], base.slice(1, 1, 3).slice(2, 0, 4, 2)));
    BOOST_TEST(equal(all["wide"], ones({2, 5})));
    BOOST_TEST((all["wide"].strides() == Strides{1, 0}));
    BOOST_TEST(equal(all["parameter"], ones({3})));
    BOOST_TEST(!all["parameter"].requires_grad());
    BOOST_TEST(equal(all["last"], arange(24).to(float32).view({1, 2, 3, 4})));
    BOOST_TEST(all["last"].is_contiguous(MemoryFormat::channels_last));
    const std::string before = stored("views" + suffix);
    all["base"].mul_(2);
    BOOST_TEST(equal(all["row"], base[1][2] * 2));
    BOOST_TEST((stored("views" + suffix) == before));
  }
}

BOOST_AUTO_TEST_CASE(containers_make_names) {
  const StateDict all = load_pytorch(stored_path("nested.pt"));
  BOOST_TEST(names_of(all) == (std::vector<std::string>{"model.0.weight",
                                                        "model.0.bias",
                                                        "model.1.weight",
                                                        "model.1.bias",
                                                        "model.1.running_mean",
                                                        "model.1.running_var",
                                                        "model.1.num_batches_tracked",
                                                        "optimizer.state.0.step",
                                                        "optimizer.state.0.exp_avg",
                                                        "optimizer.state.0.exp_avg_sq",
                                                        "optimizer.state.1.step",
                                                        "optimizer.state.1.exp_avg",
                                                        "optimizer.state.1.exp_avg_sq",
                                                        "optimizer.state.2.step",
                                                        "optimizer.state.2.exp_avg",
                                                        "optimizer.state.2.exp_avg_sq",
                                                        "optimizer.state.3.step",
                                                        "optimizer.state.3.exp_avg",
                                                        "optimizer.state.3.exp_avg_sq",
                                                        "list.5.0",
                                                        "list.5.1.3"}),
             boost::test_tools::per_element());
  BOOST_TEST(equal(all["list.5.0"], ones({2})));
  BOOST_TEST(all["model.1.num_batches_tracked"].item<int>() == 1);
  const StateDict legacy = load_pytorch(stored_path("nested_legacy.pt"));
  BOOST_TEST(names_of(legacy) == names_of(all));
  for (const auto& [name, t] : all) BOOST_TEST(equal(legacy[name], t), name);
  const StateDict model = load_pytorch(stored_path("nested.pt"),
                                       {.prefix = "model.", .rename = [](const std::string& name) {
                                          return name.starts_with("optimizer") ? "" : name;
                                        }});
  BOOST_TEST(model.size() == 9u);
  BOOST_TEST(equal(model["0.weight"], all["model.0.weight"]));
}

BOOST_AUTO_TEST_CASE(one_tensor) {
  for (const char* file : {"tensor.pt", "tensor_legacy.pt", "deflated.pt"}) {
    Tensor t;
    load(t, stored_path(file));
    BOOST_TEST(equal(t, numbers(float32)));
    BOOST_TEST(equal(load(stored_path(file))["tensor"], t));
  }
}

BOOST_AUTO_TEST_CASE(load_tells_formats_apart) {
  for (const std::string& suffix : both) {
    nn::Sequential net(nn::Linear(2, 3), nn::BatchNorm1d(3));
    const nn::LoadReport report = load(net, stored_path("model" + suffix));
    BOOST_TEST((report.missing.empty() && report.unknown.empty()));
    const StateDict state = load(stored_path("model" + suffix));
    for (const auto& [name, t] : net.state_dict()) BOOST_TEST(equal(t, state[name]), name);
    nn::Linear linear(2, 3);
    load(linear, stored_path("nested" + suffix), {.strict = false, .prefix = "model.0."});
    BOOST_TEST(equal(linear.weight, state["0.weight"]));
  }
  nn::Linear linear(2, 3);
  const std::string file = stored_path("tensor.pt");
  BOOST_CHECK_EXCEPTION(load(linear, file), Error, saying("load: " + file + ": load_state_dict: "));
  BOOST_CHECK_EXCEPTION(load(linear, stored_path("refused_call.pt")), IOError,
                        saying("load: " + stored_path("refused_call.pt") + ": it names"));
  BOOST_CHECK_EXCEPTION(load(write("a", "PK")), IOError,
                        saying("neither a file of safetensors nor one of torch.save"));
  save(NamedTensors{{"x", ones({2})}}, path / "b.pt");  // whatever it is called
  BOOST_TEST(equal(
      load(path / "b.pt", {.prefix = "x", .rename = [](const std::string&) { return "y"; }})["y"],
      ones({2})));
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  const NamedTensors all = load_pytorch(stored_path("tensors.pt"));
  save_pytorch(all, path / "a.pt");
  const StateDict again = load_pytorch(path / "a.pt");
  BOOST_TEST(again.size() == all.size());
  for (const auto& [name, t] : all) BOOST_TEST(equal(again[name], t), name);

  Tensor tied = ones({2, 2});
  save_pytorch({{"a", tied}, {"b", tied}, {"c", tied.t()}, {"d", zeros({0})}, {"e", zeros({0})}},
               path / "b.pt");
  StateDict b = load_pytorch(path / "b.pt");
  b["a"].mul_(3);
  BOOST_TEST(equal(b["b"], full({2, 2}, 3.0)));
  BOOST_TEST(equal(b["c"], ones({2, 2})));
  BOOST_TEST((b["c"].strides() == Strides{2, 1}));
  save_pytorch({}, path / "c.pt");
  BOOST_TEST(load_pytorch(path / "c.pt").empty());

  nn::Sequential net(nn::Linear(2, 3), nn::BatchNorm1d(3)),
      other(nn::Linear(2, 3), nn::BatchNorm1d(3));
  save_pytorch(net.state_dict(), path / "net.pt");
  load(other, path / "net.pt");
  for (const auto& [name, t] : net.state_dict()) BOOST_TEST(equal(t, other.state_dict()[name]));

  write("d.pt", "old");
  BOOST_CHECK_EXCEPTION(save_pytorch({{"a", Tensor()}}, path / "d.pt"), Error,
                        saying("save_pytorch: 'a' is undefined"));
  BOOST_CHECK_EXCEPTION(save_pytorch({{"a", tied}, {"a", tied}}, path / "d.pt"), Error,
                        saying("save_pytorch: 'a' is there more than once"));
  BOOST_TEST(read("d.pt") == "old");
}

BOOST_AUTO_TEST_CASE(what_is_refused) {
  const auto refuses = [](const char* name, const std::string& part) {
    const std::string file = stored_path("refused_" + std::string(name) + ".pt");
    BOOST_CHECK_EXCEPTION(load_pytorch(file), IOError, saying("load_pytorch: " + file + ": "));
    BOOST_CHECK_EXCEPTION(load_pytorch(file), IOError, saying(part));
  };
  refuses("call", "it names \"posix.system\", which is not read: only tensors, numbers and texts");
  BOOST_TEST(!std::filesystem::exists("/tmp/rewind_was_here"));
  refuses("module", "it names \"torch.nn.modules.container.Sequential\"");
  refuses("uint16", "it names \"torch._utils._rebuild_tensor_v3\"");
  refuses("complex", "it names \"torch.ComplexFloatStorage\"");
  refuses("sparse", "it names \"torch._utils._rebuild_sparse_tensor\"");
  refuses("key", "a key of the dict \"\" is neither a text nor an integer");
  refuses("twice", "\"a.b\" is there more than once");
  refuses("protocol", "a pickle of protocol 4, expected 2");
  BOOST_CHECK_EXCEPTION(load_pytorch("/nowhere/a"), IOError,
                        saying("load_pytorch: cannot open /nowhere/a"));
  BOOST_CHECK_EXCEPTION(load_pytorch(write("a", "x")), IOError, saying("no file of torch.save"));
}

BOOST_AUTO_TEST_CASE(records) {
  const std::string good = tensor_pickle(zero, "K\2\x85", "K\1\x85");
  const std::string two("\0\0\x80\x3f\0\0\0\x40", 8), swapped("\x3f\x80\0\0\x40\0\0\0", 8);
  const std::vector<float> numbers = {1, 2};
  BOOST_TEST(load_pytorch(archive(good, two))["tensor"].to_vector() == numbers);
  BOOST_TEST(load_pytorch(archive(good, two, "3\n", ""))["tensor"].to_vector() == numbers);
  BOOST_TEST(load_pytorch(archive(good, swapped, "3\n", "big"))["tensor"].to_vector() == numbers);
  const auto refuses = [](const std::string& file, const std::string& part) {
    BOOST_CHECK_EXCEPTION(load_pytorch(file), IOError, saying(part));
  };
  refuses(archive(good, two, "3\n", "middle"), "its byte order is \"middle\"");
  refuses(archive(good, two, ""), "it has no record of its version");
  refuses(archive(good, two, "11\n"), "its version is \"11\\n\", expected 1 to 10");
  refuses(archive(good, two, "x"), "its version is \"x\"");
  refuses(archive(good, two + "1234"),
          "storage \"0\" has 12 bytes, expected 2 elements of float32");
  refuses(archive(good, ""), "storage \"0\" has 0 bytes");
  std::string other = good;
  other[other.find("0X\3")] = '1';
  refuses(archive(other, two), "there is no storage \"1\"");
}

BOOST_AUTO_TEST_CASE(programs) {
  const auto refuses = [&](const std::string& pickle, const std::string& part) {
    BOOST_CHECK_EXCEPTION(load_pytorch(archive(pickle)), IOError, saying(part));
  };
  const auto of = [](const std::string& offset, const std::string& shape,
                     const std::string& strides) { return tensor_pickle(offset, shape, strides); };
  BOOST_TEST(load_pytorch(archive(of("K\1", ")", ")")))["tensor"].numel() == 1);
  BOOST_TEST(load_pytorch(archive(of(zero, "K\1\x85", "J\xff\xff\xff\x7f\x85"))).size() == 1u);
  refuses(of("K\2", ")", ")"), "a tensor of shape [], strides [] and offset 2 is not within");
  refuses(of(zero, "K\3\x85", "K\1\x85"), "is not within its storage of 2 elements");
  refuses(of(zero, "K\2\x85", "K\2\x85"), "is not within its storage of 2 elements");
  refuses(of(zero, "K\2\x85", "\x8a\x8\xff\xff\xff\xff\xff\xff\xff\x7f\x85"), "is not within");
  refuses(of("J\xff\xff\xff\xff", "K\2\x85", "K\1\x85"), "the size -1 is negative");
  refuses(of(zero, "J\xff\xff\xff\xff\x85", "K\1\x85"), "the size -1 is negative");
  refuses(of(zero, "K\2\x85", ")"), "1 sizes and 0 strides");
  refuses(
      of(zero, "(" + std::string("K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1") + "t", ")"),
      "a tensor has 17 dimensions");
  const std::string huge("\x8a\x08\0\0\0\0\0\0\0\x40", 10);
  refuses(of(zero, huge + huge + "\x86", zero + zero + "\x86"), "a tensor's shape is impossible");

  refuses("", "truncated: expected 1 bytes more, there are 0");
  refuses("\x80\2", "truncated");
  refuses("\x80\2.", "damaged: a value is missing");
  refuses("\x80\2Nt.", "damaged: a mark is missing");
  refuses("\x80\2(NR.", "damaged: a value is missing");
  refuses("\x80\2NNR.", "damaged: expected a function");
  refuses("\x80\2ctorch\nFloatStorage\n)R.", "it calls torch.FloatStorage, which is no function");
  refuses("\x80\2cos\nsystem\n)R.", "it names \"os.system\"");
  refuses("\x80\2ios\nsystem\n.", "not a pickle of tensors: it has the instruction 0x69");
  refuses("\x80\2N\x81.", "it has the instruction 0x81");
  refuses("\x80\2h\5.", "damaged: nothing was kept as 5");
  refuses("\x80\2NNa.", "damaged: expected a list");
  refuses("\x80\2)Na.", "damaged: expected a list");
  refuses("\x80\2](Nu.", "damaged: expected a dict");
  refuses("\x80\2}(Nu.", "damaged: expected a dict");
  refuses("\x80\2]}b.", "damaged: expected a dict");
  refuses("\x80\2K\1Q.", "damaged: expected a tuple");
  refuses(std::string("\x80\2X\2\0\0\0a\xff.", 10), "a text is not UTF-8");
  refuses(std::string("\x80\2X\xff\xff\xff\xff", 7), "truncated: expected 4294967295 bytes more");
  refuses("\x80\2" + std::string(100, ']') + std::string(99, 'a') + ".",
          "more than 64 containers inside each other");
  refuses("\x80\2]q\1h\1a.", "its containers are there again and again");
}

// A list of two of the list before, and so on, has 2^40 elements; so do dicts made of one list.
BOOST_AUTO_TEST_CASE(containers_that_are_there_again_and_again) {
  std::string doubling = "\x80\2]";
  for (char i = 0; i < 40; ++i) doubling += std::string("q") + i + "h" + i + "\x86";
  BOOST_CHECK_EXCEPTION(load_pytorch(archive(doubling + ".")), IOError,
                        saying("its containers are there again and again"));
  std::string copies = "\x80\2](";
  for (int i = 0; i < 1000; ++i) copies += "NN\x86";
  copies += "eq" + zero.substr(1) + "ccollections\nOrderedDict\nq\1h" + zero.substr(1) + "\x85R";
  for (int i = 0; i < 1000; ++i) copies += "h\1h" + zero.substr(1) + "\x85R";
  BOOST_CHECK_EXCEPTION(load_pytorch(archive(copies + ".")), IOError,
                        saying("it copies a list again and again"));
}

// Whatever the bytes are: tensors within the file, or an IOError.
BOOST_AUTO_TEST_CASE(mutated_files) {
  Mutations mutations(7);
  const std::string names[] = {"views.pt", "views_legacy.pt", "nested_legacy.pt", "deflated.pt"};
  std::vector<std::string> seeds;
  for (const std::string& name : names) seeds.push_back(stored(name));
  // By themselves, as checksums would tell any change.
  const std::string pickles[] = {pickle_of("tensor.pt"), pickle_of("nested.pt")};
  const auto [good, refused] = test::read_damaged(8000, 2'000'000, [&](size_t i) {
    const bool whole = i % 2 == 0;
    return load_pytorch(whole ? write("mutant", mutations.of(seeds[i / 2 % seeds.size()]))
                              : archive(mutations.of(pickles[i / 2 % 2]), std::string(24, '\1')));
  });
  BOOST_TEST(good > 200);
  BOOST_TEST(refused > 4000);
}

BOOST_AUTO_TEST_SUITE_END()
