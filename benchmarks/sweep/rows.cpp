#include "rows.h"

namespace bench {
namespace {

std::vector<Rows (*)()>& families() {
  static std::vector<Rows (*)()> all;
  return all;
}

}  // namespace

Family::Family(Rows (*rows)()) { families().push_back(rows); }

Rows all_rows() {
  Rows all;
  for (const auto family : families())
    for (Row& row : family()) all.push_back(std::move(row));
  return all;
}

lib::Tensor some_indices(int64_t count, int64_t size) {
  return (lib::uniform({count}) * static_cast<double>(size)).to(lib::i64);
}

}  // namespace bench
