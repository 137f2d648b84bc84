// The derivatives of every op there is, and that there is no op without.

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <rewind/tensor/parallel.h>
#include <rewind/testing/gradcheck.h>

#include "all_ops/declarations.h"
#include "all_ops/table.h"

using namespace rw;
using namespace rw::test;

namespace {

// --- Memory orders ------------------------------------------------------------------------------

Tensor reversed(const Tensor& x) {
  Dims dims = x.shape();
  for (int i = 0; i < dims.rank(); ++i) dims[i] = dims.rank() - 1 - i;
  return x.permute(dims);
}

Tensor column_major(const Tensor& x) { return reversed(reversed(x).contiguous()); }

struct Order {
  const char* name;
  Tensor (*arrange)(const Tensor&);
};

const Order orders[] = {
    {"column-major", column_major},
    {"channels-last",
     [](const Tensor& x) { return x.dim() == 4 ? x.contiguous(MemoryFormat::channels_last) : x; }},
    {"with gaps",
     [](const Tensor& x) -> Tensor {
       return stack({x, x}, -1).select(-1, 1);
     }},
};
const Order expanded = {"expanded", [](const Tensor& x) {
                          return x.dim() == 0 ? x : x.narrow(0, 0, 1).expand(x.shape());
                        }};

void check_derivatives(const Row& row, const Tensors& inputs, const std::string& how) {
  BOOST_TEST_CONTEXT(row.name << ", " << how) try {
    BOOST_TEST(rw::testing::gradcheck(row.function, inputs));
    BOOST_TEST(rw::testing::gradgradcheck(row.function, inputs));
  } catch (const Error& e) {
    BOOST_ERROR(e.what());
  }
}

// With inputs in another order, where there is one for them.
void check_in(const Order& order, const Row& row) {
  Tensors inputs;
  bool differs = false;
  for (const Tensor& x : row.inputs) {
    inputs.push_back(order.arrange(x.detach()).detach().requires_grad_());
    differs |= inputs.back().strides() != x.strides();
  }
  if (differs) check_derivatives(row, inputs, order.name);
}

// One thread: the tensors are so small that several would only wait for each other.
struct OneThread {
  OneThread() { set_num_threads(1); }
  ~OneThread() { set_num_threads(threads); }
  const int threads = get_num_threads();
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_op_has_the_right_derivatives, OneThread) {
  for (const Row& row : all_rows()) {
    check_derivatives(row, row.inputs, "row-major");
    for (const Order& order : orders) check_in(order, row);
    if (row.ties == Ties::smooth) check_in(expanded, row);
  }
}

BOOST_FIXTURE_TEST_CASE(every_op_has_the_right_derivatives_by_one_input_alone, OneThread) {
  for (const Row& row : all_rows())
    for (size_t i = 0; row.inputs.size() > 1 && i < row.inputs.size(); ++i) {
      Tensors inputs;
      for (const Tensor& x : row.inputs) inputs.push_back(x.detach());
      inputs[i] = column_major(inputs[i]).detach().requires_grad_();
      check_derivatives(row, inputs, "by input " + std::to_string(i));
    }
}

// --- Undefined inputs ---------------------------------------------------------------------------

namespace {

// Some inputs, such as a bias, may be undefined. Others make the op say so, and not merely a member
// of the tensor that it looks at.
void check_undefined(const Row& row, size_t i) {
  Tensors inputs = row.inputs;
  inputs[i] = Tensor();
  try {
    row.function(inputs);
  } catch (const Error& e) {
    const std::string message = e.what();
    BOOST_TEST((message.find("undefined") != std::string::npos), row.name << ": " << message);
    for (const char* member : {"shape", "sizes", "strides", "dim", "numel", "dtype", "nbytes",
                               "is_floating_point", "requires_grad", "raw_data"})
      BOOST_TEST(message.rfind(std::string(member) + ":", 0) != 0, row.name << ": " << message);
  }
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_op_survives_undefined_inputs, OneThread) {
  for (const Row& row : all_rows())
    for (size_t i = 0; i < row.inputs.size(); ++i) check_undefined(row, i);
}

// --- The public headers -------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(declarations_are_found) {
  const std::vector<std::string> found = functions_returning_tensors(R"(
    #define TENSOR Tensor macro()
    // Tensor in_a_comment(); "
    /* Tensor in_another(); */
    namespace rw {
    class Tensor;
    enum class Mode : uint8_t { a, b };
    Tensor plain(const Tensor& x, const Dims& dims = {}, char c = '}');
    inline Tensor  inlined() { Tensor local(const Tensor&); return local("Tensor quoted("); }
    template <class F, std::convertible_to<Tensor>... T>
    requires(sizeof...(T) > 0) Tensor constrained(F&& f, const T&... x) { return f(x...); }
    Tensor
    on_two_lines();
    std::vector<Tensor> many(std::function<Tensor(const Tensor& x)> f);
    std::pair<Tensor, Tensor> two();
    void nothing(Tensor t);
    bool boolean(const Tensor& t, int n = 1'000'000);
    using Function = std::function<Tensor(const Tensor&)>;
    SavedTensor other_type(int64_t i);
    Tensor operator-(const Tensor& x);
    Tensor& operator+=(Tensor& a, const Tensor& b);
    struct Options { Tensor weight = {}; int64_t n[4] = {}; };
    template <class T>
    class Outer final : public Base<T> {
     public:
      Outer(Tensor t) : t_(t), n_{} {}
      const Tensor& get() const { return t_; }
      Tensor overloaded() const;
      Tensor overloaded(int64_t dim) const { return select(dim); }
      virtual Tensor operator()(const Tensor& x) = 0;
      Tensor operator[](int64_t i) const;
      struct Inner { Tensor nested(); };
      Tensor t_;
    };
    namespace detail { Tensor hidden(); }
    Tensor last();
    }
  )");
  std::string names;
  for (const std::string& name : found) names += name + " ";
  BOOST_TEST(names ==
             "plain inlined constrained on_two_lines many two operator- operator+= "
             "Outer::overloaded Outer::overloaded Outer::operator() Outer::operator[] "
             "Outer::Inner::nested last ");
}

namespace {

// How many functions of each name return tensors.
std::map<std::string, int> declared() {
  std::ifstream list(REWIND_PUBLIC_HEADERS);
  std::map<std::string, int> count;
  for (std::string path; std::getline(list, path);) {
    std::ifstream file(path);
    BOOST_TEST_REQUIRE(file.good(), "can't read " << path);
    const std::string header{std::istreambuf_iterator<char>(file), {}};
    for (const std::string& name : functions_returning_tensors(header)) ++count[name];
  }
  return count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_op_has_a_row) {
  const std::map<std::string, int> functions = declared();
  BOOST_TEST_REQUIRE(functions.contains("conv2d"));
  std::map<std::string, int> rows;
  for (const Row& row : all_rows()) ++rows[row.op()];
  std::map<std::string, std::string> exempt;
  for (const Exemption& e : all_exemptions())
    for (const std::string& name : e.functions)
      BOOST_TEST(exempt.emplace(name, e.reason).second, name << " is exempt twice");

  for (const auto& [name, n] : rows)
    BOOST_TEST(functions.contains(name), name << " has rows but is not declared");
  for (const auto& [name, reason] : exempt) {
    BOOST_TEST(functions.contains(name), name << " is exempt but not declared");
    BOOST_TEST(!rows.contains(name), name << " has rows, though it " << reason);
  }

  for (const auto& [name, overloads] : functions) {
    if (exempt.contains(name)) continue;
    BOOST_TEST(rows[name] >= overloads,
               name << " is declared " << overloads << " times in the public headers and has "
                    << rows[name] << " rows: add one to tests/ops/all_ops/, or an exemption");
  }
}
