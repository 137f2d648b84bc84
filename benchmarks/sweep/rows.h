#pragma once
// The rows of the sweep: every op and layer, written in what both libraries have in common.

#ifdef REWIND_SWEEP_LIBTORCH
#include "libtorch_adapter.h"
#else
#include "rewind_adapter.h"
#endif

#include <functional>
#include <string>
#include <vector>

namespace bench {

using Tensors = std::vector<lib::Tensor>;
using In = const Tensors&;

/// What the inputs of a row look like.
enum class Kind {
  elements,  ///< a matrix or images of any memory order
  images,    ///< images
  products,  ///< matrices of at most a million elements
  once       ///< made inside the row, which ignores memory orders
};
/// Which types a row takes.
enum class Types { floating, numbers, integers, flags, all };

struct Row {
  std::string name;  ///< that of the function, after a comma perhaps what is special
  Kind kind;
  Types types;
  int inputs;  ///< all of one shape, the second of which broadcasts
  bool has_gradient;
  std::function<lib::Tensor(In)> f;
};
using Rows = std::vector<Row>;
Rows all_rows();

/// Joins a family of rows to the sweep: a file in rows/ each.
struct Family {
  explicit Family(Rows (*rows)());
};

constexpr bool smooth = true, flat = false;

/// Indices along a dimension of so many elements.
lib::Tensor some_indices(int64_t count, int64_t size);

}  // namespace bench
