// Assigning to x[i], x.select(…), x.slice(…), x.narrow(…) and x.index(…).

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../autograd/inplace_cases.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Selecting {
  std::string name;
  std::function<Selection(const Tensor&)> of;
  bool by_tensor = false;  // with index tensors: no view
};

// Of tensors of shape [3, 4].
std::vector<Selecting> selections() {
  const Tensor rows = from<int64_t>({2, 0}), columns = from<int64_t>({-1, 1});
  const Tensor row = from<int64_t>({-1}).reshape({});
  const Tensor mask = mask_of({1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1}, {3, 4});
  return {
      {"x[1]", [](auto& x) { return x[1]; }},
      {"x[-1][2]", [](auto& x) { return x[-1][2]; }},
      {"x[0].slice", [](auto& x) { return x[0].slice(0, 1, 4, 2); }},
      {"select", [](auto& x) { return x.select(1, 2); }},
      {"slice", [](auto& x) { return x.slice(1, 0, 4, 3); }},
      {"narrow", [](auto& x) { return x.narrow(0, 1, 2); }},
      {"of a transposed one", [](auto& x) { return x.t()[3]; }},
      {"index, numbers",
       [](auto& x) {
         return x.index({1, 2});
       }},
      {"index, Ellipsis",
       [](auto& x) {
         return x.index({Ellipsis, Slice(1, 3)});
       }},
      {"index, None",
       [](auto& x) {
         return x.index({None, 1});
       }},
      {"index, number in a tensor", [=](auto& x) { return x.index({row}); }},
      {"x[number in a tensor]", [=](auto& x) { return x[row]; }},
      {"index, rows", [=](auto& x) { return x.index({rows}); }, true},
      {"x[rows]", [=](auto& x) { return x[rows]; }, true},
      {"index, columns",
       [=](auto& x) {
         return x.index({Slice(), columns});
       },
       true},
      {"index, both",
       [=](auto& x) {
         return x.index({rows, columns});
       },
       true},
      {"index, grid",
       [=](auto& x) {
         return x.index({rows.unsqueeze(1), columns});
       },
       true},
      {"index, mask", [=](auto& x) { return x.index({mask}); }, true},
      {"x[mask]", [=](auto& x) { return x[mask]; }, true},
      {"index, mask of rows", [=](auto& x) { return x.index({mask.select(1, 3)}); }, true},
      {"index, of a view",
       [=](auto& x) {
         return x.t().index({Slice(1, 4), rows});
       },
       true},
  };
}

struct Change {
  std::string name;
  std::function<void(Selection&&, const Tensor&)> by_tensor;
  std::function<void(Selection&&, Scalar)> by_number;
  double (*of)(double old, double value);
};

const std::vector<Change> changes = {
    {"=", [](Selection&& s, const Tensor& v) { std::move(s) = v; },
     [](Selection&& s, Scalar v) { std::move(s) = v; }, [](double, double v) { return v; }},
    {"+=", [](Selection&& s, const Tensor& v) { std::move(s) += v; },
     [](Selection&& s, Scalar v) { std::move(s) += v; }, [](double a, double v) { return a + v; }},
    {"-=", [](Selection&& s, const Tensor& v) { std::move(s) -= v; },
     [](Selection&& s, Scalar v) { std::move(s) -= v; }, [](double a, double v) { return a - v; }},
    {"*=", [](Selection&& s, const Tensor& v) { std::move(s) *= v; },
     [](Selection&& s, Scalar v) { std::move(s) *= v; }, [](double a, double v) { return a * v; }},
    {"/=", [](Selection&& s, const Tensor& v) { std::move(s) /= v; },
     [](Selection&& s, Scalar v) { std::move(s) /= v; }, [](double a, double v) { return a / v; }},
};

// x with what `change` makes of the elements that are selected and of values, one by one.
std::vector<double> expected(const Tensor& x, const Selecting& s, const Change& change,
                             const Tensor& values) {
  std::vector<double> all = x.to_vector<double>();
  const Tensor places = s.of(arange(x.numel()).view(x.shape()));
  const auto at = places.to_vector<int64_t>();
  const auto v = values.expand(places.shape()).to_vector<double>();
  for (size_t i = 0; i < at.size(); ++i) {
    double& element = all[static_cast<size_t>(at[i])];
    element = change.of(element, v[i]);
  }
  return all;
}

template <class F>
void for_each_kind(F&& f) {
  for (const Selecting& s : selections())
    for (const Change& change : changes)
      BOOST_TEST_CONTEXT(s.name << " " << change.name) f(s, change);
}

const auto per_element = boost::test_tools::per_element();

}  // namespace

BOOST_AUTO_TEST_CASE(writes_into_what_it_was_taken_from) {
  for_each_kind([](const Selecting& s, const Change& change) {
    for (const bool transposed : {false, true}) {
      const auto fresh = [&] {
        const Tensor x = (arange(12, float64) + 1).view(transposed ? Shape{4, 3} : Shape{3, 4});
        return transposed ? x.t() : x;
      };
      const Tensor x = fresh(), y = fresh(), z = fresh();
      const Tensor some = rand(s.of(x).shape(), float64) + 0.5, one = from<double>({3});
      const auto wanted = expected(x, s, change, some);
      change.by_tensor(s.of(x), some);
      BOOST_TEST(x.to_vector<double>() == wanted, per_element);
      if (s.of(y).dim() > 0) {
        const auto all_one = expected(y, s, change, one);
        change.by_tensor(s.of(y), one);
        BOOST_TEST(y.to_vector<double>() == all_one, per_element);
      }
      const auto all_two = expected(z, s, change, full({}, 2.0, float64));
      change.by_number(s.of(z), 2);
      BOOST_TEST(z.to_vector<double>() == all_two, per_element);
    }
  });
}

BOOST_AUTO_TEST_CASE(derivatives_by_the_old_and_the_new) {
  for_each_kind([](const Selecting& s, const Change& change) {
    const Tensor x = random_leaf({3, 4});
    const Tensor values = (rand(s.of(x).shape(), float64) + 0.5).requires_grad_();
    const auto by_tensor = [&](Inputs in) {
      const Tensor y = in[0] * in[0];
      change.by_tensor(s.of(y), in[1]);
      return y * y;
    };
    check_gradients(by_tensor, {x, values}, "by a tensor");
    check_gradients(by_tensor, {x.detach(), values}, "by the values alone");
    const auto by_number = [&](Inputs in) {
      const Tensor y = in[0] * in[0];
      change.by_number(s.of(y), 1.5);
      return y * y;
    };
    check_gradients(by_number, {x}, "by a number");
  });
}

BOOST_AUTO_TEST_CASE(leaves_change_under_no_grad_alone) {
  for_each_kind([](const Selecting& s, const Change& change) {
    const Tensor leaf = ones({3, 4}).requires_grad_(), two = full({}, 2.f);
    BOOST_CHECK_EXCEPTION(change.by_tensor(s.of(leaf), two), AutogradError, saying("leaf"));
    BOOST_CHECK_EXCEPTION(change.by_number(s.of(leaf), 2), AutogradError, saying("leaf"));
    BOOST_TEST((leaf.to_vector() == std::vector<float>(12, 1)));
    const auto wanted = expected(leaf, s, change, two);
    {
      const no_grad guard;
      change.by_tensor(s.of(leaf), two);
    }
    BOOST_TEST(leaf.to_vector<double>() == wanted, per_element);
    BOOST_TEST(leaf.is_leaf());
  });
}

BOOST_AUTO_TEST_CASE(values_may_be_parts_of_the_same_tensor) {
  const auto row = [] { return arange(6, float32); };
  const Tensor a = row(), b = row(), c = row(), d = row(), e = row();
  a.slice(0, 1) = a.slice(0, 0, 5);
  BOOST_TEST(a.to_vector() == (std::vector<float>{0, 0, 1, 2, 3, 4}), per_element);
  b.slice(0, 0, 5) = b.slice(0, 1);
  BOOST_TEST(b.to_vector() == (std::vector<float>{1, 2, 3, 4, 5, 5}), per_element);
  c.slice(0, 1) += c.slice(0, 0, 5);
  BOOST_TEST(c.to_vector() == (std::vector<float>{0, 1, 3, 5, 7, 9}), per_element);
  const Tensor back = from<int64_t>({5, 4, 3, 2, 1, 0});
  d.index({back}) = d;
  BOOST_TEST(d.to_vector() == (std::vector<float>{5, 4, 3, 2, 1, 0}), per_element);
  e.index({back}) -= e.index({from<int64_t>({0, 1, 2, 3, 4, 5})});
  BOOST_TEST(e.to_vector() == (std::vector<float>{-5, -3, -1, 1, 3, 5}), per_element);

  const Tensor x = from({{1, 2}, {3, 4}});
  x[0] = x[0];
  BOOST_TEST(x.to_vector() == (std::vector<float>{1, 2, 3, 4}), per_element);
  x[0] = x[1];
  BOOST_TEST(x.to_vector() == (std::vector<float>{3, 4, 3, 4}), per_element);
  Selection source = x[1];
  source = from({7, 8});
  x[1] = source;
  x[0] = std::move(source);
  BOOST_TEST(x.to_vector() == (std::vector<float>{7, 8, 7, 8}), per_element);

  check_gradients(
      [](Inputs in) {
        const Tensor y = in[0] * in[0];
        y[0] = y[0];
        y.slice(1, 1) = y.slice(1, 0, 3);
        y[1] *= y[0];
        y.index({from<int64_t>({2, 1})}) += y.slice(0, 0, 2);
        return y * y;
      },
      {random_leaf({3, 4})});
}

BOOST_AUTO_TEST_CASE(a_named_selection_is_a_handle) {
  const Tensor x = from({{1, 2}, {3, 4}});
  auto row = x[0];
  row = from({8, 9});
  BOOST_TEST(x.to_vector() == (std::vector<float>{1, 2, 3, 4}), per_element);
  row = x[0];
  row += 1;
  row *= from({2, 3});
  BOOST_TEST(x.to_vector() == (std::vector<float>{4, 9, 3, 4}), per_element);
  auto copy = x.index({from<int64_t>({1})});
  copy += 1;
  BOOST_TEST(x.to_vector() == (std::vector<float>{4, 9, 3, 4}), per_element);
  copy = x[1];
  copy += 1;
  BOOST_TEST(x.to_vector() == (std::vector<float>{4, 9, 4, 5}), per_element);
}

BOOST_AUTO_TEST_CASE(a_place_named_often_counts_once) {
  const Tensor x = zeros({3});
  x.index({from<int64_t>({0, 2, 0, 0})}) += 1;
  BOOST_TEST(x.to_vector() == (std::vector<float>{1, 0, 1}), per_element);
}

BOOST_AUTO_TEST_CASE(shapes_and_dtypes_of_values) {
  const Tensor rows = from<int64_t>({0, 1});
  for (const DType dtype : test::all_dtypes)
    for (const DType other : test::all_dtypes) {
      const Tensor x = zeros({2, 3}, dtype), y = ones({1, 1, 3}, other);
      x[0] = y;  // sizes of 1 in front do not count
      BOOST_TEST(x.to_vector() == (std::vector<float>{1, 1, 1, 0, 0, 0}), per_element);
      x.index({rows}) = y;
      BOOST_TEST((x.to_vector() == std::vector<float>(6, 1)));
      x.index({rows}) = 0;
      BOOST_TEST((x.to_vector() == std::vector<float>(6, 0)));
      BOOST_TEST((x.dtype() == dtype));
    }
  const Tensor x = zeros({2, 3}), whole = zeros({2, 3}, int64);
  BOOST_CHECK_EXCEPTION(x[0] = ones({2}), ShapeError,
                        saying("copy_: shapes [3] and [2] do not broadcast"));
  BOOST_CHECK_EXCEPTION(x[0] = ones({2, 3}), ShapeError, saying("[2, 3]"));
  BOOST_CHECK_EXCEPTION(x.index({rows}) = ones({2}), ShapeError,
                        saying("index_put_: shapes [2, 3] and [2] do not broadcast"));
  BOOST_CHECK_EXCEPTION(x[0] += ones({1, 3}), ShapeError, saying("add_: shape"));
  BOOST_CHECK_EXCEPTION(x[0] = Tensor(), Error, saying("undefined"));
  BOOST_CHECK_EXCEPTION(x.index({rows}) *= Tensor(), Error, saying("undefined"));
  BOOST_CHECK_EXCEPTION(whole[0] += 0.5, DTypeError, saying("add_: a number of kind"));
  BOOST_CHECK_EXCEPTION(whole.index({rows}) /= 2, DTypeError, saying("div_: expected a floating"));
  BOOST_TEST((whole.to_vector() == std::vector<float>(6, 0)));
}

BOOST_AUTO_TEST_CASE(a_number_in_a_tensor_is_a_number) {
  const Tensor x = arange(24, float64).view({2, 3, 4}).requires_grad_();
  const Tensor one = scalar_tensor(1, int64), last = scalar_tensor(-1, int64);
  BOOST_TEST((x[one].shape() == Shape{3, 4}));
  BOOST_TEST((x.index({one, Slice(), last}).shape() == Shape{3}));
  BOOST_TEST(relative_error(x.index({one, Slice(), last}), x.index({1, Slice(), -1})) == 0);
  // Beside an index tensor it does not count as one: dimensions stay in place.
  const Tensor two = from<int64_t>({0, 2});
  BOOST_TEST((x.index({Slice(), two, last}).shape() == Shape{2, 2}));
  BOOST_TEST((x.index({one, Slice(), two}).shape() == Shape{3, 2}));
  // A bool of rank 0 adds a dimension.
  BOOST_TEST((x.index({scalar_tensor(true, boolean)}).shape() == Shape{1, 2, 3, 4}));
  BOOST_TEST((x.index({scalar_tensor(false, boolean)}).shape() == Shape{0, 2, 3, 4}));
  check_gradients([&](Inputs in) { return in[0].index({last, one}).square(); }, {x});
  BOOST_CHECK_EXCEPTION(x[scalar_tensor(2, int64)], IndexError, saying("index 2 is out of range"));
}
