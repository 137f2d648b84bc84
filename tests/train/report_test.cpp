#include <rewind/train/report.h>

#include <cmath>
#include <limits>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using namespace rw::training;
using rw::test::Folder;
using rw::test::saying;

namespace {

// Every tag that is opened is closed, in order, as XML asks for; those of HTML without an end
// aside.
void check_tags(const std::string& page) {
  const std::vector<std::string> alone = {"meta", "link", "img", "br"};
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != page.npos; at = page.find('<', at + 1)) {
    const size_t end = page.find('>', at);
    BOOST_TEST_REQUIRE(end != page.npos);
    if (page[at + 1] == '!' || page[end - 1] == '/') continue;
    const bool closes = page[at + 1] == '/';
    const size_t begin = at + 1 + closes;
    const std::string name = page.substr(begin, page.find_first_of(" \n>", begin) - begin);
    if (std::find(alone.begin(), alone.end(), name) != alone.end()) continue;
    if (!closes) {
      open.push_back(name);
      continue;
    }
    BOOST_TEST_REQUIRE(!open.empty());
    BOOST_TEST(open.back() == name);
    open.pop_back();
  }
  BOOST_TEST(open.empty());
}

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

History some_history() {
  History history;
  for (int i = 0; i < 5; ++i)
    history.epochs.push_back({{"loss", 2.0 / (i + 1)},
                              {"<acc>", 0.2 * i},
                              {"val_loss", i == 2 ? NAN : 3.0 / (i + 1)},
                              {"lr", 0.1}});
  return history;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reports)

BOOST_AUTO_TEST_CASE(a_page_of_everything) {
  manual_seed(1);
  nn::Sequential net(nn::Conv2d(1, 4, 3), nn::ReLU(), nn::Flatten(), nn::Linear(4 * 36, 3));
  const Tensor images = rand({9, 1, 8, 8}), target = randint(0, 3, {9});
  const Tensor scores = net(images);
  cross_entropy(scores, target).backward();
  const std::vector<std::string> classes = {"a & b", "<script>alert(1)</script>", "\"c\""};
  Report report("Clothes <&> \"more\"");
  report.text("Notes", "One.\n\nTwo <b>not bold</b>.")
      .table("Options", {{"lr", "0.1"}, {"<name>", "a&b"}})
      .history(some_history())
      .curves("Steps", {{"loss", {{0, 1}, {1, NAN}, {2, 0.5}, {3, 0.25}}}},
              {.title = "loss", .x = "step", .log_y = true})
      .filters("Filters", net.named_parameters()[0].second)
      .activations("Activations", rand({2, 4, 6, 6}))
      .confusion_matrix(from<int64_t>({5, 1, 0, 0, 0, 0, 2, 3, 4}, {3, 3}), classes)
      .mistakes(images, scores, target, {.classes = classes, .count = 3})
      .gradients(net);
  const std::string page = report.html();
  check_tags(page);
  BOOST_TEST(contains(page, "<title>Clothes &lt;&amp;&gt; &quot;more&quot;</title>"));
  BOOST_TEST(!contains(page, "<script"));
  BOOST_TEST(!contains(page, "<b>"));
  BOOST_TEST(count(page, "http") == count(page, "xmlns=\"http://www.w3.org/2000/svg\""));
  BOOST_TEST(contains(page, "width=device-width"));
  BOOST_TEST(contains(page, "prefers-color-scheme: dark"));
  BOOST_TEST(contains(page, "<p>One.</p>\n<p>Two &lt;b&gt;"));
  BOOST_TEST(contains(page, ">5 epochs.<"));
  BOOST_TEST(contains(page, "&lt;acc&gt;"));
  // loss with that of validation, <acc> and lr; and that of steps.
  BOOST_TEST(count(page, "<svg") == 4u);
  const size_t wrong = (scores.argmax(1) != target).sum().item<size_t>();
  BOOST_TEST(contains(page, std::to_string(wrong) + " of 9 are wrong."));
  BOOST_TEST(count(page, "<img") == 2 + std::min<size_t>(wrong, 3));
  BOOST_TEST(count(page, "class=\"bar\"") == 4u);
  BOOST_TEST(count(page, "rgba(42,157,92") == 3u);

  const Folder folder;
  report.write(folder.path / "report.html");
  BOOST_TEST(folder.read("report.html") == page);
}

BOOST_AUTO_TEST_CASE(little_and_much) {
  check_tags(Report("").html());
  Report report("none");
  report.history({}).text("empty", "").curves("none", {}).curves("one", {{"p", {{1, 1}}}});
  report.curves("not finite", {{"p", {{0, NAN}, {1, INFINITY}}}}, {.log_y = true});
  nn::Linear net(2, 2);
  report.gradients(net);  // of which there are none
  BOOST_TEST(contains(report.html(), ">none</td>"));
  net.parameters()[0].set_grad(full({2, 2}, NAN));
  net.parameters()[1].set_grad(zeros({2}));
  report.gradients(net);
  report.mistakes(zeros({1, 2, 2}, uint8), from<float>({1, 0}, {1, 2}), zeros({1}, int64));
  report.mistakes(ones({2, 2, 2}), from<float>({1, 0, 1, 0}, {2, 2}), ones({2}, int64));
  report.filters("rgb", rand({70, 3, 2, 2})).filters("many", rand({4, 40, 1, 1}));
  report.activations("one", ones({1, 1, 1}));
  check_tags(report.html());
  BOOST_TEST(contains(report.html(), "2 of 2 are wrong."));
  // Long curves are thinned out.
  io::Series steps{"loss", {}};
  for (int i = 0; i < 100000; ++i) steps.points.push_back({1.0 * i, 1.0 / (i + 1)});
  BOOST_TEST(Report("long").curves("steps", {steps}).html().size() < 20000u);
}

BOOST_AUTO_TEST_CASE(reports_refuse) {
  Report report("x");
  BOOST_CHECK_EXCEPTION(report.filters("f", zeros({3, 3})), ShapeError,
                        saying("Report: filters: expected weights [O, I, H, W], got shape [3, 3]"));
  BOOST_CHECK_EXCEPTION(report.activations("a", zeros({3, 3})), ShapeError,
                        saying("expected maps [C, H, W] or [N, C, H, W], got shape [3, 3]"));
  BOOST_CHECK_EXCEPTION(report.confusion_matrix(zeros({2, 3})), ShapeError,
                        saying("expected counts [C, C], got shape [2, 3]"));
  BOOST_CHECK_EXCEPTION(report.confusion_matrix(zeros({2, 2}), {"a"}), Error,
                        saying("expected 2 names of classes, got 1"));
  BOOST_CHECK_EXCEPTION(report.mistakes(zeros({2, 4, 4}), zeros({3, 2}), zeros({2}, int64)),
                        ShapeError, saying("got shapes [2, 4, 4], [3, 2] and [2]"));
  BOOST_CHECK_EXCEPTION(report.write("no/such/folder/x.html"), IOError, saying("no/such/folder"));
}

BOOST_AUTO_TEST_CASE(drawings) {
  BOOST_TEST(io::base64("") == "");
  BOOST_TEST(io::base64("f") == "Zg==");
  BOOST_TEST(io::base64("fo") == "Zm8=");
  BOOST_TEST(io::base64("foobar") == "Zm9vYmFy");
  BOOST_TEST(io::base64("\xff\xfe") == "//4=");
  BOOST_TEST(io::escape_xml("<a href=\"x\">'&'</a>") ==
             "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  io::Drawing drawing(100, 50);
  drawing.text({1, 2}, "a");
  BOOST_TEST(drawing.svg().starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\""));
  check_tags(drawing.svg());
  check_tags(drawing.element());
}

BOOST_AUTO_TEST_CASE(charts_of_extreme_numbers) {
  const double largest = std::numeric_limits<double>::max();
  for (const auto& [low, high] :
       {std::pair{1.0, std::nextafter(1.0, 2.0)}, std::pair{-1e17, std::nextafter(-1e17, 0.0)},
        std::pair{-largest, largest}, std::pair{0.0, largest}, std::pair{0.0, 5e-324},
        std::pair{1.0, 1 + 1e-8}, std::pair{0.0, 0.0}, std::pair{largest, largest}})
    for (const bool log : {false, true}) {
      const std::vector<io::Series> series = {{"a", {{low, low}, {high, high}}}};
      io::Drawing drawing(400, 300);
      drawing.chart(series, {.log_y = log}, {0, 0}, 400, 300);
      const std::string svg = drawing.svg();
      check_tags(svg);
      BOOST_TEST(svg.size() < 30000u);
      for (const char* none : {"nan", "inf"})
        BOOST_TEST(svg.find(none) == svg.npos, low << " to " << high);
    }
}

BOOST_AUTO_TEST_SUITE_END()
