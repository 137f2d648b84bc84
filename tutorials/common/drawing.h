#pragma once
// Pictures with labels, and charts, as SVG that is legible on light and on dark pages.

#include <string>
#include <vector>

#include <rewind/tensor/tensor.h>

struct Point {
  double x, y;
};

/// Colors that are told apart on both backgrounds, in this order.
inline const char* series(size_t i) {
  constexpr const char* colors[] = {"#3b82d0", "#e0861a", "#2a9d5c",
                                    "#d6504d", "#9467bd", "#17a2b0"};
  return colors[i % 6];
}

enum class Align { left, middle, right };

struct Series {
  std::string name;
  std::vector<Point> points;
  bool dots = false;  ///< dots instead of a line
};
/// The points (x[i], y[i]) of two vectors.
Series curve(const std::string& name, const rw::Tensor& x, const rw::Tensor& y, bool dots = false);

struct ChartOptions {
  std::string title = {}, x = {};  ///< labels
  bool log_y = false;
};

/// A card of `width` by `height` units, y downwards. A color is `#rrggbb`, or `ink`, `pen` or
/// `grid`: that of text, of lines or of faint lines on this page. Text is XML: `&lt;` for a `<`.
class Drawing {
 public:
  Drawing(double width, double height) : width_(width), height_(height) {}

  void text(Point at, const std::string& text, Align align = Align::middle, double size = 13,
            const std::string& color = "ink");
  void line(const std::vector<Point>& points, const std::string& color = "pen", double width = 1.5);
  void arrow(Point from, Point to, const std::string& color = "pen");
  void square(Point corner, double size, const std::string& color, double width = 1.5);
  /// A rounded box with a label in its middle.
  void box(Point corner, double width, double height, const std::string& label,
           const std::string& color = "pen");
  void dot(Point center, double radius, const std::string& color = "ink");
  /// A picture, [H, W] or [C, H, W] as io::write_png takes it.
  void image(Point corner, double width, double height, const rw::Tensor& picture);
  /// A matrix in cells of this size, below a title. The colors go from -most to most.
  void matrix(Point corner, double cell, const std::string& title, const rw::Tensor& t,
              double most);
  Drawing& chart(const std::vector<Series>& all, const ChartOptions& options, Point corner = {0, 0},
                 double width = 640, double height = 360);
  void write(const std::string& path) const;

 private:
  double width_, height_;
  std::string content_;
};
