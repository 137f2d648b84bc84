#pragma once
// Pictures with labels, and charts, as SVG that is legible on light and on dark pages.

#include <string>
#include <string_view>
#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::io {

/// A place in a drawing, in units to the right and downwards.
struct Point {
  double x;  ///< to the right
  double y;  ///< downwards; in a chart, the value
};

/// Colors that are told apart on both backgrounds, in this order.
const char* series_color(size_t i);

/// On which side of its place a text stands, or around it.
enum class Align : uint8_t {
  left,    ///< begins there
  middle,  ///< around it
  right    ///< ends there
};

/// What a chart shows in one color.
struct Series {
  std::string name;           ///< in the legend
  std::vector<Point> points;  ///< those that are not finite leave a gap
  bool dots = false;          ///< dots instead of a line
};
/// The points (x[i], y[i]) of two vectors.
Series curve(const std::string& name, const Tensor& x, const Tensor& y, bool dots = false);

/// What a chart takes by name.
struct ChartOptions {
  std::string title = {};  ///< above it
  std::string x = {};      ///< below the axis
  bool log_y = false;      ///< logarithms; values that have none leave a gap
};

/// Text as XML and HTML want it: signs that mean something there, as `<`, become entities.
std::string escape_xml(std::string_view text);
/// Bytes as 64 kinds of letters, for `data:` addresses (RFC 4648).
std::string base64(std::string_view bytes);
/// A picture, as write_png takes it, as an address that holds all of it.
std::string data_uri(const Tensor& picture);

/// A card of `width` by `height` units. A color is `#rrggbb`, or `ink`, `pen` or `grid`: that of
/// text, of lines or of faint lines on this page. Text is XML, see escape_xml.
class Drawing {
 public:
  /// Empty.
  Drawing(double width, double height) : width_(width), height_(height) {}

  /// A line of text, `size` units high.
  void text(Point at, const std::string& text, Align align = Align::middle, double size = 13,
            const std::string& color = "ink");
  /// Lines from point to point.
  void line(const std::vector<Point>& points, const std::string& color = "pen", double width = 1.5);
  /// A line with a head at its end.
  void arrow(Point from, Point to, const std::string& color = "pen");
  /// A frame.
  void square(Point corner, double size, const std::string& color, double width = 1.5);
  /// A rounded box with a label in its middle.
  void box(Point corner, double width, double height, const std::string& label,
           const std::string& color = "pen");
  /// A filled circle.
  void dot(Point center, double radius, const std::string& color = "ink");
  /// A picture, [H, W] or [C, H, W] as write_png takes it.
  void image(Point corner, double width, double height, const Tensor& picture);
  /// A matrix in cells of this size, below a title. The colors go from -most to most.
  void matrix(Point corner, double cell, const std::string& title, const Tensor& t, double most);
  /// Curves over common axes, below a title and a legend.
  Drawing& chart(const std::vector<Series>& all, const ChartOptions& options, Point corner = {0, 0},
                 double width = 640, double height = 360);

  /// The whole as a file.
  std::string svg() const;
  /// The whole as an element of a page, without the card: as wide as there is room for. The page
  /// gives the colors of `ink`, `pen` and `grid`, by `style`.
  std::string element() const;
  /// The CSS of both.
  static const char* style();
  /// Writes the file. Throws IOError.
  void write(const std::string& path) const;

 private:
  std::string tag() const;

  double width_, height_;
  std::string content_;
};

}  // namespace rw::io

#pragma GCC visibility pop
