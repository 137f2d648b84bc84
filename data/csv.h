#pragma once

#include <optional>
#include <string>
#include <vector>

#include <rewind/data/dataset.h>
#include <rewind/tensor/dtype.h>

#pragma GCC visibility push(default)

namespace rw::data {

/// A column by its name in the header, or by its place, from 0 or, if negative, from the end.
struct Column {
  std::optional<std::string> name;  ///< unset for one by its place
  int64_t place = 0;                ///< counts where there is no name

  ///@{
  /// `.targets = {"label"}`, `.targets = {-1}`.
  Column(const char* n) : name(n) {}
  Column(std::string n) : name(std::move(n)) {}
  Column(int p) : place(p) {}
  ///@}
};

/// What CSVDataset takes by name.
struct CSVOptions {
  bool header = true;                   ///< whether the first row has names
  char delimiter = ',';                 ///< between cells
  std::vector<Column> targets = {-1};   ///< columns that are to be found; the last one by default
  DType dtype = DType::float32;         ///< of all other columns: an integer, float32 or float64
  DType target_dtype = DType::float32;  ///< of the targets; int64 for labels
};

/// A table of numbers in a text file: `data` are all columns but the targets, [N, columns];
/// `target` is [N] for one target, [N, targets] otherwise.
///
/// A row is a line, which ends with LF, CR or both; lines with nothing in them are left out.
/// Numbers too small for the dtype are rounded, to zero in the end. Cells may have spaces around
/// them and stand in double quotes. Throws IOError, with file, line and column, where a row has
/// more or fewer cells than the first, or where a cell is no number of the dtype, and IndexError
/// for a target that is no column, or that several columns have the name of.
class CSVDataset : public TensorDataset {
 public:
  /// Reads the file.
  explicit CSVDataset(const std::string& path, const CSVOptions& options = {});

  ///@{
  /// Names of the columns in `data` and in `target`; "0", "1", … without a header.
  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<std::string>& target_columns() const { return target_columns_; }
  ///@}

 private:
  struct Content;
  explicit CSVDataset(Content content);
  std::vector<std::string> columns_, target_columns_;
};

}  // namespace rw::data

#pragma GCC visibility pop
