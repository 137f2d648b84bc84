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

/// A card of `width` by `height` units, y downwards. Where a color is empty, that of text is taken.
class Drawing {
 public:
  Drawing(double width, double height) : width_(width), height_(height) {}

  enum class Align { left, middle, right };
  void text(Point at, const std::string& text, Align align = Align::middle, double size = 13,
            const std::string& color = "");
  void line(const std::vector<Point>& points, const std::string& color = "", double width = 1.5);
  void grid(Point from, Point to);  ///< a faint line
  void arrow(Point from, Point to, const std::string& color = "");
  /// A rounded box with a label in its middle, of lines separated by '\n'.
  void box(Point corner, double width, double height, const std::string& label,
           const std::string& color = "");
  void dot(Point center, double radius, const std::string& color = "");
  /// A picture, [H, W] or [C, H, W] as io::write_png takes it.
  void image(Point corner, double width, double height, const rw::Tensor& picture);
  void write(const std::string& path) const;

 private:
  double width_, height_;
  std::string content_;
};

struct Series {
  std::string name;
  std::vector<Point> points;
  bool dots = false;  ///< dots instead of a line
};

struct ChartOptions {
  std::string title = {}, x = {}, y = {};  ///< labels
  bool log_y = false;
};

/// A chart of some series within a rectangle of the drawing.
void draw_chart(Drawing& drawing, Point corner, double width, double height,
                const std::vector<Series>& series, const ChartOptions& options = {});

/// A drawing of one chart.
void write_chart(const std::string& path, const std::vector<Series>& series,
                 const ChartOptions& options = {});
