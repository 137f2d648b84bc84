// A photo as a tensor: its channels, and some edits.

#include "photo.h"

#include <iostream>

#include <rewind/io/png.h>
#include <rewind/rewind.h>

#include "drawing.h"

using namespace rw;

namespace {

struct Panel {
  const char* name;
  Tensor picture;
};

// In rows of three.
void draw_panels(const std::string& path, const std::vector<Panel>& panels) {
  Drawing drawing(665, 355);
  for (size_t i = 0; i < panels.size(); ++i) {
    const double x = 20 + 215 * static_cast<double>(i % 3);
    const double y = 28 + 170 * static_cast<double>(i / 3);
    drawing.text({x + 97, y}, panels[i].name);
    drawing.image({x, y + 10}, 195, 130, panels[i].picture);
  }
  drawing.write(path);
}

}  // namespace

void edit_photo(const Tutorial& tutorial) {
  const Tensor bytes = io::read_png(TUTORIAL_PHOTO);
  std::cout << "the photo: " << bytes.dtype() << ", shape " << bytes.shape() << "\n";
  // In numbers from 0 to 1, and half as wide and high.
  const Tensor photo = avg_pool2d((bytes.to(float32) / 255).unsqueeze(0), 2)[0];

  const Tensor shares = from({0.299, 0.587, 0.114}).view({3, 1, 1});
  const Tensor grey = (shares * photo).sum({0});  // [3, 75, 112], and [75, 112] after the sum
  const Tensor mask = photo[0] > 1.6 * photo[2];
  tutorial.expect("share of the mask", mask.to(float32).mean().item<double>(), 0.62, 0.63);
  draw_panels(tutorial.picture("channels.svg"), {{"photo", photo},
                                                 {"photo[0], red", photo[0]},
                                                 {"photo[1], green", photo[1]},
                                                 {"photo[2], blue", photo[2]},
                                                 {"grey", grey},
                                                 {"mask", mask.to(float32)}});

  const Tensor crop = photo.index({Slice(), Slice(8, 58), Slice(30, 105)});
  std::cout << "strides of photo " << photo.strides() << ", of crop " << crop.strides() << "\n";
  const Tensor backwards = arange(photo.size(2) - 1, -1, -1);  // 111, 110, ..., 0
  const Tensor flipped = photo.index({Ellipsis, backwards});
  tutorial.expect("flipped twice is the photo", equal(flipped.index({Ellipsis, backwards}), photo));
  const Tensor tinted = photo.clone();
  tinted.index({0, Slice(8, 58), Slice(30, 105)}) += 0.3;
  const Tensor brighter = (1.6 * photo).clamp(0, 1);
  const Tensor overflowing = 2 * (255 * photo).to(uint8);
  const Tensor spot = where(mask, photo, grey);  // [75, 112], [3, 75, 112] and [75, 112]
  draw_panels(tutorial.picture("edits.svg"), {{"crop", crop},
                                              {"flipped", flipped},
                                              {"tinted", tinted},
                                              {"brighter", brighter},
                                              {"overflowing", overflowing},
                                              {"spot", spot}});
}
