#include "drawing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include <rewind/io/png.h>

namespace {

constexpr const char* style = R"(<style>
text { font-family: system-ui, "Segoe UI", Roboto, sans-serif; }
image { image-rendering: pixelated; } .grid { stroke: #e4e8ec; }
.card { fill: #ffffff; stroke: #d8dee4; } .ink { fill: #24292f; } .pen { stroke: #57606a; }
@media (prefers-color-scheme: dark) { .grid { stroke: #2b3138; }
.card { fill: #161b22; stroke: #30363d; } .ink { fill: #d8dee4; } .pen { stroke: #9aa4ae; } }
</style>
)";

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", std::round(x * 100) / 100);
  return text;
}

// ` name="value"`, of a number or of text.
std::string set(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + value + "\"";
}
std::string set(const char* name, double value) { return set(name, number(value)); }
std::string place(Point at) { return set("x", at.x) + set("y", at.y); }

// A color, or the class that gives it one.
std::string paint(const char* attribute, const std::string& color, const char* kind) {
  return color.empty() ? set("class", kind) : set(attribute, color);
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

std::string base64(const std::string& bytes) {
  constexpr const char* letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = i; k < i + 3; ++k)
      group = group << 8 | (k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U);
    for (size_t k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : letters[group >> (18 - 6 * k) & 63];
  }
  return out;
}

}  // namespace

void Drawing::text(Point at, const std::string& text, Align align, double size,
                   const std::string& color) {
  constexpr const char* anchors[] = {"start", "middle", "end"};
  content_ += "<text" + place(at) + set("font-size", size) +
              set("text-anchor", anchors[static_cast<int>(align)]) + paint("fill", color, "ink") +
              ">" + escaped(text) + "</text>\n";
}

void Drawing::line(const std::vector<Point>& points, const std::string& color, double width) {
  std::string places;
  for (const Point& p : points) places += number(p.x) + "," + number(p.y) + " ";
  content_ += "<polyline fill=\"none\"" + set("stroke-width", width) +
              paint("stroke", color, "pen") + set("points", places) + "/>\n";
}

void Drawing::grid(Point from, Point to) {
  content_ += "<line class=\"grid\"" + set("x1", from.x) + set("y1", from.y) + set("x2", to.x) +
              set("y2", to.y) + "/>\n";
}

void Drawing::arrow(Point from, Point to, const std::string& color) {
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  const double x = (to.x - from.x) / length, y = (to.y - from.y) / length;
  line({from, to}, color);
  line({{to.x - 7 * x + 4 * y, to.y - 7 * y - 4 * x},
        to,
        {to.x - 7 * x - 4 * y, to.y - 7 * y + 4 * x}},
       color);
}

void Drawing::box(Point corner, double width, double height, const std::string& label,
                  const std::string& color) {
  content_ += "<rect rx=\"5\" fill-opacity=\"0.15\" stroke-width=\"1.5\"" + place(corner) +
              set("width", width) + set("height", height) + paint("stroke", color, "pen") +
              set("fill", color.empty() ? "none" : color) + "/>\n";
  const auto more_lines = static_cast<double>(std::count(label.begin(), label.end(), '\n'));
  double y = corner.y + height / 2 + 4.5 - 8 * more_lines;
  for (size_t at = 0; at < label.size(); y += 16) {
    const size_t end = std::min(label.find('\n', at), label.size());
    text({corner.x + width / 2, y}, label.substr(at, end - at));
    at = end + 1;
  }
}

void Drawing::dot(Point center, double radius, const std::string& color) {
  content_ += "<circle" + set("cx", center.x) + set("cy", center.y) + set("r", radius) +
              paint("fill", color, "ink") + "/>\n";
}

void Drawing::image(Point corner, double width, double height, const rw::Tensor& picture) {
  content_ += "<image preserveAspectRatio=\"none\"" + place(corner) + set("width", width) +
              set("height", height) +
              set("href", "data:image/png;base64," + base64(rw::io::encode_png(picture))) + "/>\n";
}

void Drawing::write(const std::string& path) const {
  const std::string size = set("width", width_) + set("height", height_);
  std::ofstream(path) << "<svg xmlns=\"http://www.w3.org/2000/svg\"" << size
                      << set("viewBox", "0 0 " + number(width_) + " " + number(height_)) << ">\n"
                      << style << "<rect class=\"card\" rx=\"8\"" << place({0.5, 0.5})
                      << set("width", width_ - 1) << set("height", height_ - 1) << "/>\n"
                      << content_ << "</svg>\n";
}
