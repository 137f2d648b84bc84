// docs/ops.md lists every op, layer, optimizer and scheduler with its options, and of ops the
// dtypes, derivatives and what runs them: what the headers declare and what the ops do.
// `REWIND_WRITE=1` writes the page.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <rewind/tensor/profile.h>

#include "../../benchmarks/sweep/rows.h"
#include "../check.h"
#include "../dtypes.h"
#include "all_ops/declarations.h"
#include "all_ops/table.h"

namespace {

using rw::DType;
using rw::Shape;
using rw::Tensor;
using Words = std::vector<std::string>;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  BOOST_TEST_REQUIRE(file.good(), path << " can't be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

// The public headers of a room, by their names.
std::map<std::string, std::string> headers_of(const std::string& room) {
  std::map<std::string, std::string> all;
  std::ifstream list(REWIND_ALL_HEADERS);
  for (std::string path; std::getline(list, path);)
    if (const size_t at = path.find("/" + room + "/"); at != path.npos)
      all[path.substr(at + room.size() + 2)] = contents(path);
  return all;
}

void add_once(Words& words, const Words& more) {
  for (const std::string& w : more)
    if (std::find(words.begin(), words.end(), w) == words.end()) words.push_back(w);
}

// The same, of options: one that another overload has with a default is there already.
void add_options(Words& words, const Words& more) {
  for (const std::string& w : more)
    if (std::none_of(words.begin(), words.end(),
                     [&](const std::string& known) { return known.starts_with(w + " = "); }))
      add_once(words, {w});
}

// --- Options -------------------------------------------------------------------------------------

using Structs = std::map<std::string, Words>;

std::string with_default(const std::string& name, std::string value) {
  value = std::regex_replace(value, std::regex(R"(\s+)"), " ");
  value = std::regex_replace(value, std::regex(R"(\{ (?=\d))"), "{");
  value = std::regex_replace(value, std::regex(R"(Size\w*(<N>)?::unset\(\))"), "unset");
  return value.empty() ? name : name + " = " + value;
}

// What stands in the braces that open at `open`.
std::string body_at(const std::string& code, size_t open) {
  int depth = 0;
  for (size_t i = open; i < code.size(); ++i) {
    depth += (code[i] == '{') - (code[i] == '}');
    if (depth == 0) return code.substr(open + 1, i - open - 1);
  }
  return "";
}

// The members of each struct of options; other names of those of `known` count.
Structs options_in(const std::string& code, const Structs& known = {}) {
  static const std::regex structure(R"(struct (\w+)[^;{()]*\{)");
  static const std::regex member(R"((\w+)\s*(?:=\s*([^;]*?)\s*)?;)");
  static const std::regex alias(R"(using (\w+) = (\w+)(?:<\d>)?;)");
  Structs all;
  for (std::sregex_iterator i(code.begin(), code.end(), structure), end; i != end; ++i) {
    const std::string body = body_at(code, static_cast<size_t>(i->position() + i->length() - 1));
    for (std::sregex_iterator m(body.begin(), body.end(), member); m != end; ++m)
      all[(*i)[1]].push_back(with_default((*m)[1], (*m)[2]));
  }
  for (std::sregex_iterator i(code.begin(), code.end(), alias), end; i != end; ++i)
    for (const Structs* from : {static_cast<const Structs*>(&all), &known})
      if (const auto of = from->find((*i)[2]); of != from->end()) {
        all[(*i)[1]] = of->second;
        break;
      }
  return all;
}

Words split(const std::string& parameters) {
  Words parts(1);
  int depth = 0;
  for (const char c : parameters) {
    depth += (c == '<' || c == '(' || c == '{') - (c == '>' || c == ')' || c == '}');
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// What parameters add to the options: inputs are none.
Words options_of(const std::string& parameters, const Structs& structs) {
  static const std::regex named(R"(^\s*(.*?)\b(\w+)\s*(?:=\s*([^]*))?$)");
  Words all;
  for (const std::string& parameter : split(parameters)) {
    std::smatch m;
    if (!std::regex_match(parameter, m, named)) continue;
    const std::string type = m[1];
    if (type.find("Tensor") != type.npos && !m[3].matched) continue;
    const auto known = std::find_if(structs.begin(), structs.end(), [&](const auto& s) {
      return std::regex_search(type, std::regex("\\b" + s.first + "\\b"));
    });
    if (known == structs.end() && m[2] == "options") continue;  // of a template, or a tensor's
    add_once(all, known != structs.end() ? known->second : Words{with_default(m[2], m[3])});
  }
  return all;
}

// --- What ops do ---------------------------------------------------------------------------------

struct Facts {
  std::set<DType> dtypes;
  std::set<std::string> implementations;
};

Tensor input(const bench::Row& row, DType dtype) {
  const Shape shape = row.kind == bench::Kind::images     ? Shape{2, 32, 16, 16}
                      : row.kind == bench::Kind::products ? Shape{128, 128}
                                                          : Shape{64, 64};
  Tensor x = (rw::rand(shape) * 2 + 1).to(dtype);
  return row.has_gradient && is_floating(dtype) ? x.requires_grad_() : x;
}

// What a report of an implementation stands for on any processor.
std::string kind_of(const std::string& implementation) {
  if (implementation.find("oneDNN") != implementation.npos) return "oneDNN";
  return implementation == "winograd" ? "Winograd" : "";
}

void look(const bench::Row& row, DType dtype, Facts& facts) {
  // Those rows convert their matrices to a type that linear algebra takes.
  if (row.kind == bench::Kind::products && row.types == bench::Types::floating &&
      !is_floating(dtype))
    return;
  try {
    bench::Tensors in;
    for (int i = 0; i < row.inputs; ++i) in.push_back(input(row, dtype));
    const rw::profile p;
    const Tensor y = row.f(in);
    if (y.requires_grad()) y.backward(ones_like(y));
    facts.dtypes.insert(dtype);
    for (const auto& op : p.rows()) facts.implementations.insert(kind_of(op.implementation));
  } catch (const rw::Error&) {  // not of this dtype
  }
}

// Rows of the sweep make some inputs themselves, those of the table compute with others first: an
// op takes what both do.
bool takes(const rw::test::Row& row, DType dtype) {
  try {
    rw::test::Tensors in;
    for (const Tensor& x : row.inputs) in.push_back((abs(x.detach()) + 1).to(dtype));
    row.function(in);
    return true;
  } catch (const rw::Error&) {
    return false;
  }
}

std::map<std::string, Facts> all_facts() {
  std::map<std::string, Facts> all;
  for (const bench::Row& row : bench::all_rows())
    for (const DType dtype : rw::test::all_dtypes)
      look(row, dtype, all[row.name.substr(0, row.name.find(','))]);
  std::map<std::string, std::set<DType>> taken;
  for (const rw::test::Row& row : rw::test::all_rows())
    for (const DType dtype : rw::test::all_dtypes)
      if (takes(row, dtype)) taken[row.op()].insert(dtype);
  for (auto& [name, facts] : all)
    if (const auto t = taken.find(name); t != taken.end())
      std::erase_if(facts.dtypes, [&](DType d) { return !t->second.contains(d); });
  return all;
}

std::string text_of(const std::set<DType>& dtypes) {
  const auto taken = [&](const auto& some) {
    return std::all_of(std::begin(some), std::end(some),
                       [&](DType d) { return dtypes.contains(d); });
  };
  if (taken(rw::test::all_dtypes)) return "all";
  Words parts;
  if (taken(rw::test::floating_dtypes)) parts.push_back("floating");
  if (taken(rw::test::integer_dtypes)) parts.push_back("integers");
  for (const DType d : dtypes)
    if (!(is_floating(d) && taken(rw::test::floating_dtypes)) &&
        !(is_integer(d) && taken(rw::test::integer_dtypes)))
      parts.push_back(std::string(rw::name(d)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

// What the page says of functions that have no row in the table of all ops. Some are another one,
// that has.
std::map<std::string, std::string> other_derivatives() {
  std::map<std::string, std::string> said;
  for (const auto& [reason, functions] : rw::test::all_exemptions()) {
    const bool once = reason.starts_with("is differentiated once");
    const bool another = reason.starts_with("is ") && !reason.starts_with("is held to");
    for (const std::string& name : functions)
      said[name] = once ? "first" : another ? "all" : "none";
  }
  return said;
}

// --- The page ------------------------------------------------------------------------------------

std::string code(const Words& options) {
  static const std::regex bar(R"(\|)"), of_one_line(R"(, (?=[a-z_]+ = ))");
  Words quoted;
  for (const std::string& o : options)
    quoted.push_back(
        "`" + std::regex_replace(std::regex_replace(o, bar, "\\|"), of_one_line, "`, `") + "`");
  return fmt::format("{}", fmt::join(quoted, ", "));
}

void add_ops(std::string& page, const std::string& file, const std::string& header,
             const Structs& structs) {
  static const auto facts = all_facts();
  static const auto others = other_derivatives();
  std::map<std::string, Words> options;
  Words order;
  for (const auto& d : rw::test::declarations_returning_tensors(header)) {
    if (d.name.starts_with("operator") || !facts.contains(d.name)) continue;
    const bool inside = d.space.find("linalg") != d.space.npos;
    const std::string name = (inside ? "linalg::" : "") + d.name;
    add_once(order, {name});
    add_options(options[name], options_of(d.parameters, structs));
  }
  if (order.empty()) return;
  page += fmt::format(
      "\n## {}\n\nDeclared by [ops/{}](../ops/{}).\n\n| op | options | dtypes | derivatives | run "
      "by |\n"
      "| --- | --- | --- | --- | --- |\n",
      file.substr(0, file.find('.')), file, file);
  for (const std::string& name : order) {
    const std::string plain = name.substr(name.rfind(':') + 1);
    const Facts& f = facts.at(plain);
    Words run(f.implementations.begin(), f.implementations.end());
    std::erase(run, "");
    run.push_back("own");
    const auto other = others.find(name);
    page +=
        fmt::format("| `{}` | {} | {} | {} | {} |\n", name, code(options[name]), text_of(f.dtypes),
                    other == others.end() ? "all" : other->second, fmt::join(run, ", "));
  }
}

// What layers, optimizers or schedulers have in common, and what is none.
bool is_listed(const std::string& name) {
  static const std::regex other(
      R"(\w*(Nd|Base)|PaddingLayer|(Batch|Instance)Norm|\w*Pool|MaxUnpool|Module(Tensor|Of)?|)"
      R"((Recurrent|Cell)Module|LayerList|Lambda|Parametrization|)"
      R"((Elementwise|Grouped)?Optimizer|(LR)?Scheduler|AveragedModel)");
  return !std::regex_match(name, other);
}

// Classes that a header declares, with what they are made of.
void add_classes(std::string& page, const std::string& room, const std::string& title,
                 const std::string& file, const std::string& header, const Structs& structs) {
  static const std::regex layer(
      R"((enum )?(?:class|struct) (\w+) (?:final )?: (?:public )?(?:detail::)?(\w+)[^{;()]*\{)");
  const std::string text = rw::test::code_of(header);
  std::string rows;
  std::map<std::string, Words> known;
  for (std::sregex_iterator i(text.begin(), text.end(), layer), end; i != end; ++i) {
    if ((*i)[1].matched) continue;
    const std::string name = (*i)[2], base = (*i)[3];
    const std::regex constructor(R"((?:explicit |[;:}{] +))" + name +
                                 R"(\(((?:[^()]|\([^()]*\))*)\))");
    const std::string body = body_at(text, static_cast<size_t>(i->position() + i->length() - 1));
    Words& options = known[name] = known[base];
    std::smatch m;
    if (std::regex_search(body, m, constructor))
      options = options_of(m[1], structs);
    else if (const auto own = structs.find(name + "Options"); own != structs.end())
      add_once(options, own->second);  // which a base takes as a template's parameter
    if (is_listed(name)) rows += fmt::format("| `{}` | {} |\n", name, code(options));
  }
  if (rows.empty()) return;
  const size_t stem = file.rfind('/') + 1;
  page += fmt::format(
      "\n## {0}: {1}\n\nDeclared by [{2}/{3}](../{2}/{3}).\n\n| class | arguments |\n"
      "| --- | --- |\n{4}",
      title, file.substr(stem, file.find('.') - stem), room, file, rows);
}

std::string page() {
  const auto ops = headers_of("ops"), layers = headers_of("nn"), optim = headers_of("optim");
  Structs of_ops, of_layers, of_optim;
  for (const auto& [file, header] : ops) of_ops.merge(options_in(rw::test::code_of(header)));
  for (const auto& [file, header] : layers)
    of_layers.merge(options_in(rw::test::code_of(header), of_ops));
  for (const auto& [file, header] : optim) of_optim.merge(options_in(rw::test::code_of(header)));
  of_optim.erase("PerGroup");                        // a number, or one for each group
  for (const auto& s : of_ops) of_layers.insert(s);  // those of the same name are the layers' own
  std::string text = contents(REWIND_OPS_PAGE);
  text.resize(text.find("\n## "));
  for (const auto& [file, header] : ops) add_ops(text, file, header, of_ops);
  for (const auto& [file, header] : layers)
    add_classes(text, "nn", "Layers", file, header, of_layers);
  for (const char* title : {"Optimizers", "Schedulers"})
    for (const auto& [file, header] : optim)
      if (file.starts_with("schedulers/") == (title[0] == 'S'))
        add_classes(text, "optim", title, file, header, of_optim);
  return text;
}

// What runs an op depends on the processor and the version of oneDNN.
std::string without_last_column(const std::string& text) {
  return std::regex_replace(text, std::regex(R"((oneDNN|Winograd|own|, )+ \|\n)"), "|\n");
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_page_of_all_ops_is_true) {
  const std::string made = page();
  BOOST_TEST_REQUIRE(made.find("| `conv2d` |") != made.npos);
  BOOST_TEST_REQUIRE(made.find("| `AdamW` | `lr = 1e-3`") != made.npos);
  if (std::getenv("REWIND_WRITE")) std::ofstream(REWIND_OPS_PAGE) << made;
  BOOST_TEST((without_last_column(contents(REWIND_OPS_PAGE)) == without_last_column(made)),
             "docs/ops.md is of other ops: REWIND_WRITE=1 build/dev/tests/ops_ops_page_test");
}
