// Every op has a row in the sweep of the benchmarks.

#include <fstream>
#include <iterator>
#include <set>

#include "../../benchmarks/sweep/rows.h"
#include "../check.h"
#include "all_ops/declarations.h"
#include "all_ops/table.h"

namespace {

std::set<std::string> functions() {
  std::set<std::string> names;
  std::ifstream list(REWIND_PUBLIC_HEADERS);
  for (std::string path; std::getline(list, path);) {
    std::ifstream file(path);
    const std::string header{std::istreambuf_iterator<char>(file), {}};
    for (const std::string& name : rw::test::functions_returning_tensors(header))
      if (name.find("::") == std::string::npos && !name.starts_with("operator")) names.insert(name);
  }
  return names;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_function_is_swept) {
  std::set<std::string> missing = functions();
  BOOST_TEST_REQUIRE(missing.contains("conv2d"));
  for (const rw::test::Exemption& e : rw::test::all_exemptions())
    if (const std::string_view reason = e.reason;
        reason == "makes a tensor of no other" || reason == "is the tape itself")
      for (const std::string& name : e.functions) missing.erase(name);
  // What runs other functions.
  missing.erase("checkpoint");
  for (const bench::Row& row : bench::all_rows())
    missing.erase(row.name.substr(0, row.name.find(',')));
  for (const std::string& name : missing)
    BOOST_ERROR(name << " has no row: add one to benchmarks/sweep/rows.cpp");
}
