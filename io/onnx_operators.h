#pragma once
// Private to the library's sources: what the operators of ONNX compute, in ops of Rewind.

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rewind/io/onnx_file.h>
#include <rewind/tensor/padding_mode.h>
#include <rewind/tensor/tensor.h>

namespace rw::onnx {

using Ints = std::vector<int64_t>;
using Tensors = std::vector<Tensor>;

/// Says that a node can't be computed here.
class Refusal : public IOError {
  using IOError::IOError;
};

/// A node that is read: what it is told beside its inputs. What was not asked for when it is built
/// is not known, and refused.
class Node {
 public:
  /// `folder` is that of the file, where its numbers may lie.
  Node(const std::string& where, const StoredNode& stored, int64_t opset, const std::string& folder)
      : where_(where),
        stored_(stored),
        opset_(opset),
        folder_(folder),
        read_(stored.attributes.size()) {}

  /// The version of the operators that the file goes by.
  int64_t opset() const { return opset_; }
  ///@{
  /// How many inputs and results there are, and whether input `i` is given.
  size_t inputs() const { return stored_.inputs.size(); }
  size_t outputs() const { return stored_.outputs.size(); }
  bool has(size_t i) const { return i < inputs() && !stored_.inputs[i].empty(); }
  ///@}
  ///@{
  /// Attributes. Without a default value they have to be there.
  bool knows(std::string_view attribute) const;
  int64_t integer(std::string_view attribute);
  int64_t integer(std::string_view attribute, int64_t otherwise);
  double real(std::string_view attribute, double otherwise);
  Ints integers(std::string_view attribute, Ints otherwise = {});
  std::vector<double> reals(std::string_view attribute);
  std::string text(std::string_view attribute, const char* otherwise);
  std::vector<std::string> texts(std::string_view attribute);
  Tensor tensor(std::string_view attribute);
  ///@}
  /// The element type that an attribute names by number.
  DType dtype(std::string_view attribute);
  /// Refuses the attribute unless it has this value, which is that of its absence.
  void expect(std::string_view attribute, int64_t value);
  /// Refuses all inputs from `i` on.
  void expect_no_inputs_from(size_t i, const char* what) const;
  /// What was not asked for.
  std::vector<std::string> unknown() const;
  /// Throws a Refusal: why this node can't be computed here.
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  template <class T>
  const T* find(std::string_view attribute);
  [[noreturn]] void refuse_type(std::string_view attribute, int64_t type) const;

  const std::string& where_;
  const StoredNode& stored_;
  int64_t opset_;
  const std::string& folder_;
  std::vector<bool> read_;
};

/// What a node is given when it is computed.
class Arguments {
 public:
  Arguments(Tensors in, bool training) : training(training), in_(std::move(in)) {}

  const bool training;  ///< whether the model is in training mode
  size_t size() const { return in_.size(); }
  bool has(size_t i) const { return i < in_.size() && in_[i].defined(); }
  /// Input i, undefined where it is left out.
  const Tensor& operator[](size_t i) const;
  /// The same, given away: an op may write over what nobody else holds.
  Tensor&& take(size_t i) { return std::move(in_[i]); }
  /// The numbers of an integer input, such as sizes.
  Ints integers(size_t i) const;
  const Tensors& all() const { return in_; }

 private:
  Tensors in_;
};

/// How a node is computed: a function of Arguments that returns its result or all of them.
class Step {
 public:
  template <class F>
  Step(F f) requires std::is_invocable_v<F&, Arguments&> {
    if constexpr (std::is_same_v<std::invoke_result_t<F&, Arguments&>, Tensors>)
      run_ = std::move(f);
    else {
      run_ = [f = std::move(f)](Arguments& in) { return Tensors{f(in)}; };
      results_ = 1;
    }
  }

  Tensors operator()(Arguments& in) const { return run_(in); }
  /// How many results there are at most.
  size_t results() const { return results_; }

 private:
  std::function<Tensors(Arguments&)> run_;
  size_t results_ = std::numeric_limits<size_t>::max();
};

/// How many inputs an operator takes.
struct Count {
  static constexpr size_t any = std::numeric_limits<size_t>::max();

  Count(size_t n) : least(n), most(n) {}
  Count(size_t l, size_t m) : least(l), most(m) {}
  size_t least, most;  ///< those before `least` can't be left out
};

/// An operator of ONNX.
struct Operator {
  template <class F>
  Operator(int64_t s, Count c, F b) : since(s), inputs(c), build(std::move(b)) {}

  int64_t since;  ///< the version of ONNX's operators that brought it
  Count inputs;
  std::function<Step(Node&)> build;  ///< reads the attributes
};
using Operators = std::unordered_map<std::string_view, Operator>;

///@{
/// Operators by name: element by element, of shapes, of indices, of sums and products, and layers.
const Operators& pointwise_operators();
const Operators& shape_operators();
const Operators& index_operators();
const Operators& fold_operators();
const Operators& window_operators();
const Operators& layer_operators();
const Operators& recurrent_operators();
///@}
/// The operator of this name; null where there is none.
const Operator* find_operator(std::string_view name);
/// All names, sorted.
std::vector<std::string> operator_names();

///@{
/// What operators share. A dimension in [0, rank), which may be counted from the end.
int64_t axis_in(int64_t axis, int64_t rank);
/// The sizes of a tensor.
Ints sizes_of(const Tensor& t);
/// Indices as int64, those that count from the end of `size` as others.
Tensor positive_indices(const Tensor& indices, int64_t size);
/// The axes of a node, which newer versions take as input `i`.
std::function<Ints(const Arguments&)> axes_of(Node& n, size_t i, int64_t as_input_since,
                                              const char* attribute = "axes");
/// x with a border along these axes: the numbers of `pads` before them all, and then those behind.
Tensor with_border(const Tensor& x, const Ints& axes, const Ints& pads, PaddingMode mode,
                   double value);
///@}

}  // namespace rw::onnx
