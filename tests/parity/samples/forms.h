#pragma once
// How operators of PyTorch are called here: a form takes a sample's arguments by place or name.

#include <functional>
#include <set>

#include "value.h"

namespace rw::test {

/// What the arguments ask for can't be written in C++: a word in place of a number, say.
struct Inexpressible : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The arguments of a sample. Each is asked for by its place and name, from 0; what is left out
/// has the default. `check_all_read` throws for those that nobody asked for.
class Args {
 public:
  explicit Args(const Sample& sample) : sample_(sample) {}

  const Value* find(size_t place, const char* name) {
    read_.insert(name);
    if (place < sample_.in.size()) {
      read_places_.insert(place);
      return &sample_.in[place];
    }
    for (const auto& [each, v] : sample_.kw)
      if (each == name) return &v;
    return nullptr;
  }
  bool is(size_t place, const char* name, Value::Kind kind) {
    const Value* const v = find(place, name);
    return v && v->kind == kind;
  }
  bool has(size_t place, const char* name) {
    const Value* const v = find(place, name);
    return v && v->kind != Value::Kind::none;
  }
  bool is_tensor(size_t place, const char* name) { return is(place, name, Value::Kind::tensor); }
  bool is_list(size_t place, const char* name) { return is(place, name, Value::Kind::list); }
  bool is_number(size_t place, const char* name) { return is(place, name, Value::Kind::number); }
  int64_t sample_number() const {
    return std::stoll(sample_.name.substr(sample_.name.find('#') + 1));
  }
  size_t count() const { return sample_.in.size(); }

  /// A tensor; undefined where there is none.
  Tensor t(size_t place, const char* name = "") {
    const Value* const v = find(place, name);
    if (!v || v->kind == Value::Kind::none) return {};
    if (v->kind != Value::Kind::tensor) fail(name, "tensor");
    return v->tensor;
  }
  /// A copy of the first tensor, to be changed in place.
  Tensor& y() { return changed_ = t(0, "input").clone(); }

  Scalar number(size_t place, const char* name, std::optional<Scalar> otherwise = {}) {
    const Value* const v = find(place, name);
    if (!v || v->kind == Value::Kind::none) {
      if (!otherwise) fail(name, "number");
      return *otherwise;
    }
    if (v->kind == Value::Kind::tensor && v->tensor.numel() == 1) return v->tensor.item_scalar();
    if (v->kind != Value::Kind::number) fail(name, "number");
    return v->number;
  }
  int64_t i(size_t place, const char* name, std::optional<Scalar> otherwise = {}) {
    const Scalar s = number(place, name, otherwise);
    if (s.is_floating()) fail(name, "integer");
    return s.to_int64();
  }
  double f(size_t place, const char* name, std::optional<Scalar> otherwise = {}) {
    return number(place, name, otherwise).to_double();
  }
  bool b(size_t place, const char* name, bool otherwise = false) {
    return number(place, name, otherwise).to_double() != 0;
  }
  std::optional<int64_t> opt_i(size_t place, const char* name) {
    return has(place, name) ? std::optional(i(place, name)) : std::nullopt;
  }
  std::optional<double> opt_f(size_t place, const char* name) {
    return has(place, name) ? std::optional(f(place, name)) : std::nullopt;
  }
  std::string word(size_t place, const char* name, const char* otherwise = "") {
    const Value* const v = find(place, name);
    if (!v || v->kind == Value::Kind::none) return otherwise;
    if (v->kind != Value::Kind::word) fail(name, "word");
    return v->word;
  }
  std::optional<DType> dtype(size_t place, const char* name) {
    const Value* const v = find(place, name);
    if (!v || v->kind == Value::Kind::none) return {};
    if (v->kind != Value::Kind::dtype) fail(name, "dtype");
    return v->dtype;
  }
  /// A number or a list of them; none where there is nothing.
  std::vector<int64_t> ints(size_t place, const char* name) {
    const Value* const v = find(place, name);
    if (!v || v->kind == Value::Kind::none) return {};
    if (v->kind != Value::Kind::list) return {i(place, name)};
    return ints(*v, name);
  }
  std::vector<double> floats(size_t place, const char* name) {
    const Value* const v = find(place, name);
    if (!v || v->kind == Value::Kind::none) return {};
    if (v->kind != Value::Kind::list) return {f(place, name)};
    std::vector<double> all;
    for (const Value& n : v->list) {
      if (n.kind != Value::Kind::number) fail(name, "list of numbers");
      all.push_back(n.number.to_double());
    }
    return all;
  }
  /// As `ints`, and the integers from `place` on, as in `x.permute(1, 0)`.
  std::vector<int64_t> each_from(size_t place, const char* name) {
    if (place >= count() || is_list(place, name)) return ints(place, name);
    std::vector<int64_t> all;
    for (size_t k = place; k < count(); ++k) all.push_back(i(k, name));
    return all;
  }
  Tensors tensors(size_t place, const char* name) {
    const Value* const v = find(place, name);
    if (!v || v->kind != Value::Kind::list) fail(name, "list of tensors");
    Tensors all;
    for (const Value& t : v->list) {
      if (t.kind != Value::Kind::tensor) fail(name, "list of tensors");
      all.push_back(t.tensor);
    }
    return all;
  }
  /// All arguments by place, of which each is a tensor.
  Tensors all_tensors() {
    Tensors all;
    for (size_t k = 0; k < count(); ++k) all.push_back(t(k));
    return all;
  }
  template <size_t n>
  Size<n> size(size_t place, const char* name, Size<n> otherwise) {
    const std::vector<int64_t> all = ints(place, name);
    if (all.empty()) return otherwise;
    Size<n> s(all[0]);
    if (all.size() == 1) return s;
    if (all.size() != n) fail(name, "as many numbers as axes");
    for (size_t d = 0; d < n; ++d) s[static_cast<int>(d)] = all[d];
    return s;
  }

  void check_all_read() const {
    for (const auto& [name, v] : sample_.kw)
      if (!read_.contains(name) && v.kind != Value::Kind::none)
        throw Inexpressible("nobody reads " + name);
    for (size_t k = 0; k < count(); ++k)
      if (!read_places_.contains(k) && sample_.in[k].kind != Value::Kind::none)
        throw Inexpressible("nobody reads argument " + std::to_string(k));
  }
  /// Names and places that a form ignores knowingly.
  void ignore(size_t place, const char* name) { find(place, name); }

  [[noreturn]] static void fail(const std::string& name, const std::string& expected) {
    throw Inexpressible(name + " is no " + expected);
  }

 private:
  static std::vector<int64_t> ints(const Value& list, const char* name) {
    std::vector<int64_t> all;
    for (const Value& n : list.list) {
      if (n.kind == Value::Kind::tensor && n.tensor.numel() == 1)
        all.push_back(n.tensor.item<int64_t>());
      else if (n.kind != Value::Kind::number || n.number.is_floating())
        fail(name, "list of integers");
      else
        all.push_back(n.number.to_int64());
    }
    return all;
  }

  const Sample& sample_;
  std::set<std::string> read_;
  std::set<size_t> read_places_;
  Tensor changed_;
};

/// What comes of a form: tensors, also where it returns a pair, a tuple or a truth.
struct Out {
  Tensors all;
  Out(Tensor t) : all{std::move(t)} {}
  Out(Tensors t) : all(std::move(t)) {}
  Out(bool v) : all{full({}, v, boolean)} {}
  Out(const std::pair<Tensor, Tensor>& p) : all{p.first, p.second} {}
  Out(const std::tuple<Tensor, Tensor>& p) : all{std::get<0>(p), std::get<1>(p)} {}
  Out(const std::tuple<Tensor, Tensor, Tensor>& p)
      : all{std::get<0>(p), std::get<1>(p), std::get<2>(p)} {}
};

using Form = std::function<Out(Args&)>;
using Forms = std::map<std::string, Form>;

/// Joins forms to those that samples are run with.
inline Forms& all_forms() {
  static Forms all;
  return all;
}
struct JoinedForms {
  explicit JoinedForms(Forms forms) { all_forms().merge(forms); }
};

/// f(a, b) of two tensors, of a tensor and a number, or of a number and a tensor.
template <class F>
Out of_two(Args& a, const F& f, const char* first = "input", const char* second = "other") {
  const bool left = a.is_tensor(0, first), right = a.is_tensor(1, second);
  if (left && right) {
    if constexpr (requires { f(a.t(0), a.t(1)); }) return f(a.t(0, first), a.t(1, second));
  } else if (left) {
    if constexpr (requires { f(a.t(0), Scalar(1)); }) return f(a.t(0, first), a.number(1, second));
  } else if (right) {
    if constexpr (requires { f(Scalar(1), a.t(1)); }) return f(a.number(0, first), a.t(1, second));
  }
  Args::fail(second, "kind that is taken");
}

/// The same of f(y, b), which changes y.
template <class F>
Out changed_by(Args& a, const F& f, const char* second = "other") {
  if (a.is_tensor(1, second)) {
    if constexpr (requires { f(a.y(), a.t(1)); }) return f(a.y(), a.t(1, second));
  } else {
    if constexpr (requires { f(a.y(), Scalar(1)); }) return f(a.y(), a.number(1, second));
  }
  Args::fail(second, "kind that is taken");
}

/// The enumerator of a word.
template <class E>
E named(const std::string& word, std::initializer_list<std::pair<const char*, E>> names) {
  for (const auto& [name, value] : names)
    if (word == name) return value;
  Args::fail(word, "name that is known");
}

inline Reduction reduction(Args& a, size_t place = 1000) {
  if (a.has(1000, "size_average") || a.has(1000, "reduce"))
    Args::fail("reduce", "argument of today");
  return named<Reduction>(a.word(place, "reduction", "mean"),
                          {{"mean", Reduction::mean},
                           {"sum", Reduction::sum},
                           {"none", Reduction::none},
                           {"batchmean", Reduction::batchmean}});
}

}  // namespace rw::test

/// A form by an operator's name, of an expression in the arguments `a`.
#define FORM(name, ...)                              \
  {                                                  \
    name, [](Args& a) -> Out { return __VA_ARGS__; } \
  }
#define UNARY(name) FORM(#name, rw::name(a.t(0)))
/// The function and the member that changes in place.
#define UNARY_BOTH(name) UNARY(name), FORM(#name "_", a.y().name##_())
#define BINARY(name)                                                                          \
  FORM(#name, of_two(                                                                         \
                  a, [](const auto& x, const auto& y) requires requires { rw::name(x, y); } { \
                    return rw::name(x, y);                                                    \
                  }))
#define BINARY_CHANGE(name)                                                                  \
  FORM(#name "_", changed_by(                                                                \
                      a, [](Tensor & x, const auto& y) requires requires { x.name##_(y); } { \
                        return x.name##_(y);                                                 \
                      }))
#define BINARY_BOTH(name) BINARY(name), BINARY_CHANGE(name)
