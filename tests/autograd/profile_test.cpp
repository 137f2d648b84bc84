#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <rewind/rewind.h>
#include <rewind/tensor/allocator.h>
#include <rewind/tensor/profile.h>

#include "../check.h"

using namespace rw;
using rw::test::saying;
using Phase = profile_scope::Phase;

namespace {

std::map<std::pair<std::string, Phase>, int64_t> calls(const profile& p) {
  std::map<std::pair<std::string, Phase>, int64_t> all;
  for (const auto& row : p.rows()) all[{row.name, row.phase}] += row.calls;
  return all;
}

// The one row of this op.
profile::Row row(const profile& p, const std::string& name, Phase phase = Phase::forward) {
  std::vector<profile::Row> found;
  for (const auto& r : p.rows())
    if (r.name == name && r.phase == phase) found.push_back(r);
  BOOST_TEST_REQUIRE(found.size() == 1u, name << " has " << found.size() << " rows");
  return found[0];
}

double sum_of_self(const profile& p) {
  double sum = 0;
  for (const auto& r : p.rows()) sum += r.self_ms;
  return sum;
}

// Whether a text is JSON by RFC 8259, and nothing beyond it.
class JsonChecker {
 public:
  explicit JsonChecker(const std::string& text) : p_(text.c_str()) {}
  bool ok() { return value() && (space(), *p_ == '\0'); }

 private:
  void space() { p_ += std::strspn(p_, " \t\r\n"); }
  bool take(char c) { return *p_ == c && ++p_; }
  bool take(const char* word) {
    const size_t n = std::strlen(word);
    return std::strncmp(p_, word, n) == 0 && (p_ += n);
  }
  bool digits() {
    const size_t n = std::strspn(p_, "0123456789");
    p_ += n;
    return n > 0;
  }

  bool value() {
    space();
    if (take('{')) return list('}', [this] { return string() && colon() && value(); });
    if (take('[')) return list(']', [this] { return value(); });
    if (*p_ == '"') return string();
    return take("true") || take("false") || take("null") || number();
  }
  bool colon() { return space(), take(':'); }
  template <class Item>
  bool list(char end, Item item) {
    if (space(), take(end)) return true;
    do {
      space();
      if (!item()) return false;
      space();
    } while (take(','));
    return take(end);
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('-')) take('+');
    return digits();
  }
  bool string() {
    if (!take('"')) return false;
    while (!take('"')) {
      if (static_cast<unsigned char>(*p_) < 0x20) return false;
      if (take('\\')) {
        if (take('u')) {
          for (int i = 0; i < 4; ++i)
            if (!std::isxdigit(static_cast<unsigned char>(*p_++))) return false;
          continue;
        }
        if (!*p_ || !std::strchr("\"\\/bfnrt", *p_)) return false;
      }
      ++p_;
    }
    return true;
  }

  const char* p_;
};

bool is_json(const std::string& text) { return JsonChecker(text).ok(); }

bool exists(const std::string& path) { return std::ifstream(path).good(); }

size_t occurrences(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// The trace of `p`, by way of a file that is removed again.
std::string trace_of(const profile& p) {
  const std::string path = "profile_test_trace.json";
  p.write_trace(path);
  BOOST_TEST(!exists(path + ".part"));
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  std::remove(path.c_str());
  return text;
}

}  // namespace

// --- Calls --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(counts_ops_forward_and_backward) {
  const Tensor x = randn(10).requires_grad_();
  profile p;
  for (int i = 0; i < 3; ++i) {
    x.set_grad({});
    (x * x).sum().backward();
  }
  const std::map<std::pair<std::string, Phase>, int64_t> expected = {
      {{"mul", Phase::forward}, 3},         {{"sum", Phase::forward}, 3},
      {{"engine", Phase::backward}, 3},     {{"sum", Phase::pullback}, 3},
      {{"expand", Phase::backward}, 3},     {{"mul", Phase::pullback}, 3},
      {{"mul", Phase::backward}, 6},         // one product for each factor
      {{"accumulate", Phase::backward}, 3},  // of the two
  };
  BOOST_TEST((calls(p) == expected), "\n" << p.table());
}

BOOST_AUTO_TEST_CASE(counts_an_op_once_whatever_its_form) {
  const Tensor x = randn({2, 3});
  profile p;
  add(x, x, 2);
  sub(x, x, 2);
  x.reshape({3, 2});
  x.t().reshape(6);
  prod(scalar_tensor(2.f), 0);
  x.max(1);
  x.argmax(1);
  cross_entropy(x, zeros(2, int64));
  avg_pool2d(x.view({1, 1, 2, 3}), 1);
  const auto n = calls(p);
  for (const char* name :
       {"add", "sub", "prod", "max", "argmax", "cross_entropy", "avg_pool2d", "transpose", "view"})
    BOOST_TEST(n.at({name, Phase::forward}) == 1, name);
  BOOST_TEST(n.at({"reshape", Phase::forward}) == 2);
  BOOST_TEST(n.at({"mul", Phase::forward}) == 2);  // of add and sub
}

BOOST_AUTO_TEST_CASE(counts_ops_in_place_and_steps) {
  const Tensor w = randn(4).requires_grad_();
  optim::SGD sgd({w}, {.lr = 0.1});
  w.set_grad(ones(4));
  Tensor x = randn(4);
  profile p;
  x.add_(1);
  x *= 2;
  x.zero_();
  sgd.step();
  const std::map<std::pair<std::string, Phase>, int64_t> expected = {{{"add_", Phase::forward}, 1},
                                                                     {{"mul_", Phase::forward}, 1},
                                                                     {{"fill_", Phase::forward}, 1},
                                                                     {{"SGD", Phase::forward}, 1}};
  BOOST_TEST((calls(p) == expected), "\n" << p.table());
}

BOOST_AUTO_TEST_CASE(records_from_its_start_to_its_end_on_its_thread) {
  const Tensor x = randn(10);
  const Tensor before = x + 1;
  profile p;
  const Tensor during = x - 1;
  std::thread([&] { x.exp(); }).join();
  p.stop();
  const Tensor after = x * 2;
  BOOST_TEST(calls(p).size() == 1u);
  BOOST_TEST(row(p, "sub").calls == 1);
  const double wall = p.milliseconds();
  p.stop();
  BOOST_TEST(p.milliseconds() == wall);
}

BOOST_AUTO_TEST_CASE(one_profile_at_a_time) {
  {
    const profile p;
    BOOST_CHECK_EXCEPTION(const profile second, Error,
                          saying("this thread is being profiled already"));
  }
  profile again;
  neg(randn(2));
  BOOST_TEST(row(again, "neg").calls == 1);
}

BOOST_AUTO_TEST_CASE(an_op_that_throws_is_closed) {
  profile p;
  BOOST_CHECK_THROW(randn(3).reshape({2, 2}).neg(), ShapeError);
  BOOST_CHECK_THROW(softmax(zeros(3, int64), 0), DTypeError);
  neg(randn(3));
  const auto neg_row = row(p, "neg");
  BOOST_TEST(row(p, "softmax").calls == 1);
  BOOST_TEST(row(p, "softmax").total_ms == row(p, "softmax").self_ms);  // nothing inside
  BOOST_TEST(neg_row.calls == 1);
}

BOOST_AUTO_TEST_CASE(leaves_out_what_it_did_not_see_whole) {
  auto p = std::make_unique<profile>();
  {
    const profile_scope open("unfinished");
    BOOST_TEST(p->rows().empty());
    p.reset();
    p = std::make_unique<profile>();
  }
  { const profile_scope inside("seen"); }
  BOOST_TEST(calls(*p).size() == 1u);
  BOOST_TEST(row(*p, "seen").calls == 1);
}

// --- Times and bytes ----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(self_time_leaves_out_what_is_inside) {
  profile p;
  {
    const profile_scope outer("outer");
    for (int i = 0; i < 2; ++i) {
      const profile_scope inner("inner");
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  }
  p.stop();
  const auto outer = row(p, "outer"), inner = row(p, "inner");
  BOOST_TEST(inner.calls == 2);
  BOOST_TEST(inner.self_ms >= 6);
  BOOST_TEST(inner.self_ms == inner.total_ms);
  BOOST_TEST(outer.total_ms >= inner.total_ms);
  BOOST_TEST(outer.self_ms == outer.total_ms - inner.total_ms, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(outer.total_ms <= p.milliseconds());
}

BOOST_AUTO_TEST_CASE(an_op_inside_itself_counts_its_time_once) {
  profile p;
  {
    const profile_scope a("again");
    const profile_scope between("between");
    const profile_scope b("again");
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  p.stop();
  BOOST_TEST(row(p, "again").calls == 2);
  BOOST_TEST(row(p, "again").total_ms <= p.milliseconds());
  BOOST_TEST(row(p, "again").self_ms <= row(p, "again").total_ms);
}

BOOST_AUTO_TEST_CASE(times_add_up_to_no_more_than_the_wall_time) {
  nn::Sequential net(nn::Conv2d(1, 4, 3), nn::BatchNorm2d(4), nn::ReLU(), nn::MaxPool2d(2),
                     nn::Flatten(), nn::Linear(36, 3));
  const Tensor x = randn({5, 1, 8, 8}), y = randint(0, 3, 5);
  profile p;
  cross_entropy(net(x), y).backward();
  p.stop();
  for (const auto& r : p.rows()) {
    BOOST_TEST(r.self_ms >= 0, r.name);
    BOOST_TEST(r.self_ms <= r.total_ms * (1 + 1e-12), r.name);
    BOOST_TEST(r.calls > 0, r.name);
    BOOST_TEST(r.bytes >= 0, r.name);
  }
  BOOST_TEST(sum_of_self(p) <= p.milliseconds());
  const auto rows = p.rows();
  BOOST_TEST(std::is_sorted(rows.begin(), rows.end(),
                            [](const auto& a, const auto& b) { return a.self_ms > b.self_ms; }));
}

BOOST_AUTO_TEST_CASE(bytes_are_those_that_were_allocated) {
  const Tensor x = randn({4, 256});
  const auto allocated_by = [&](auto f) {
    const int64_t before = detail::allocated_by_thread();
    f();
    return detail::allocated_by_thread() - before;
  };
  const auto add = [&] { x + 1; };
  const auto more = [&] { empty({512}, float64); };
  const int64_t bytes_of_add = allocated_by(add), bytes_of_more = allocated_by(more);
  BOOST_TEST(bytes_of_add >= 4096);
  BOOST_TEST(bytes_of_more >= 4096);
  profile p;
  add();
  {
    const profile_scope outer("outer");
    add();
    more();
  }
  BOOST_TEST(row(p, "add").bytes == 2 * bytes_of_add);
  BOOST_TEST(row(p, "outer").bytes == bytes_of_more);
}

// --- What ops ran on ----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(names_implementations_and_counts_primitives) {
  const Tensor x = randn({2, 16, 11, 13}), w = randn({16, 16, 5, 5});
  profile p;
  for (int i = 0; i < 3; ++i) conv2d(x, w, {});
  const auto conv = row(p, "conv2d");
  BOOST_TEST(conv.implementation.starts_with("oneDNN "), conv.implementation);
  BOOST_TEST(conv.calls == 3);
  BOOST_TEST(conv.cache_misses == 1);
  BOOST_TEST(conv.cache_hits == 2);
  BOOST_TEST(conv.reorders == 2);  // then the weights stay packed
}

BOOST_AUTO_TEST_CASE(names_winograd) {
  const Tensor x = randn({4, 64, 16, 16}), w = randn({64, 64, 3, 3});
  profile p;
  conv2d(x, w, {}, {.padding = 1});
  set_winograd(false);
  conv2d(x, w, {}, {.padding = 1});
  set_winograd(true);
  std::map<std::string, int64_t> by_implementation;
  for (const auto& r : p.rows()) by_implementation[r.implementation.substr(0, 6)] += r.calls;
  BOOST_TEST(by_implementation["winogr"] == 1, p.table());
  BOOST_TEST(by_implementation["oneDNN"] == 1, p.table());
}

BOOST_AUTO_TEST_CASE(one_row_for_each_implementation) {
  const Tensor small = randn({4, 4}), large = randn({256, 256});
  profile p;
  small.matmul(small);
  small.matmul(small);
  large.matmul(large);
  std::map<std::string, int64_t> by_implementation;
  for (const auto& r : p.rows()) by_implementation[r.implementation.substr(0, 6)] += r.calls;
  const std::map<std::string, int64_t> expected = {{"own ke", 2}, {"oneDNN", 1}};
  BOOST_TEST((by_implementation == expected), "\n" << p.table());
}

BOOST_AUTO_TEST_CASE(joins_the_implementations_of_one_call) {
  profile p;
  detail::report_implementation("outside of any scope");
  detail::report_reorder();
  detail::report_lookup(true);
  {
    const profile_scope scope("op");
    detail::report_implementation("a");
    detail::report_implementation("b");
    detail::report_implementation("a");
  }
  BOOST_TEST(row(p, "op").implementation == "a + b");
}

// --- Output -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(table_shows_every_op) {
  const Tensor x = randn(1000).requires_grad_();
  profile p;
  x.tanh().sum().backward();
  p.stop();
  const std::string table = p.table();
  for (const char* part : {"op ", "self ms", "implementation", "tanh", "pullback", "engine", " KiB",
                           "ms between them\n"})
    BOOST_TEST(table.find(part) != std::string::npos, part << " in\n" << table);
  BOOST_TEST(occurrences(table, "\n") == p.rows().size() + 2);
}

BOOST_AUTO_TEST_CASE(the_table_fits_a_hundred_columns) {
  profile p;
  for (const char* name : {"op", "an_op_with_a_name_that_is_longer_than_the_column_for_names"}) {
    const profile_scope scope(name);
    const Tensor block = empty({1 << 20});
    detail::report_implementation(
        "a_primitive_with_a_very_long_name:avx512_core_amx_bf16_and_more");
    for (int i = 0; i < 1000; ++i) detail::report_reorder();
    detail::report_lookup(false);
  }
  std::istringstream lines(p.table());
  for (std::string line; std::getline(lines, line);) BOOST_TEST(line.size() <= 100u, line);
  BOOST_TEST(p.table().find("1000 reorders") != std::string::npos, p.table());
}

BOOST_AUTO_TEST_CASE(the_checker_is_strict) {
  for (const char* good : {"{}", "[1, -0.5e+3, \"\\u00e9\\n\", {\"a\": [true, null]}]", " 0 "})
    BOOST_TEST(is_json(good), good);
  for (const char* bad : {"", "{", "[1,]", "{'a':1}", "{\"a\"}", "01", "1.", "\"\n\"", "\"\\x\"",
                          "[] []", "nul", "\"\\u12g4\"", "-"})
    BOOST_TEST(!is_json(bad), bad);
}

BOOST_AUTO_TEST_CASE(trace_is_json_with_an_event_for_each_call) {
  const Tensor x = randn(10).requires_grad_();
  profile p;
  BOOST_TEST(is_json(trace_of(p)));
  (x * x).sum().backward();
  {
    const profile_scope odd("a \"quoted\"\\name\n\x01 \xc3\xa9");
    detail::report_implementation("one \"more\"");
  }
  p.stop();
  int64_t total = 0;
  for (const auto& r : p.rows()) total += r.calls;
  const std::string trace = trace_of(p);
  BOOST_TEST(is_json(trace), trace);
  BOOST_TEST(static_cast<int64_t>(occurrences(trace, "\"ph\":\"X\"")) == total);
  BOOST_TEST(occurrences(trace, "\"name\":\"mul\",\"cat\":\"backward\"") == 2u);
  BOOST_TEST(occurrences(trace, R"("a \"quoted\"\\name\n\u0001 )") == 1u);
  BOOST_TEST(occurrences(trace, R"("implementation":"one \"more\"")") == 1u);
}

BOOST_AUTO_TEST_CASE(a_trace_that_cannot_be_written) {
  const profile p;
  BOOST_CHECK_EXCEPTION(p.write_trace("no/such/folder/trace.json"), IOError,
                        saying("no/such/folder/trace.json can't be written"));
}
