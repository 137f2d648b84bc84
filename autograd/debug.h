#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rewind/tensor/state_dict.h>
#include <rewind/tensor/tensor.h>

// Tools to find out what went wrong on the tape. Those that take names take them as
// `net.named_parameters()` gives them.

#pragma GCC visibility push(default)

namespace rw {

namespace detail {
class AnomalyWatch;
}

/// What detect_anomaly looks for. Where infinities are meant, as in a mask of -inf before a
/// softmax, look for NaN alone.
enum class Anomaly : uint8_t {
  nan_or_inf,  ///< NaN and infinities
  nan          ///< NaN alone
};

/// `detect_anomaly guard;`: until the end of the scope, the first op recorded on this thread whose
/// result holds a NaN or an infinity, and the first op whose backward returns such a gradient,
/// throws AutogradError. The message names the op, how many such elements there are and where the
/// first one is, and the place in the program that called the op: by file and line where there is
/// debug information (and addr2line, of the binutils), by function or address where there is not.
///
/// Put it around forward and backward; a backward alone can't tell where its ops were called.
/// Scopes may be nested, the innermost says what is looked for. While the mode is on an op costs
/// some microseconds more, and a pass over its result.
class detect_anomaly {
 public:
  /// Looks for NaN and infinities, or for NaN alone.
  [[nodiscard]] explicit detect_anomaly(Anomaly what = Anomaly::nan_or_inf);
  ~detect_anomaly();
  detect_anomaly(const detect_anomaly&) = delete;
  detect_anomaly& operator=(const detect_anomaly&) = delete;

 private:
  std::unique_ptr<detail::AnomalyWatch> own_;  // of the outermost scope
  Anomaly before_;
};

///@{
/// The graph that `outputs` hang on as a text for Graphviz (`dot -Tsvg`): ops with the shapes and
/// dtypes of their results and the memory that each keeps for its backward, leaves rounded, outputs
/// with a bold frame, constants left out. Below stands the memory of all together, where what
/// several ops keep counts once; what saved_tensors_hooks took away does not count. Tensors in
/// `names`, leaves and results alike, show their names.
std::string graph_to_dot(const std::vector<Tensor>& outputs, const NamedTensors& names = {});
std::string graph_to_dot(const Tensor& output, const NamedTensors& names = {});
///@}

/// What does not fit together: names of those parameters that require a gradient and that `loss`
/// was not computed from, so that no gradient can reach them; then the leaves that it was computed
/// from and that require a gradient, but are none of the parameters, as "a leaf of shape [2, 3]
/// that is no parameter, used by 'linear'": a layer that was never added, or an input that is to
/// have a gradient. Walks the graph, and runs nothing.
std::vector<std::string> unused_parameters(const Tensor& loss, const NamedTensors& parameters);

/// What a backward pass left in `grad()` of some parameters:
///
///     std::cout << rw::grad_report(net.named_parameters()).table();
struct GradReport {
  /// One parameter and its gradient.
  struct Row {
    std::string name;            ///< of the parameter
    Shape shape;                 ///< of both
    bool requires_grad = false;  ///< where it does not, none can arrive
    bool arrived = false;        ///< a gradient did; all below is zero without one
    double norm = 0;             ///< Euclidean, of the finite elements
    double max_abs = 0;          ///< of the finite elements
    double zeros = 0;            ///< share of the elements, from 0 to 1
    ///@{
    /// How many elements are NaN, and how many infinite.
    int64_t nan = 0, inf = 0;
    ///@}
  };

  std::vector<Row> rows;  ///< in the order of the parameters
  /// Norm of all gradients together, as clipping by norm takes it.
  double total_norm() const;
  /// The rows as a text.
  std::string table() const;
};

/// Reads `grad()` of each. Throws for an undefined one.
GradReport grad_report(const NamedTensors& parameters);

}  // namespace rw

#pragma GCC visibility pop
