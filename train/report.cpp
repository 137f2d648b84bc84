#include <rewind/train/report.h>

#include <algorithm>
#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/file.h>
#include <rewind/io/pictures.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/softmax.h>
#include <rewind/ops/sorting.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/sparse_rows.h>

namespace rw::training {

using io::escape_xml;

namespace {

// Colors of the page, and those of drawings in it. Nothing is wider than the window but what
// scrolls by itself.
constexpr const char* css = R"(:root { color-scheme: light dark; --page: #f6f8fa; --sheet: #ffffff;
  --ink: #24292f; --faint: #59636e; --edge: #d8dee4; --bar: #3b82d0; --bad: #c4302b; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --sheet: #161b22; --ink: #d8dee4;
  --faint: #9aa4ae; --edge: #30363d; --bar: #5a9ae0; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: .5rem 0 1rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.grid-of { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
.sheet { background: var(--sheet); border: 1px solid var(--edge); border-radius: 8px; padding: .5rem; margin: 0; }
.scroll { overflow-x: auto; } .faint { color: var(--faint); } .bad { color: var(--bad); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: .2rem .6rem; text-align: left; font-weight: normal; }
th { color: var(--faint); white-space: nowrap; }
.flow th { white-space: normal; } .number { text-align: right; white-space: nowrap; }
.matrix td, .matrix th { text-align: center; padding: .25rem .45rem; overflow-wrap: normal; }
.matrix th[scope=row] { text-align: right; }
.flow { width: 100%; } .flow td:nth-child(2) { width: 50%; }
.bar { height: .8rem; min-width: 2px; border-radius: 3px; background: var(--bar); }
.pictures { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); }
img { image-rendering: pixelated; width: 100%; height: auto; display: block; }
.wide { max-width: 40rem; } .chart { max-width: 30rem; } figcaption { font-size: .85rem; padding-top: .3rem; }
)";

std::string short_number(double x) { return fmt::format("{:.4g}", x); }

std::string cell(const std::string& text, const char* kind = "") {
  return fmt::format("<td class=\"{}\">{}</td>", kind, text);
}

std::string figure(const std::string& content, const char* kind = "sheet") {
  return fmt::format("<figure class=\"{}\">{}</figure>\n", kind, content);
}

std::string image(const Tensor& picture, const std::string& alt) {
  return fmt::format("<img alt=\"{}\" width=\"{}\" height=\"{}\" src=\"{}\">", escape_xml(alt),
                     picture.size(-1), picture.size(-2), io::data_uri(picture));
}

// At most 500 points: means of as many neighbours as it takes. Gaps stay gaps.
io::Series thinned(const io::Series& series) {
  constexpr size_t most = 500;
  const size_t count = series.points.size(), group = (count + most - 1) / most;
  if (group <= 1) return series;
  io::Series out{series.name, {}, series.dots};
  for (size_t begin = 0; begin < count; begin += group) {
    const size_t end = std::min(begin + group, count);
    io::Point mean{0, 0};
    for (size_t i = begin; i < end; ++i) mean.x += series.points[i].x, mean.y += series.points[i].y;
    const auto n = static_cast<double>(end - begin);
    out.points.push_back({mean.x / n, mean.y / n});
  }
  return out;
}

// So small that its letters are legible where the page is as wide as a phone.
std::string chart(const std::vector<io::Series>& all, io::ChartOptions options) {
  std::vector<io::Series> shown;
  for (const io::Series& s : all)
    shown.push_back(thinned(s)), shown.back().name = escape_xml(s.name);
  options.title = escape_xml(options.title);
  options.x = escape_xml(options.x);
  io::Drawing drawing(420, 270);
  drawing.chart(shown, options, {0, 0}, 420, 270);
  return figure(drawing.element());
}

io::Series by_epoch(const std::string& name, const std::vector<double>& values) {
  io::Series out{name, {}};
  for (size_t i = 0; i < values.size(); ++i)
    out.points.push_back({static_cast<double>(i + 1), values[i]});
  return out;
}

// Planes [N, H, W] or pictures [N, C, H, W] as one picture, each stretched to its own range.
Tensor grid_of(const Tensor& all, int64_t columns) {
  return io::make_grid(
      all.contiguous(),
      {.nrow = columns, .padding = 1, .normalize = true, .scale_each = true, .pad_value = 0.5});
}

constexpr int64_t most_planes = 64;

Tensor first_planes(const Tensor& t) { return t.narrow(0, 0, std::min(t.size(0), most_planes)); }

std::string class_name(const std::vector<std::string>& names, int64_t c) {
  const auto i = static_cast<size_t>(c);
  return i < names.size() ? escape_xml(names[i]) : std::to_string(c);
}

// Grey or color, from 0 to 1, as a page can show it.
Tensor as_picture(const Tensor& t, std::pair<double, double> range) {
  const Tensor planes = t.dim() == 2 ? t.unsqueeze(0) : t;
  const Tensor shown = planes.size(0) == 3 ? planes : planes.narrow(0, 0, 1);
  if (shown.dtype() == uint8) return shown;
  const double size = range.second - range.first;
  return size > 0 ? (shown.to(float64) - range.first) / size : shown.to(float64) - range.first;
}

}  // namespace

Report::Report(std::string title) : title_(std::move(title)) {}

void Report::part(const std::string& heading, const std::string& content) {
  content_ += "<section>\n<h2>" + escape_xml(heading) + "</h2>\n" + content + "</section>\n";
}

Report& Report::text(const std::string& heading, const std::string& text) {
  std::string content;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find("\n\n", begin), text.size());
    content += "<p>" + escape_xml(text.substr(begin, end - begin)) + "</p>\n";
    begin = end + 2;
  }
  part(heading, content);
  return *this;
}

Report& Report::table(const std::string& heading,
                      const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string content = "<div class=\"sheet scroll\"><table>\n";
  for (const auto& [name, value] : rows)
    content +=
        "<tr><th scope=\"row\">" + escape_xml(name) + "</th>" + cell(escape_xml(value)) + "</tr>\n";
  part(heading, content + "</table></div>\n");
  return *this;
}

Report& Report::history(const History& history, const std::string& heading) {
  const std::vector<std::string> names = history.names();
  const auto has = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::string charts, rows;
  for (const std::string& name : names) {
    const std::vector<double> values = history[name];
    const auto less = [](double a, double b) { return a < b || std::isnan(b); };
    const auto [least, most] = std::minmax_element(values.begin(), values.end(), less);
    rows += "<tr><th scope=\"row\">" + escape_xml(name) + "</th>" +
            cell(short_number(values.back()), "number") + cell(short_number(*least), "number") +
            cell(short_number(*most), "number") + "</tr>\n";
    if (name == "seconds" || (name.starts_with("val_") && has(name.substr(4)))) continue;
    std::vector<io::Series> series = {by_epoch("training", values)};
    if (has("val_" + name)) series.push_back(by_epoch("validation", history["val_" + name]));
    if (series.size() == 1) series[0].name = name;
    charts += chart(series, {.title = name, .x = "epoch"});
  }
  std::string content = fmt::format("<p>{} epochs{}.</p>\n", history.epochs.size(),
                                    history.interrupted ? ", then interrupted" : "");
  if (!names.empty())
    content += "<div class=\"grid-of\">\n" + charts +
               "</div>\n<p></p><div class=\"sheet scroll\">" +
               "<table>\n<tr><th></th><th class=\"number\">last</th><th class=\"number\">least</th>"
               "<th class=\"number\">greatest</th></tr>\n" +
               rows + "</table></div>\n";
  part(heading, content);
  return *this;
}

Report& Report::curves(const std::string& heading, const std::vector<io::Series>& series,
                       const io::ChartOptions& options) {
  part(heading, "<div class=\"chart\">" + chart(series, options) + "</div>\n");
  return *this;
}

Report& Report::filters(const std::string& heading, const Tensor& weight) {
  const no_grad guard;
  check<ShapeError>(weight.dim() == 4 && weight.numel() > 0,
                    "Report: filters: expected weights [O, I, H, W], got shape {}", weight.shape());
  const Tensor w = weight.detach().to(float32);
  const bool in_color = w.size(1) == 3;
  const Tensor planes = first_planes(in_color ? w : w.flatten(0, 1));
  const std::string note = fmt::format(
      "<figcaption class=\"faint\">{} of {} filters of shape {}, "
      "each stretched from its least to its greatest weight"
      "</figcaption>",
      planes.size(0), in_color ? w.size(0) : w.size(0) * w.size(1),
      escape_xml(weight.shape().str()));
  part(heading, figure(image(grid_of(planes, 8), heading) + note, "sheet wide"));
  return *this;
}

Report& Report::activations(const std::string& heading, const Tensor& maps) {
  const no_grad guard;
  check<ShapeError>((maps.dim() == 3 || maps.dim() == 4) && maps.numel() > 0,
                    "Report: activations: expected maps [C, H, W] or [N, C, H, W], got shape {}",
                    maps.shape());
  const Tensor of_one = (maps.dim() == 4 ? Tensor(maps[0]) : maps).detach().to(float32);
  const Tensor planes = first_planes(of_one);
  const std::string note = fmt::format("<figcaption class=\"faint\">{} of {} channels</figcaption>",
                                       planes.size(0), of_one.size(0));
  part(heading, figure(image(grid_of(planes, 8), heading) + note, "sheet wide"));
  return *this;
}

Report& Report::confusion_matrix(const Tensor& counts, const std::vector<std::string>& classes) {
  const no_grad guard;
  check<ShapeError>(counts.dim() == 2 && counts.size(0) == counts.size(1) && counts.numel() > 0,
                    "Report: confusion_matrix: expected counts [C, C], got shape {}",
                    counts.shape());
  const int64_t n = counts.size(0);
  check(classes.empty() || static_cast<int64_t>(classes.size()) == n,
        "Report: confusion_matrix: expected {} names of classes, got {}", n, classes.size());
  const Tensor numbers = counts.to(float64), sums = numbers.sum({1}, true);
  const std::vector<double> shares = (numbers / sums).nan_to_num().to_vector<double>();
  const std::vector<double> values = numbers.to_vector<double>();
  std::string content = "<div class=\"sheet scroll\"><table class=\"matrix\">\n<tr><th></th>";
  for (int64_t c = 0; c < n; ++c)
    content += "<th scope=\"col\">" + class_name(classes, c) + "</th>";
  content += "</tr>\n";
  for (int64_t row = 0; row < n; ++row) {
    content += "<tr><th scope=\"row\">" + class_name(classes, row) + "</th>";
    for (int64_t column = 0; column < n; ++column) {
      const auto i = static_cast<size_t>(row * n + column);
      const double alpha = shares[i] > 0 ? 0.08 + 0.62 * shares[i] : 0;
      content += fmt::format("<td style=\"background:rgba({},{:.2f})\">{:.6g}</td>",
                             row == column ? "42,157,92" : "214,80,77", alpha, values[i]);
    }
    content += "</tr>\n";
  }
  part("Confusion matrix",
       "<p class=\"faint\">Rows: what it is. Columns: what it was taken for.</p>\n" + content +
           "</table></div>\n");
  return *this;
}

Report& Report::mistakes(const Tensor& images, const Tensor& scores, const Tensor& target,
                         const MistakesOptions& o) {
  const no_grad guard;
  const bool fits = (images.dim() == 3 || images.dim() == 4) && scores.dim() == 2 &&
                    target.dim() == 1 && images.size(0) == target.size(0) &&
                    scores.size(0) == target.size(0);
  check<ShapeError>(fits,
                    "Report: mistakes: expected images [N, …], scores [N, classes] and a target "
                    "[N], got shapes {}, {} and {}",
                    images.shape(), scores.shape(), target.shape());
  check(o.count >= 0, "Report: mistakes: expected count >= 0, got {}", o.count);
  const Tensor shares = scores.to(float64).softmax(1);
  const Tensor chosen = scores.argmax(1), right = target.to(int64);
  const Tensor wrong = nonzero(chosen != right).flatten();
  const Tensor sure = shares.gather(1, chosen.unsqueeze(1)).squeeze(1).index_select(0, wrong);
  const Tensor order = wrong.index_select(0, argsort(sure, -1, true));
  const std::vector<int64_t> worst =
      order.narrow(0, 0, std::min(o.count, order.numel())).to_vector<int64_t>();
  std::string content = fmt::format("<p>{} of {} are wrong.</p>\n<div class=\"pictures\">\n",
                                    wrong.numel(), right.numel());
  std::pair<double, double> range{0, 1};
  if (o.value_range)
    range = *o.value_range;
  else if (images.is_floating_point() && !worst.empty())
    range = {images.min().item<double>(), images.max().item<double>()};
  for (const int64_t i : worst) {
    const auto is = right[i].item<int64_t>(), seems = chosen[i].item<int64_t>();
    const std::string caption =
        fmt::format("<figcaption>{}<br><span class=\"bad\">{} {:.0f} %</span></figcaption>",
                    class_name(o.classes, is), class_name(o.classes, seems),
                    100 * shares[i][seems].item<double>());
    content += figure(image(as_picture(images[i], range), fmt::format("picture {}", i)) + caption);
  }
  part("Worst mistakes", content + "</div>\n");
  return *this;
}

Report& Report::gradients(const nn::Module& model) {
  const no_grad guard;
  std::vector<double> means;
  double least = 1e300, most = 0;
  const NamedTensors parameters = model.named_parameters();
  for (const auto& [name, p] : parameters) {
    const SparseRows rows = p.sparse_grad();  // whose other rows are zeros
    const Tensor g = rows.defined() ? rows.coalesce().values : p.grad();
    means.push_back(g.defined() && p.numel() > 0
                        ? g.to(float64).abs().sum().item<double>() / static_cast<double>(p.numel())
                        : -1);
    if (const double m = means.back(); m > 0 && std::isfinite(m))
      least = std::min(least, m), most = std::max(most, m);
  }
  // The least has a tenth of the greatest one's length, by logarithms.
  const auto width = [&](double m) {
    if (!(m > 0) || !std::isfinite(m)) return 0.0;
    return most > least ? 10 + 90 * std::log(m / least) / std::log(most / least) : 100.0;
  };
  std::string rows;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const bool good = means[i] > 0 && std::isfinite(means[i]);
    const std::string number = means[i] < 0 ? "none" : short_number(means[i]);
    rows +=
        "<tr><th scope=\"row\">" + escape_xml(parameters[i].first) + "</th><td>" +
        (good ? fmt::format("<div class=\"bar\" style=\"width:{:.1f}%\"></div>", width(means[i]))
              : "") +
        "</td>" + cell(number, good ? "number" : "number bad") + "</tr>\n";
  }
  part("Gradients",
       "<p class=\"faint\">The mean size of each parameter's gradient; bars by its logarithm.</p>\n"
       "<div class=\"sheet scroll\"><table class=\"flow\">\n" +
           rows + "</table></div>\n");
  return *this;
}

std::string Report::html() const {
  const std::string title = escape_xml(title_);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n<title>" +
         title + "</title>\n<style>\n" + io::Drawing::style() + css +
         "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n" + content_ + "</body>\n</html>\n";
}

void Report::write(const std::string& path) const { io::write_file("Report", path, html()); }

}  // namespace rw::training
