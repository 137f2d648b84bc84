#include <rewind/io/tensorboard.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "../check.h"
#include "../folder.h"
#include "protobuf.h"

using namespace rw;
using boost::test_tools::per_element;
using rw::io::SummaryWriter;
using rw::test::content_of;
using rw::test::Fields;
using rw::test::Folder;
using rw::test::little_endian;
using rw::test::saying;

namespace fs = std::filesystem;

namespace {

// --- A decoder of its own ------------------------------------------------------------------------

// CRC-32C bit by bit, and the mask of the format's description.
uint64_t masked_crc(std::string_view bytes) {
  uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int k = 0; k < 8; ++k) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
  }
  crc = ~crc;
  return static_cast<uint32_t>(((crc >> 15) | (crc << 17)) + 0xa282ead8);
}

// The records of a file, whose sums are checked.
std::vector<std::string> records_of(const std::string& file) {
  std::vector<std::string> out;
  for (std::string_view rest = file; !rest.empty();) {
    BOOST_TEST_REQUIRE(rest.size() >= 12);
    const uint64_t size = little_endian(rest.substr(0, 8));
    BOOST_TEST(little_endian(rest.substr(8, 4)) == masked_crc(rest.substr(0, 8)));
    BOOST_TEST_REQUIRE(rest.size() >= size + 16);
    const std::string_view data = rest.substr(12, size);
    BOOST_TEST(little_endian(rest.substr(12 + size, 4)) == masked_crc(data));
    out.emplace_back(data);
    rest.remove_prefix(size + 16);
  }
  return out;
}

struct Event {
  double wall_time;
  std::optional<int64_t> step;
  Fields value;  // the only one of its summary
};

std::vector<Event> events_of(const fs::path& path) {
  std::vector<Event> out;
  const std::vector<std::string> records = records_of(content_of(path));
  BOOST_TEST_REQUIRE(!records.empty());
  const Fields first(records[0]);
  BOOST_TEST(first.text(3) == "brain.Event:2");
  BOOST_TEST(first.real(1) > 1.6e9);
  for (size_t i = 1; i < records.size(); ++i) {
    const Fields event(records[i]);
    std::optional<int64_t> step;
    if (event.contains(2)) step = static_cast<int64_t>(event.integer(2));
    out.push_back({event.real(1), step, event.below(5).below(1)});
  }
  return out;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tensorboard)

BOOST_AUTO_TEST_CASE(scalars) {
  const Folder folder;
  SummaryWriter writer(folder.path / "run");
  BOOST_TEST(writer.log_dir() == (folder.path / "run").string());
  writer.add_scalar("loss/train", 0.25, 3);
  writer.add_scalar("ü", -1e300, -1, 12.5);
  writer.add_scalar("none", std::nan(""));
  writer.close();
  const std::vector<fs::path> files = files_below(folder.path);
  BOOST_TEST_REQUIRE(files.size() == 1u);
  BOOST_TEST(files[0].filename().string().starts_with("events.out.tfevents."));
  const std::vector<Event> events = events_of(files[0]);
  BOOST_TEST_REQUIRE(events.size() == 3u);
  BOOST_TEST(events[0].value.text(1) == "loss/train");
  BOOST_TEST(events[0].value.small(2) == 0.25f);
  BOOST_TEST(events[0].step.value() == 3);
  BOOST_TEST(events[0].wall_time > 1.6e9);
  BOOST_TEST(events[1].value.text(1) == "ü");
  BOOST_TEST(std::isinf(events[1].value.small(2)));
  BOOST_TEST(events[1].step.value() == -1);
  BOOST_TEST(events[1].wall_time == 12.5);
  BOOST_TEST(std::isnan(events[2].value.small(2)));
  BOOST_TEST(!events[2].step.has_value());
}

BOOST_AUTO_TEST_CASE(several_scalars_are_runs_of_their_own) {
  const Folder folder;
  SummaryWriter writer(folder.path);
  writer.add_scalars("a/b", {{"x", 1}, {"y", 2}}, 5);
  writer.add_scalars("a/b", {{"x", 3}}, 6);
  writer.flush();
  const std::vector<Event> x = events_of(files_below(folder.path / "a_b_x").at(0));
  const std::vector<Event> y = events_of(files_below(folder.path / "a_b_y").at(0));
  BOOST_TEST_REQUIRE(x.size() == 2u);
  BOOST_TEST_REQUIRE(y.size() == 1u);
  BOOST_TEST(x[1].value.text(1) == "a/b");
  BOOST_TEST(x[1].value.small(2) == 3);
  BOOST_TEST(y[0].step.value() == 5);
}

// Numbers of histogram_values.py, which asks PyTorch.
BOOST_AUTO_TEST_CASE(histograms) {
  struct Case {
    std::vector<double> values, numbers;
    size_t buckets;
    double first, last;
    std::map<size_t, double> counts;
  };
  const std::vector<Case> cases = {{{-2, -0.5, 0, 0, 1e-13, 0.75},
                                    {-2, 0.75, 6, -1.7499999999999, 4.8125},
                                    588,
                                    -2.1628190051144287,
                                    0.7580548669750213,
                                    {{1, 1}, {16, 1}, {300, 3}, {587, 1}}},
                                   {{0}, {0, 0, 1, 0, 0}, 2, 0, 1e-12, {{1, 1}}},
                                   {{5, 5.5, 5.5},
                                    {5, 5.5, 3, 16, 85.5},
                                    3,
                                    4.636194617418625,
                                    5.609795487076537,
                                    {{1, 1}, {2, 2}}},
                                   {{-1e-12, 1e-12},
                                    {-1e-12, 1e-12, 2, 0, 2e-24},
                                    4,
                                    -1e-12,
                                    1.1000000000000002e-12,
                                    {{1, 1}, {3, 1}}},
                                   {{1e25, 1},
                                    {1, 1e25, 2, 1e25, 1.0000000000000003e50},
                                    2,
                                    0.917246389039776,
                                    1.0089710279437536,
                                    {{1, 1}}}};
  const Folder folder;
  SummaryWriter writer(folder.path);
  for (const Case& c : cases) writer.add_histogram("h", from(c.values), 4);
  writer.add_histogram("h", from({1.0, std::nan(""), INFINITY}).to(bfloat16));
  BOOST_CHECK_EXCEPTION(writer.add_histogram("h", zeros({0})), Error,
                        saying("add_histogram: expected finite numbers, got none in shape [0]"));
  writer.close();
  const std::vector<Event> events = events_of(files_below(folder.path).at(0));
  BOOST_TEST_REQUIRE(events.size() == cases.size() + 1);
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    const Fields h = events[i].value.below(5);
    for (size_t k = 0; k < 5; ++k)
      BOOST_TEST(std::abs(h.real(k + 1) - c.numbers[k]) <= 1e-15 * std::abs(c.numbers[k]));
    const std::vector<double> ends = h.reals(6), counts = h.reals(7);
    BOOST_TEST_REQUIRE(ends.size() == c.buckets);
    BOOST_TEST_REQUIRE(counts.size() == c.buckets);
    BOOST_TEST(ends.front() == c.first);
    BOOST_TEST(ends.back() == c.last);
    for (size_t k = 0; k < counts.size(); ++k)
      BOOST_TEST(counts[k] == (c.counts.contains(k) ? c.counts.at(k) : 0), "bucket " << k);
  }
  BOOST_TEST(events.back().value.below(5).real(3) == 1);
}

BOOST_AUTO_TEST_CASE(images) {
  const Folder folder;
  SummaryWriter writer(folder.path);
  const Tensor picture = (rand({3, 4, 6}) * 255).to(uint8);
  writer.add_image("chw", picture, 1);
  writer.add_image("hwc", picture.permute({1, 2, 0}), 1, {}, "HWC");
  writer.add_image("hw", picture[0], 1, {}, "HW");
  writer.add_images("nchw", picture.unsqueeze(0).expand({9, 3, 4, 6}), 1);
  writer.add_images("nhwc", rand({2, 4, 6, 1}), 1, {}, "NHWC");
  writer.flush();
  const std::vector<Event> events = events_of(writer.path());
  BOOST_TEST_REQUIRE(events.size() == 5u);
  const std::vector<std::vector<uint64_t>> sizes = {
      {4, 6, 3}, {4, 6, 3}, {4, 6, 1}, {8, 48, 3}, {4, 12, 1}};
  for (size_t i = 0; i < 5; ++i) {
    const Fields image = events[i].value.below(4);
    BOOST_TEST(
        (std::vector<uint64_t>{image.integer(1), image.integer(2), image.integer(3)}) == sizes[i],
        per_element());
    BOOST_TEST(image.text(4).substr(1, 3) == "PNG");
  }
  BOOST_TEST(events[0].value.below(4).text(4) == events[1].value.below(4).text(4));
  BOOST_CHECK_EXCEPTION(writer.add_image("x", zeros({3, 4}), 1), ShapeError,
                        saying("add_image: expected an image of dimensions \"CHW\", got shape "
                               "[3, 4]"));
  for (const char* formats : {"XY", "CWH", "C", "HH", "", "NCHW"})
    BOOST_CHECK_EXCEPTION(writer.add_image("x", zeros({3, 4}), 1, {}, formats), Error,
                          saying("add_image: expected dataformats \"CHW\", \"HWC\", \"HW\" or "
                                 "\"WH\", got \"" +
                                 std::string(formats) + "\""));
  BOOST_CHECK_EXCEPTION(writer.add_images("x", zeros({3, 4, 4}), 1, {}, "CHW"), Error,
                        saying("add_images: expected dataformats \"NCHW\" or \"NHWC\""));
  BOOST_CHECK_EXCEPTION(writer.add_images("x", zeros({3, 4, 4}), 1), ShapeError,
                        saying("add_images: expected an image of dimensions \"NCHW\""));
}

BOOST_AUTO_TEST_CASE(texts) {
  const Folder folder;
  SummaryWriter writer(folder.path);
  const std::string bad = "\xff";
  BOOST_CHECK_EXCEPTION(writer.add_scalar(bad, 1), Error,
                        saying("SummaryWriter: expected a tag in UTF-8"));
  BOOST_CHECK_THROW(writer.add_text("notes", bad), Error);
  BOOST_CHECK_THROW(writer.add_hparams({{"a", bad}}, {}), Error);
  BOOST_CHECK_THROW(writer.add_hparams({{bad, true}}, {}), Error);
  BOOST_CHECK_THROW(writer.add_hparams({}, {{bad, 1}}), Error);
  writer.add_text("notes", "# <Heading>\n", 2);
  writer.flush();
  const std::vector<Event> events = events_of(writer.path());
  BOOST_TEST_REQUIRE(events.size() == 1u);
  const Fields& value = events[0].value;
  BOOST_TEST(value.text(1) == "notes/text_summary");
  BOOST_TEST(value.below(9).below(1).text(1) == "text");
  BOOST_TEST(value.below(8).integer(1) == 7u);  // strings
  BOOST_TEST(value.below(8).below(2).below(2).integer(1) == 1u);
  BOOST_TEST(value.below(8).text(8) == "# <Heading>\n");
}

BOOST_AUTO_TEST_CASE(hparams) {
  const Folder folder;
  SummaryWriter writer(folder.path);
  writer.add_hparams({{"lr", 0.5}, {"layers", 3}, {"optimizer", "SGD"}, {"bias", true}},
                     {{"hparam/accuracy", 0.75}});
  writer.close();
  std::vector<Event> events;
  for (const fs::path& file : files_below(folder.path))
    if (std::vector<Event> some = events_of(file); !some.empty()) events = some;
  BOOST_TEST_REQUIRE(events.size() == 4u);
  const char* tags[] = {"_hparams_/experiment", "_hparams_/session_start_info",
                        "_hparams_/session_end_info"};
  std::vector<Fields> data;
  for (size_t i = 0; i < 3; ++i) {
    BOOST_TEST(events[i].value.text(1) == tags[i]);
    const Fields plugin = events[i].value.below(9).below(1);
    BOOST_TEST(plugin.text(1) == "hparams");
    data.emplace_back(plugin.text(2));
  }
  BOOST_TEST(data[0].below(2).count(4) == 4u);
  BOOST_TEST(data[0].below(2).below(5).below(1).text(2) == "hparam/accuracy");
  const Fields start = data[1].below(3);
  std::map<std::string, Fields> values;
  for (auto [i, end] = start.equal_range(1); i != end; ++i)
    values.emplace(Fields(i->second.bytes).text(1), Fields(i->second.bytes).below(2));
  BOOST_TEST(values.at("lr").real(2) == 0.5);
  BOOST_TEST(values.at("layers").real(2) == 3);
  BOOST_TEST(values.at("optimizer").text(3) == "SGD");
  BOOST_TEST(values.at("bias").integer(4) == 1u);
  BOOST_TEST(data[2].below(4).integer(1) == 1u);
  BOOST_TEST(events[3].value.text(1) == "hparam/accuracy");
  BOOST_TEST(events[3].value.small(2) == 0.75f);
}

BOOST_AUTO_TEST_CASE(files) {
  const Folder folder;
  SummaryWriter writer(folder.path, {.filename_suffix = ".end", .flush_secs = 0});
  const std::string first = writer.path();
  BOOST_TEST(first.ends_with(".end"));
  writer.add_scalar("a", 1);
  BOOST_TEST(events_of(first).size() == 1u);  // without a flush of one's own
  writer.close();
  BOOST_CHECK_EXCEPTION(writer.path(), Error, saying("SummaryWriter: it is closed"));
  writer.add_scalar("a", 2);
  BOOST_TEST(writer.path() != first);
  SummaryWriter moved = std::move(writer);
  moved.add_scalar("a", 3);
  BOOST_CHECK_EXCEPTION(writer.add_scalar("a", 4), Error,
                        saying("SummaryWriter: it was moved from"));
  moved.close();
  BOOST_TEST(files_below(folder.path).size() == 2u);
  BOOST_CHECK_EXCEPTION(SummaryWriter(folder.write("file", "") + "/below"), IOError,
                        saying("SummaryWriter: "));
  const fs::path before = fs::current_path();
  fs::current_path(folder.path);
  BOOST_TEST(SummaryWriter("", {.comment = "_x"}).log_dir().ends_with("_x"));
  BOOST_TEST(fs::is_directory("runs"));
  fs::current_path(before);
}

// protoc knows nothing of our decoder.
BOOST_AUTO_TEST_CASE(protoc_reads_the_same) {
  if (std::system("protoc --version > /dev/null 2>&1") != 0) {
    BOOST_TEST_MESSAGE("SKIPPED: protoc is not installed (package protobuf-compiler)");
    std::fprintf(stderr, "protoc_reads_the_same: SKIPPED, protoc is not installed\n");
    return;
  }
  const Folder folder;
  SummaryWriter writer(folder.path);
  writer.add_scalar("loss", 0.5, 7, 2.0);
  writer.close();
  const std::string record = records_of(content_of(files_below(folder.path).at(0))).at(1);
  const std::string in = folder.write("event", record), out = folder.path / "text";
  BOOST_TEST(std::system(("protoc --decode_raw < " + in + " > " + out).c_str()) == 0);
  BOOST_TEST(
      content_of(out) ==
      "1: 0x4000000000000000\n2: 7\n5 {\n  1 {\n    1: \"loss\"\n    2: 0x3f000000\n  }\n}\n");
}

BOOST_AUTO_TEST_SUITE_END()
