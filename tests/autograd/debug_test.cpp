#include <rewind/autograd/debug.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using namespace rw::test;

namespace {

Tensor leaf(std::initializer_list<double> v) { return from<double>(v).requires_grad_(); }

int64_t count(const std::string& text, const std::string& part) {
  int64_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(graph)

BOOST_AUTO_TEST_CASE(text_of_a_graph_with_a_branch_and_a_shared_leaf) {
  const Tensor x = ones({2, 3}).requires_grad_(), w = ones({3}).requires_grad_();
  const Tensor h = x.exp();
  const Tensor y = h * w + x;
  const std::string expected = R"dot(digraph rewind {
  node [shape=box, fontname="sans-serif"];
  n0 [label="leaf\n[2, 3] float32", style="rounded,filled", fillcolor=lightblue];
  n1 [label="the \"w\" \\ here\n[3] float32", style="rounded,filled", fillcolor=lightblue];
  n2 [label="exp\nh: [2, 3] float32\nsaves 24 bytes"];
  n3 [label="mul\n[2, 3] float32\nsaves 36 bytes"];
  n4 [label="add\n[2, 3] float32", penwidth=3];
  n0 -> n2;
  n2 -> n3;
  n1 -> n3;
  n3 -> n4;
  n0 -> n4;
  label="saved for backward: 36 bytes";
}
)dot";
  const std::string text =
      graph_to_dot(y, {{"the \"w\" \\ here", w}, {"h", h}, {"other", ones({})}});
  BOOST_TEST(text == expected);
}

BOOST_AUTO_TEST_CASE(several_outputs_and_results) {
  const Tensor x = ones({4, 3}).requires_grad_();
  const auto two = record("two", std::vector<Tensor>{x.detach().clone(), x.detach().sum()}, {x},
                          [](std::span<const Tensor> g, Needs) -> Grads { return g[0]; });
  const std::string text = graph_to_dot({two[1] * 2, two[0]}, {{"b", two[1]}});
  says(text, "[label=\"two\\n[4, 3] float32\\nb: [] float32\", penwidth=3];");
  says(text, "  n1 -> n2 [label=\"1\"];\n");
  BOOST_TEST(count(text, "penwidth") == 2);
}

BOOST_AUTO_TEST_CASE(memory_kept_for_backward) {
  const Tensor x = ones({1, 1, 500, 500}).requires_grad_();
  const Tensor y = max_pool2d(x, 2).square().sum();
  says(graph_to_dot(y), "max_pool2d\\n[1, 1, 250, 250] float32\\nsaves 62.5 kB");
  says(graph_to_dot(y), "square\\n[1, 1, 250, 250] float32\\nsaves 250 kB");
  says(graph_to_dot(y), "saved for backward: 312 kB");
  grad({y}, {x});
  BOOST_TEST(count(graph_to_dot(y), "save") == 0);

  const saved_tensors_hooks drop([](const Tensor&) { return std::any(); },
                                 [](const std::any&) { return Tensor(); });
  BOOST_TEST(count(graph_to_dot(x.square()), "saves ") == 1);  // a leaf is kept as it is
  BOOST_TEST(count(graph_to_dot(x.exp()), "save") == 0);
}

BOOST_AUTO_TEST_CASE(a_leaf_is_a_graph) {
  const Tensor x = ones({4}).requires_grad_();
  says(graph_to_dot(x, {{"x", x}}), "n0 [label=\"x\\n[4] float32\", style");
}

BOOST_AUTO_TEST_CASE(long_chains_take_no_stack) {
  const Tensor x = leaf({1});
  Tensor y = x;
  for (int i = 0; i < 100000; ++i) y = y * 1;
  const std::string text = graph_to_dot(y);
  BOOST_TEST(count(text, " -> ") == 100000);
  says(text, "  n99999 -> n100000;\n}\n");
  BOOST_TEST(unused_parameters(y, {{"x", x}}).empty());
}

BOOST_AUTO_TEST_CASE(there_has_to_be_a_graph) {
  BOOST_CHECK_EXCEPTION(graph_to_dot(ones({2})), AutogradError,
                        saying("graph_to_dot: output 0 is not on the tape, so it has no graph"));
  BOOST_CHECK_EXCEPTION(graph_to_dot({leaf({1}), Tensor()}), AutogradError,
                        saying("graph_to_dot: output 1 is undefined"));
  BOOST_CHECK_EXCEPTION(unused_parameters({}, {}), Error,
                        saying("unused_parameters: the loss is undefined"));
}

BOOST_AUTO_TEST_CASE(graphviz_draws_it) {
  if (std::system("dot -V >/dev/null 2>&1") != 0) {
    std::puts("NOT TESTED: graphviz (dot) is not installed");
    return;
  }
  const Tensor x = ones({2, 3}).requires_grad_();
  const std::string file = "graph_to_dot_test." + std::to_string(std::rand()) + ".dot";
  std::ofstream(file) << graph_to_dot((x.exp() * x).sum(), {{"a \"name\" \\ <b>", x}});
  const std::string svg_file = file + ".svg";
  BOOST_TEST(std::system(("dot -Tsvg -o " + svg_file + " " + file).c_str()) == 0);
  const std::string svg = content_of(svg_file);
  says(svg, "a &quot;name&quot; \\ &lt;b&gt;");
  says(svg, ">exp<");
  BOOST_TEST(count(svg, "class=\"node\"") == 4);
  BOOST_TEST(count(svg, "class=\"edge\"") == 4);
  std::remove(file.c_str());
  std::remove(svg_file.c_str());
}

BOOST_AUTO_TEST_CASE(parameters_that_the_loss_does_not_depend_on) {
  const Tensor a = leaf({1}), b = leaf({1}), c = leaf({1});
  const Tensor frozen = from<double>({1});
  const std::vector<std::pair<std::string, Tensor>> all = {
      {"a", a}, {"b", b}, {"c", c}, {"frozen", frozen}};
  const auto unused = [&](const Tensor& loss) { return unused_parameters(loss, all); };
  BOOST_TEST(unused(a * b) == std::vector<std::string>{"c"}, boost::test_tools::per_element());
  BOOST_TEST((unused(a * b.detach()) == std::vector<std::string>{"b", "c"}));
  BOOST_TEST((unused(frozen * 2) == std::vector<std::string>{"a", "b", "c"}));
  BOOST_TEST(unused(c).size() == 2u);
}

BOOST_AUTO_TEST_CASE(leaves_that_are_no_parameters) {
  struct Net : nn::Module {
    nn::Linear known{3, 2};
    nn::Linear forgotten{2, 4};
    Net() { add("known", known); }
  } net;
  const Tensor h = net.known(ones({5, 3})), scale = ones(4).requires_grad_();
  const Tensor scaled = net.forgotten(h) * scale;
  const Tensor loss = (scaled + scale.exp()).sum();
  const std::vector<std::string> expected = {
      "a leaf of shape [4, 2] that is no parameter, used by 'linear'",
      "a leaf of shape [4] that is no parameter, used by 'linear'",
      "a leaf of shape [4] that is no parameter, used by 'mul', 'exp'"};
  BOOST_TEST(unused_parameters(loss, net) == expected, boost::test_tools::per_element());
  BOOST_TEST(unused_parameters(scale, {{"scale", scale}}).empty());
  BOOST_TEST(
      (unused_parameters(scale, {}) ==
       std::vector<std::string>{"a leaf of shape [4] that is no parameter, used by nothing"}));
  net.forgotten.requires_grad_(false);
  BOOST_TEST(unused_parameters(net.forgotten(h).sum(), net).empty());
}

BOOST_AUTO_TEST_CASE(of_a_module_with_two_heads) {
  struct TwoHeads : nn::Module {
    nn::Linear body = add("body", nn::Linear(3, 4));
    nn::Linear left = add("left", nn::Linear(4, 1)), right = add("right", nn::Linear(4, 1));
  } net;
  const Tensor h = relu(net.body(ones({2, 3})));
  const auto unused = [&](const Tensor& loss) { return unused_parameters(loss, net); };
  BOOST_TEST((unused(net.left(h).sum()) == std::vector<std::string>{"right.weight", "right.bias"}));
  BOOST_TEST(unused((net.left(h) + net.right(h)).sum()).empty());
  BOOST_TEST((unused(net.right(h.detach()).sum()) ==
              std::vector<std::string>{"body.weight", "body.bias", "left.weight", "left.bias"}));
  BOOST_TEST(grad_report(net).table() == rw::grad_report(net.named_parameters()).table());
  says(graph_to_dot(net.left(h), net.named_parameters()),
       "[label=\"left.weight\\n[1, 4] float32\", style");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(report)

BOOST_AUTO_TEST_CASE(numbers_by_hand) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor a = zeros({2, 2}).requires_grad_(), b = leaf({0, 0, 0}), c = leaf({1});
  const Tensor none = zeros({0}).requires_grad_();
  a.set_grad(from<float>({3, 0, -4, 0}).reshape({2, 2}));
  b.set_grad(from<double>({std::nan(""), -inf, 12}));
  none.set_grad(zeros({0}));
  const GradReport report =
      grad_report({{"a", a}, {"layer.b", b}, {"c", c}, {"d", ones({5})}, {"none", none}});
  BOOST_TEST_REQUIRE(report.rows.size() == 5u);

  const GradReport::Row& first = report.rows[0];
  BOOST_TEST(first.name == "a");
  BOOST_TEST((first.shape == Shape{2, 2}));
  BOOST_TEST(first.requires_grad);
  BOOST_TEST(first.arrived);
  BOOST_TEST(first.norm == 5);
  BOOST_TEST(first.max_abs == 4);
  BOOST_TEST(first.zeros == 0.5);
  BOOST_TEST(first.nan + first.inf == 0);

  const GradReport::Row& second = report.rows[1];
  BOOST_TEST(second.norm == 12);
  BOOST_TEST(second.max_abs == 12);
  BOOST_TEST(second.zeros == 0);
  BOOST_TEST(second.nan == 1);
  BOOST_TEST(second.inf == 1);

  BOOST_TEST(report.rows[2].requires_grad);
  BOOST_TEST(!report.rows[2].arrived);
  BOOST_TEST(!report.rows[3].requires_grad);
  BOOST_TEST(report.rows[4].arrived);
  BOOST_TEST(report.rows[4].norm == 0);
  BOOST_TEST(report.total_norm() == 13);

  BOOST_TEST(report.table() ==
             R"(parameter  shape         norm     max |g|   zeros      NaN      Inf
a          [2, 2]           5           4   50.0%
layer.b    [3]             12          12    0.0%        1        1
c          [1]    no gradient
d          [5]    frozen
none       [0]              0           0    0.0%
norm 13 of all, 3 of 5 have a gradient
)");
}

BOOST_AUTO_TEST_CASE(of_a_backward_pass) {
  const Tensor x = leaf({1, -2}), y = leaf({1});
  (x * x).sum().backward();
  const GradReport report = grad_report({{"x", x}, {"y", y}});
  BOOST_TEST(report.rows[0].max_abs == 4);
  BOOST_TEST(report.rows[0].norm == std::sqrt(20.0));
  BOOST_TEST(!report.rows[1].arrived);
}

BOOST_AUTO_TEST_CASE(errors_and_nothing) {
  BOOST_CHECK_EXCEPTION(grad_report({{"w", Tensor()}}), Error,
                        saying("grad_report: 'w' is undefined"));
  BOOST_TEST(grad_report({}).total_norm() == 0);
  says(grad_report({}).table(), "norm 0 of all, 0 of 0 have a gradient\n");
}

BOOST_AUTO_TEST_SUITE_END()
