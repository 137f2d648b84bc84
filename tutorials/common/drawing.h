#pragma once
// The library's pictures with labels, by short names.

#include <rewind/io/drawing.h>

using rw::io::Align;
using rw::io::ChartOptions;
using rw::io::curve;
using rw::io::Drawing;
using rw::io::Point;
using rw::io::Series;

/// Colors that are told apart on both backgrounds, in this order.
inline const char* series(size_t i) { return rw::io::series_color(i); }
