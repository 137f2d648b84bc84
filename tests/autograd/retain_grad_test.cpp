// What retain_grad asked for follows the tensor through changes in place.

#include <rewind/tensor/format.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Change {
  const char* name;
  std::function<void(Tensor)> make;
};

const Change changes[] = {
    {"add_ of a number", [](Tensor t) { t.add_(1); }},
    {"add_", [](Tensor t) { t.add_(ones_like(t), 2); }},
    {"sub_ of a number", [](Tensor t) { t.sub_(1); }},
    {"sub_", [](Tensor t) { t.sub_(ones_like(t)); }},
    {"mul_ by a number", [](Tensor t) { t.mul_(3); }},
    {"mul_", [](Tensor t) { t.mul_(full(t.shape(), 3, float64)); }},
    {"mul_ by a leaf", [](Tensor t) { t.mul_(random_leaf(t.shape())); }},
    {"div_ by a number", [](Tensor t) { t.div_(2); }},
    {"div_", [](Tensor t) { t.div_(full(t.shape(), 2, float64)); }},
    {"copy_", [](Tensor t) { t.copy_(ones_like(t)); }},
    {"copy_ of a leaf", [](Tensor t) { t.copy_(random_leaf(t.shape())); }},
    {"fill_", [](Tensor t) { t.fill_(5); }},
    {"zero_", [](Tensor t) { t.zero_(); }},
    {"relu_", [](Tensor t) { t.relu_(); }},
    {"clamp_", [](Tensor t) { t.clamp_(-0.5, 0.5); }},
    {"masked_fill_", [](Tensor t) { t.masked_fill_(gt(t.detach(), 0), 2); }},
    {"index_put_", [](Tensor t) { t.index_put_({0}, random_leaf({})); }},
    {"index_put_, accumulating", [](Tensor t) { t.index_put_({0}, random_leaf({}), true); }},
    {"uniform_", [](Tensor t) { t.uniform_(); }},
    {"normal_", [](Tensor t) { t.normal_(); }},
    {"bernoulli_", [](Tensor t) { t.bernoulli_(); }},
};

// A result of an op, a view of it and views of that.
struct Family {
  Tensor base = random_leaf({4, 3}) * 2;
  Tensor view = base.narrow(0, 1, 3);
  Tensor second = view[1];
  Tensor sibling = base[3];

  std::vector<std::pair<const char*, Tensor>> all() const {
    return {{"the base", base}, {"a view", view}, {"a view of it", second}, {"a sibling", sibling}};
  }
};

void check_gradient(const Tensor& t, const Tensor& expected, const std::string& what) {
  BOOST_TEST_REQUIRE(t.grad().defined(), what << ": no gradient");
  BOOST_TEST(relative_error(t.grad(), expected) < 1e-12, what);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_retained_gradient)

BOOST_AUTO_TEST_CASE(is_that_of_the_tensor_as_it_is_now) {
  for (const Change& change : changes)
    for (size_t changed = 0; changed < 4; ++changed)
      for (size_t kept = 0; kept < 4; ++kept)
        for (const bool before : {true, false}) {
          const Family family;
          const auto [name, t] = family.all()[kept];
          if (before) t.retain_grad();
          change.make(family.all()[changed].second);
          if (!before) t.retain_grad();
          (t * t).sum().backward();
          check_gradient(
              t, t.detach() * 2,
              fmt::format("{} of {}, kept of {} {}", change.name, family.all()[changed].first, name,
                          before ? "before" : "after"));
        }
}

BOOST_AUTO_TEST_CASE(gathers_what_comes_through_views_taken_before_the_change) {
  for (const Change& change : changes)
    for (size_t changed = 0; changed < 4; ++changed) {
      const Family family;
      family.base.retain_grad();
      family.view.retain_grad();
      change.make(family.all()[changed].second);
      (family.second * family.second).sum().backward();
      const std::string what = fmt::format("{} of {}", change.name, family.all()[changed].first);
      Tensor expected = zeros({4, 3}, float64);
      expected[2].copy_(family.second.detach() * 2);
      check_gradient(family.base, expected, what + ", base");
      check_gradient(family.view, expected.narrow(0, 1, 3), what + ", view");
    }
}

BOOST_AUTO_TEST_CASE(follows_through_many_changes) {
  const Tensor x = random_leaf({3});
  Tensor y = x * 2;
  y.retain_grad();
  for (int i = 0; i < 5; ++i) {
    y.mul_(2);
    y[1].add_(1);
  }
  const Tensor other = y * 1;
  (other * other).sum().backward();
  check_gradient(y, y.detach() * 2, "many changes");
  BOOST_TEST(x.grad().defined());
}

BOOST_AUTO_TEST_CASE(adds_up_over_changes) {
  Tensor y = random_leaf({3}) * 2;
  y.retain_grad();
  y.sum().backward({}, true);
  y.mul_(3);
  BOOST_TEST(y.grad().sum().item() == 3);
  (y * 5).sum().backward();
  BOOST_TEST(y.grad().sum().item() == 3 + 15);
}

BOOST_AUTO_TEST_CASE(of_one_of_several_results) {
  const Tensor x = random_leaf({4, 3});
  const std::vector<Tensor> rows = x.clone().split(2);
  Tensor sum = rows[0] + 0;
  for (const Tensor& r : rows) r.retain_grad();
  sum.mul_(2);
  ((rows[0] * sum).sum() + rows[1].sum()).backward();
  check_gradient(rows[1], ones({2, 3}, float64), "a piece");
}

BOOST_AUTO_TEST_CASE(of_an_expanded_view_is_refused_where_it_can_not_be_told) {
  Tensor y = random_leaf({1, 3}) * 2;
  const Tensor wide = y.expand({4, 3}), row = wide[1];
  wide.retain_grad();
  y.mul_(2);
  BOOST_CHECK_EXCEPTION(row.sum(), AutogradError,
                        saying("a view of shape [3] is used after its base was changed in place"));
}

// Views of views hold on to each other: a chain of them ends without recursion.
BOOST_AUTO_TEST_CASE(costs_no_stack_in_chains_of_views) {
  Tensor view = random_leaf({2, 2}) * 2;
  for (int i = 0; i < 100'000; ++i) view = view.transpose(0, 1);
  view = Tensor();
  BOOST_TEST(!view.defined());
}

BOOST_AUTO_TEST_CASE(is_its_own_and_adds_up) {
  const Tensor a = ones({3}).requires_grad_();
  const Tensor y = a * 1, z = y + 1;
  y.retain_grad();
  z.retain_grad();
  const Tensor g = ones({3});
  z.backward(g, /*retain_graph=*/true);
  z.grad().mul_(7);
  BOOST_TEST(y.grad()[0].item() == 1);
  BOOST_TEST(g[0].item() == 1);
  z.backward(g);
  BOOST_TEST(y.grad()[0].item() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
