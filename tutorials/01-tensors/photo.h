#pragma once

#include "tutorial.h"

/// The photo in grey, with a mask, cropped, flipped, tinted and so on.
void edit_photo(const Tutorial& tutorial);
