#include <algorithm>
#include <cmath>
#include <cstdio>

#include "drawing.h"

namespace {

// From numbers, or their logarithms, to places. Marks are 1, 2 or 5 times a power of ten apart.
struct Axis {
  double low = 1e300, high = -1e300, from = 0, to = 0, step = 1;

  void fit(double from_place, double to_place, bool logarithmic) {
    if (!(high > low)) low -= 0.5, high = low + 1;
    const double rough = (high - low) / 6, power = std::pow(10.0, std::floor(std::log10(rough)));
    step = power * (rough <= power ? 1 : rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10);
    if (logarithmic) step = std::max(1.0, std::ceil(rough));
    const double unit = logarithmic ? 1 : step;
    low = std::floor(low / unit + 1e-9) * unit;
    high = std::ceil(high / unit - 1e-9) * unit;
    from = from_place;
    to = to_place;
  }
  double place(double v) const { return from + (to - from) * (v - low) / (high - low); }
  std::vector<double> marks() const {
    std::vector<double> out;
    for (double v = std::ceil(low / step - 1e-9) * step; v <= high + step * 1e-6; v += step)
      out.push_back(std::fabs(v) < step * 1e-6 ? 0 : v);
    return out;
  }
};

std::string label(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", v);
  return text;
}

}  // namespace

void draw_chart(Drawing& drawing, Point corner, double width, double height,
                const std::vector<Series>& all, const ChartOptions& options) {
  const double left = corner.x + 62, right = corner.x + width - 22;
  const double top = corner.y + 70, bottom = corner.y + height - 46;
  const auto height_of = [&](double y) { return options.log_y ? std::log10(y) : y; };
  Axis x, y;
  for (const Series& s : all)
    for (const Point& p : s.points) {
      x.low = std::min(x.low, p.x), x.high = std::max(x.high, p.x);
      y.low = std::min(y.low, height_of(p.y)), y.high = std::max(y.high, height_of(p.y));
    }
  x.fit(left, right, false);
  y.fit(bottom, top, options.log_y);

  drawing.text({corner.x + 16, corner.y + 25}, options.title, Drawing::Align::left, 15);
  drawing.text({corner.x + 16, top - 12}, options.y, Drawing::Align::left, 12);
  drawing.text({(left + right) / 2, bottom + 36}, options.x, Drawing::Align::middle, 12);
  for (const double v : y.marks()) {
    drawing.grid({left, y.place(v)}, {right, y.place(v)});
    drawing.text({left - 7, y.place(v) + 4}, label(options.log_y ? std::pow(10, v) : v),
                 Drawing::Align::right, 11);
  }
  for (const double v : x.marks())
    drawing.text({x.place(v), bottom + 17}, label(v), Drawing::Align::middle, 11);
  drawing.line({{left, bottom}, {right, bottom}});

  Point at{left, corner.y + 47};
  for (size_t i = 0; i < all.size(); ++i) {
    drawing.line({{at.x, at.y - 4}, {at.x + 18, at.y - 4}}, series(i), 3);
    drawing.text({at.x + 24, at.y}, all[i].name, Drawing::Align::left, 12);
    at.x += 44 + 6.6 * static_cast<double>(all[i].name.size());
    std::vector<Point> places;
    for (const Point& p : all[i].points) places.push_back({x.place(p.x), y.place(height_of(p.y))});
    if (!all[i].dots) drawing.line(places, series(i), 2);
    if (all[i].dots)
      for (const Point& p : places) drawing.dot(p, 2.5, series(i));
  }
}

void write_chart(const std::string& path, const std::vector<Series>& series,
                 const ChartOptions& options) {
  Drawing drawing(640, 360);
  draw_chart(drawing, {0, 0}, 640, 360, series, options);
  drawing.write(path);
}
