#pragma once

#include <array>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <rewind/data/fields.h>
#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::data {

namespace detail {

/// Tensors of one shape and dtype, each copied to its row of a larger one as it comes: the memory
/// of a sample can be used for the next.
class TensorRows {
 public:
  /// Room for this many.
  explicit TensorRows(int64_t count) : count_(count) {}
  /// Copies one, off the tape. Throws ShapeError or DTypeError where it is unlike the first.
  void put(int64_t row, const Tensor& sample);
  /// All of them, [count, …].
  Tensor take() { return std::move(rows_); }

 private:
  int64_t count_;
  Tensor rows_;
};

/// A row for each number.
template <class T>
class NumberRows {
 public:
  /// What holds them: bool and float32 their own, int64 and float64 for the rest.
  using Element =
      std::conditional_t<std::is_same_v<T, bool> || std::is_same_v<T, float>, T,
                         std::conditional_t<std::is_floating_point_v<T>, double, int64_t>>;
  explicit NumberRows(int64_t count);
  NumberRows(NumberRows&&) = default;  // a copy would write to the same numbers
  void put(int64_t row, T number) { at_[row] = static_cast<Element>(number); }
  Tensor take() { return std::move(rows_); }

 private:
  Tensor rows_;
  Element* at_;
};
/// [count], uninitialised.
Tensor new_numbers(int64_t count, DType dtype);
template <class T>
NumberRows<T>::NumberRows(int64_t count)
    : rows_(new_numbers(count, dtype_of<Element>)), at_(rows_.data<Element>()) {}

/// Texts stay texts.
class TextRows {
 public:
  explicit TextRows(int64_t count) : rows_(static_cast<size_t>(count)) {}
  void put(int64_t row, const std::string& text) { rows_[static_cast<size_t>(row)] = text; }
  std::vector<std::string> take() { return std::move(rows_); }

 private:
  std::vector<std::string> rows_;
};

template <class T>
struct RowsOf;
/// What puts samples of type T together.
template <class T>
using Rows = typename RowsOf<T>::type;
/// What becomes of them.
template <class T>
using Collated = decltype(std::declval<Rows<T>&>().take());

/// Tuple stands for std::tuple or std::pair.
template <template <class...> class Tuple, class... T>
class TupleRows {
 public:
  explicit TupleRows(int64_t count) : fields_(((void)sizeof(T), count)...) {}
  void put(int64_t row, const std::tuple<const T&...>& sample) {
    put_each(row, sample, std::index_sequence_for<T...>());
  }
  void put(int64_t row, const Tuple<T...>& sample) {
    put_each(row, sample, std::index_sequence_for<T...>());
  }
  auto take() {
    return std::apply([](auto&... field) { return Tuple<Collated<T>...>(field.take()...); },
                      fields_);
  }

 private:
  template <class Sample, size_t... i>
  void put_each(int64_t row, const Sample& sample, std::index_sequence<i...>) {
    (std::get<i>(fields_).put(row, std::get<i>(sample)), ...);
  }
  std::tuple<Rows<T>...> fields_;
};

/// Throws ShapeError: lists of samples differ in length.
[[noreturn]] void fail_lengths(size_t expected, size_t got);

/// Rows for each of some entries.
template <class T>
std::vector<Rows<T>> rows_of_each(size_t entries, int64_t count) {
  std::vector<Rows<T>> rows;
  rows.reserve(entries);
  for (size_t i = 0; i < entries; ++i) rows.emplace_back(count);
  return rows;
}

/// Entries of a list, which is as long in each sample.
template <class T>
class ListRows {
 public:
  explicit ListRows(int64_t count) : count_(count) {}
  void put(int64_t row, const std::vector<T>& sample) {
    if (!begun_) entries_ = rows_of_each<T>(sample.size(), count_);
    begun_ = true;
    if (sample.size() != entries_.size()) fail_lengths(entries_.size(), sample.size());
    for (size_t i = 0; i < sample.size(); ++i) entries_[i].put(row, sample[i]);
  }
  std::vector<Collated<T>> take() {
    std::vector<Collated<T>> out;
    for (Rows<T>& entry : entries_) out.push_back(entry.take());
    return out;
  }

 private:
  int64_t count_;
  bool begun_ = false;
  std::vector<Rows<T>> entries_;
};

template <class T, size_t n>
class ArrayRows {
 public:
  explicit ArrayRows(int64_t count) : entries_(rows_of_each<T>(n, count)) {}
  void put(int64_t row, const std::array<T, n>& sample) {
    for (size_t i = 0; i < n; ++i) entries_[i].put(row, sample[i]);
  }
  std::array<Collated<T>, n> take() {
    std::array<Collated<T>, n> out;
    for (size_t i = 0; i < n; ++i) out[i] = entries_[i].take();
    return out;
  }

 private:
  std::vector<Rows<T>> entries_;
};

template <class Fields>
struct RowsOfFields;
template <class... T>
struct RowsOfFields<std::tuple<T&...>> {
  using type = TupleRows<std::tuple, std::remove_const_t<T>...>;
};

/// A plain struct whose fields become what they were, such as Batch.
template <class T>
class StructRows {
 public:
  explicit StructRows(int64_t count) : fields_(count) {}
  void put(int64_t row, const T& sample) { fields_.put(row, fields_of(sample)); }
  T take() {
    return std::apply(
        [](auto&&... field) {
          static_assert(
              requires { T{std::move(field)...}; },
              "numbers become tensors in a batch: make the fields of the sample's struct tensors, "
              "the sample a tuple, or give the DataLoader a collate function");
          return T{std::move(field)...};
        },
        fields_.take());
  }

 private:
  typename RowsOfFields<decltype(fields_of(std::declval<const T&>()))>::type fields_;
};

template <class T>
struct RowsOf {
  static constexpr bool known =
      std::is_base_of_v<Tensor, T> || std::is_arithmetic_v<T> || std::is_aggregate_v<T>;
  static_assert(known,
                "samples of this type can't be put together: give the DataLoader a collate "
                "function");
  static auto choose() {
    if constexpr (std::is_base_of_v<Tensor, T>)
      return std::type_identity<TensorRows>();
    else if constexpr (std::is_arithmetic_v<T>)
      return std::type_identity<NumberRows<T>>();
    else
      return std::type_identity<StructRows<T>>();
  }
  using type = typename decltype(choose())::type;
};
template <>
struct RowsOf<std::string> {
  using type = TextRows;
};
template <class... T>
struct RowsOf<std::tuple<T...>> {
  using type = TupleRows<std::tuple, T...>;
};
template <class A, class B>
struct RowsOf<std::pair<A, B>> {
  using type = TupleRows<std::pair, A, B>;
};
template <class T>
struct RowsOf<std::vector<T>> {
  using type = ListRows<T>;
};
template <class T, size_t n>
struct RowsOf<std::array<T, n>> {
  using type = ArrayRows<T, n>;
};

}  // namespace detail

/// Puts samples together as PyTorch's does: tensors are stacked along a new first dimension and
/// have to be of one shape and dtype; integers become an int64 tensor, bool, float and double one
/// of their own dtype; texts a std::vector; tuples, pairs, arrays, vectors and plain structs of
/// these the same of what their fields become. Off the tape.
struct DefaultCollate {
  /// What becomes of samples.
  template <class Sample>
  detail::Collated<Sample> operator()(const std::vector<Sample>& samples) const {
    detail::Rows<Sample> rows(static_cast<int64_t>(samples.size()));
    for (size_t i = 0; i < samples.size(); ++i) rows.put(static_cast<int64_t>(i), samples[i]);
    return rows.take();
  }
};
/// What a DataLoader puts samples together with, unless it is given another function.
inline constexpr DefaultCollate default_collate;

}  // namespace rw::data

#pragma GCC visibility pop
