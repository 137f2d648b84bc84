// Filters that are learned from examples.

#include <rewind/io/pictures.h>
#include <rewind/rewind.h>

#include "drawing.h"
#include "filters.h"

using namespace rw;

void learn_filters(const Tutorial& tutorial, const Tensor& grey) {
  std::vector<Tensor> classic;
  for (const Filter& filter : classic_filters()) classic.push_back(filter.weight.unsqueeze(0));
  const Tensor wanted = stack(classic);  // [4, 1, 3, 3]
  const Tensor image = grey.view({1, 1, 150, 225}), target = conv2d(image, wanted);

  Tensor weight = 0.3 * randn({4, 1, 3, 3});
  weight.requires_grad_();
  optim::Adam adam({weight}, {.lr = 0.1});
  Series curve{"loss", {}}, distance{"greatest error of a weight", {}};
  const Tensor first = weight.detach().clone();
  for (double step = 0; step < 4000; ++step) {
    adam.groups()[0].options.lr = 0.1 * (1 - step / 4000.0);
    adam.zero_grad();
    const Tensor loss = mse_loss(conv2d(image, weight), target);
    loss.backward();
    adam.step();
    curve.points.push_back({step, loss.item<double>()});
    distance.points.push_back({step, (weight.detach() - wanted).abs().max().item<double>()});
  }
  tutorial.expect("greatest error of a learned weight", distance.points.back().y, 0, 0.02);

  Drawing drawing(640, 560);
  drawing.chart({curve, distance},
                {.title = "four filters, learned from examples", .x = "step", .log_y = true},
                {0, 0}, 640, 330);
  const io::HeatMapOptions colors{.value_range = {{-2, 2}}, .diverging = true, .scale = 20};
  double y = 340;
  for (const auto& [name, filters] :
       {std::pair("at first", first), {"learned", weight.detach()}, {"wanted", wanted}}) {
    drawing.text({100, y + 35}, name, Align::right);
    for (int64_t i = 0; i < 4; ++i)
      drawing.image({130.0 + 110 * static_cast<double>(i), y}, 60, 60,
                    io::heat_map(filters[i][0], colors));
    y += 70;
  }
  drawing.write(tutorial.picture("learned.svg"));
}
