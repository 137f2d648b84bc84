// PyTorch's samples of its operators that once gave something else here.
#include "samples/run.h"

#include <fstream>
#include <sstream>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_CASE(what_is_kept_of_pytorchs_samples_agrees) {
  std::ifstream file(REWIND_KEPT_SAMPLES);
  BOOST_TEST_REQUIRE(file.good());
  int count = 0;
  for_each_sample(file, [&](const Sample& sample) {
    const Difference d = run(sample);
    BOOST_TEST(d.kind == "agrees", sample.name << ": " << d.kind << ", " << d.text);
    ++count;
  });
  BOOST_TEST(count > 10);
}

BOOST_AUTO_TEST_CASE(a_difference_is_told) {
  const auto kind = [](const std::string& text) {
    std::istringstream file(text);
    std::string kind;
    for_each_sample(file, [&](const Sample& sample) { kind = run(sample).kind; });
    return kind;
  };
  const std::string x = "case abs#0\nin leaf float64 [2] [1] 2 -1 2\n";
  const std::string y = "out tensor float64 [2] [1] 2 1 2\n";
  BOOST_TEST(kind(x + y + "grad tensor float64 [2] [1] 2 0.828125 0.328125\n") == "agrees");
  BOOST_TEST(kind(x + y + "grad tensor float64 [2] [1] 2 0.828125 0\n") == "gradient");
  BOOST_TEST(kind(x + "out tensor float64 [2] [1] 2 1 3\n") == "value");
  BOOST_TEST(kind(x + "out tensor float64 [1,2] [2,1] 2 1 2\n") == "shape");
  BOOST_TEST(kind(x + "out tensor float32 [2] [1] 2 1 2\n") == "dtype");
  BOOST_TEST(kind(x + "refused not this\n") == "accepted");
  BOOST_TEST(kind(x + "kw out none\nkw dim int 1\n" + y) == "inexpressible");
  BOOST_TEST(kind("case abs#0\nin tensor bool [1] [1] 1 1\n" + y) == "refused");
  BOOST_TEST(kind("case abs#0\nin tensor uint64 [1] [1] 1 1\n" + y) == "unreadable");
  BOOST_TEST(kind("case no_such_operator#0\n" + y) == "no_form");
}
