#include <rewind/io/drawing.h>

#include <algorithm>
#include <cmath>

#include <rewind/io/file.h>
#include <rewind/io/pictures.h>
#include <rewind/io/png.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

constexpr const char* css = R"(svg text { font-family: system-ui, "Segoe UI", Roboto, sans-serif; }
svg image { image-rendering: pixelated; } .grid { stroke: #e4e8ec; }
.card { fill: #ffffff; stroke: #d8dee4; } .ink { fill: #24292f; } .pen { stroke: #57606a; }
@media (prefers-color-scheme: dark) { .grid { stroke: #2b3138; }
.card { fill: #161b22; stroke: #30363d; } .ink { fill: #d8dee4; } .pen { stroke: #9aa4ae; } }
)";

std::string number(double x) { return fmt::format("{:.6g}", std::round(x * 100) / 100); }

// ` name="value"`, of a number or of text.
std::string set(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + value + "\"";
}
std::string set(const char* name, double value) { return set(name, number(value)); }
std::string place(Point at) { return set("x", at.x) + set("y", at.y); }
std::string size(double width, double height) {
  return set("width", width) + set("height", height);
}
std::string paint(const char* attribute, const std::string& color) {
  return set(color[0] == '#' ? attribute : "class", color);
}

// From numbers, or their logarithms, to places. Marks are 1, 2 or 5 times a power of ten apart.
struct Axis {
  double from, to, low = largest, high = -largest, step = 1;

  // Beyond this, steps and differences would not be finite.
  static constexpr double largest = 1e300;
  static double within(double v) { return std::clamp(v, -largest, largest); }

  void include(double v) { low = std::min(low, within(v)), high = std::max(high, within(v)); }
  void round(bool logarithmic) {
    if (low > high) low = high = 0;  // of nothing
    // One value, in the middle; marks of values that are closer would not be told apart.
    constexpr double smallest = 1 / largest;
    if (high - low <= std::max(smallest, 1e-9 * std::max(std::abs(low), std::abs(high)))) {
      const double around = std::abs(low) <= smallest ? 0.5 : std::abs(low) / 2;
      low -= around, high += around;
    }
    const double rough = (high - low) / 6, power = std::pow(10.0, std::floor(std::log10(rough)));
    step = power * (rough <= power ? 1 : rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10);
    if (logarithmic) step = std::max(1.0, std::ceil(rough));
    const double unit = logarithmic ? 1 : step;
    low = std::floor(low / unit + 1e-9) * unit;
    high = std::max(std::ceil(high / unit - 1e-9) * unit, low + unit);
  }
  double place(double v) const { return from + (to - from) * (within(v) - low) / (high - low); }
  std::vector<double> marks() const {
    constexpr int most = 64;  // there are about ten
    std::vector<double> out;
    const double first = std::ceil(low / step - 1e-9);
    for (int i = 0; i < most && (first + i) * step <= high + step * 1e-6; ++i)
      out.push_back((first + i) * step + 0.0);  // no -0
    return out;
  }
};

}  // namespace

const char* series_color(size_t i) {
  constexpr const char* colors[] = {"#3b82d0", "#e0861a", "#2a9d5c",
                                    "#d6504d", "#9467bd", "#17a2b0"};
  return colors[i % std::size(colors)];
}

std::string escape_xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr const char* letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto at = [&](size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  std::string out;
  for (size_t bit = 0; bit < 8 * bytes.size(); bit += 6)
    out += letters[(at(bit / 8) << 8 | at(bit / 8 + 1)) >> (10 - bit % 8) & 63];
  return out.append((3 - bytes.size() % 3) % 3, '=');
}

std::string data_uri(const Tensor& picture) {
  return "data:image/png;base64," + base64(encode_png(picture));
}

Series curve(const std::string& name, const Tensor& x, const Tensor& y, bool dots) {
  Series out{name, {}, dots};
  const std::vector<double> xs = x.to_vector<double>(), ys = y.to_vector<double>();
  for (size_t i = 0; i < xs.size(); ++i) out.points.push_back({xs[i], ys[i]});
  return out;
}

void Drawing::text(Point at, const std::string& text, Align align, double size,
                   const std::string& color) {
  constexpr const char* anchors[] = {"start", "middle", "end"};
  content_ += "<text" + place(at) + set("font-size", size) +
              set("text-anchor", anchors[static_cast<int>(align)]) + paint("fill", color) + ">" +
              text + "</text>\n";
}

void Drawing::line(const std::vector<Point>& points, const std::string& color, double width) {
  std::string places;
  for (const Point& p : points) places += number(p.x) + "," + number(p.y) + " ";
  content_ += "<polyline fill=\"none\"" + set("stroke-width", width) + paint("stroke", color) +
              set("points", places) + "/>\n";
}

void Drawing::arrow(Point from, Point to, const std::string& color) {
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  const double x = (to.x - from.x) / length, y = (to.y - from.y) / length;
  const Point base{to.x - 7 * x, to.y - 7 * y};
  line({from, to}, color);
  line({{base.x + 4 * y, base.y - 4 * x}, to, {base.x - 4 * y, base.y + 4 * x}}, color);
}

void Drawing::square(Point corner, double size, const std::string& color, double width) {
  const double x = corner.x, y = corner.y, right = x + size, bottom = y + size;
  line({corner, {right, y}, {right, bottom}, {x, bottom}, corner}, color, width);
}

void Drawing::box(Point corner, double width, double height, const std::string& label,
                  const std::string& color) {
  content_ += "<rect rx=\"5\" fill-opacity=\"0.15\" stroke-width=\"1.5\"" + place(corner) +
              size(width, height) + paint("stroke", color) +
              set("fill", color[0] == '#' ? color : "none") + "/>\n";
  if (!label.empty()) text({corner.x + width / 2, corner.y + height / 2 + 4.5}, label);
}

void Drawing::dot(Point center, double radius, const std::string& color) {
  content_ += "<circle" + set("cx", center.x) + set("cy", center.y) + set("r", radius) +
              paint("fill", color) + "/>\n";
}

void Drawing::image(Point corner, double width, double height, const Tensor& picture) {
  content_ += "<image preserveAspectRatio=\"none\"" + place(corner) + size(width, height) +
              set("href", data_uri(picture)) + "/>\n";
}

void Drawing::matrix(Point corner, double cell, const std::string& title, const Tensor& t,
                     double most) {
  const auto rows = static_cast<double>(t.size(0)), columns = static_cast<double>(t.size(1));
  text({corner.x + cell * columns / 2, corner.y - 12}, title);
  const std::pair range{-most, most};
  image(
      corner, cell * columns, cell * rows,
      heat_map(t, {.value_range = range, .diverging = true, .scale = static_cast<int64_t>(cell)}));
  const std::vector<double> numbers = t.to_vector<double>();
  auto number = numbers.begin();
  for (double y = corner.y + cell / 2; y < corner.y + cell * rows; y += cell)
    for (double x = corner.x + cell / 2; x < corner.x + cell * columns; x += cell)
      text({x, y + 5}, fmt::format("{:g}", *number++), Align::middle, 13, "#24292f");
}

Drawing& Drawing::chart(const std::vector<Series>& all, const ChartOptions& options, Point corner,
                        double width, double height) {
  const double left = corner.x + 62, right = corner.x + width - 22;
  const double top = corner.y + 70, bottom = corner.y + height - 46;
  const auto height_of = [&](double y) { return options.log_y ? std::log10(y) : y; };
  const auto has_place = [&](const Point& p) {
    return std::isfinite(p.x) && std::isfinite(height_of(p.y));
  };
  Axis x{left, right}, y{bottom, top};
  for (const Series& s : all)
    for (const Point& p : s.points)
      if (has_place(p)) x.include(p.x), y.include(height_of(p.y));
  x.round(false);
  y.round(options.log_y);

  text({corner.x + 16, corner.y + 25}, options.title, Align::left, 15);
  text({(left + right) / 2, bottom + 36}, options.x, Align::middle, 12);
  for (const double v : y.marks()) {
    line({{left, y.place(v)}, {right, y.place(v)}}, "grid", 1);
    const double value = options.log_y ? std::pow(10, v) : v;
    text({left - 7, y.place(v) + 4},
         std::isfinite(value) ? fmt::format("{:.6g}", value) : fmt::format("1e+{:g}", v),
         Align::right, 11);
  }
  for (const double v : x.marks())
    text({x.place(v), bottom + 17}, fmt::format("{:.6g}", v), Align::middle, 11);
  line({{left, bottom}, {right, bottom}});

  Point at{left, corner.y + 47};
  for (size_t i = 0; i < all.size(); ++i) {
    line({{at.x, at.y - 4}, {at.x + 18, at.y - 4}}, series_color(i), 3);
    text({at.x + 24, at.y}, all[i].name, Align::left, 12);
    at.x += 44 + 6.6 * static_cast<double>(all[i].name.size());
    std::vector<Point> places;
    const auto draw = [&] {
      if (!all[i].dots && places.size() > 1) line(places, series_color(i), 2);
      for (const Point& p : places)
        if (all[i].dots || places.size() == 1) dot(p, 2.5, series_color(i));
      places.clear();
    };
    for (const Point& p : all[i].points) {
      if (has_place(p))
        places.push_back({x.place(p.x), y.place(height_of(p.y))});
      else
        draw();
    }
    draw();
  }
  return *this;
}

std::string Drawing::tag() const {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + size(width_, height_) +
         set("viewBox", "0 0 " + number(width_) + " " + number(height_));
}

std::string Drawing::svg() const {
  return tag() + ">\n<style>\n" + css + "</style>\n<rect class=\"card\" rx=\"8\"" +
         place({0.5, 0.5}) + size(width_ - 1, height_ - 1) + "/>\n" + content_ + "</svg>\n";
}

std::string Drawing::element() const {
  return tag() + set("style", "width:100%;height:auto") + ">\n" + content_ + "</svg>\n";
}

const char* Drawing::style() { return css; }

void Drawing::write(const std::string& path) const { write_file("Drawing", path, svg()); }

}  // namespace rw::io
