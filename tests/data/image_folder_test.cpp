#include <rewind/data/image_folder.h>

#include <rewind/data/data_loader.h>
#include <rewind/data/transforms/transforms.h>
#include <rewind/io/png.h>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using namespace rw::data;
namespace T = rw::data::transforms;
using rw::test::Folder;
using rw::test::saying;

namespace {

struct Pictures : Folder {
  // A picture of one value, in a folder that may be new.
  void picture(const std::string& name, int value, int64_t channels = 3) const {
    std::filesystem::create_directories((path / name).parent_path());
    io::write_png(path / name, full({channels, 2, 3}, value, uint8));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(image_folder, Pictures)

BOOST_AUTO_TEST_CASE(classes_and_pictures_in_order) {
  picture("dog/b.png", 1);
  picture("dog/a.PNG", 2);
  picture("dog/aa/z.jpeg", 3);  // whatever it is called
  picture("Zebra/1.png", 4);
  picture("cat/10.png", 5);
  picture("cat/9.png", 6);
  write("notes.txt", "no picture");
  write("dog/notes.txt", "no picture either");
  const ImageFolder set(path);
  BOOST_TEST(set.classes() == (std::vector<std::string>{"Zebra", "cat", "dog"}));
  BOOST_TEST(set.size() == 6);
  std::vector<int> values, labels;
  for (auto& [x, y] : DataLoader(set, {.batch_size = 4, .workers = 2})) {
    BOOST_TEST(x.dtype() == uint8);
    BOOST_TEST(x.size(1) == 3);
    for (int64_t i = 0; i < x.size(0); ++i) values.push_back(x[i][2][1][1].item<int>());
    for (const int label : y.to_vector<int>()) labels.push_back(label);
  }
  BOOST_TEST(values == (std::vector<int>{4, 5, 6, 2, 1, 3}));
  BOOST_TEST(labels == (std::vector<int>{0, 1, 1, 2, 2, 2}));
  BOOST_TEST(set.samples()[5].first == (path / "dog/aa/z.jpeg").string());
  BOOST_CHECK_THROW(set.get(6), IndexError);
}

BOOST_AUTO_TEST_CASE(links) {
  picture("a/deep/1.png", 1);
  picture("b/2.png", 2);
  std::filesystem::create_directory_symlink(path / "a", path / "a/deep/round");
  std::filesystem::create_directory_symlink(path / "b", path / "a/other");
  std::filesystem::create_directory_symlink(path / "a", path / "b/other");
  std::filesystem::create_symlink(path / "nowhere.png", path / "b/broken.png");
  const ImageFolder set(path);
  BOOST_TEST(set.samples().size() == 4u);
  BOOST_TEST(set.samples()[0].first == (path / "a/deep/1.png").string());
  BOOST_TEST(set.samples()[1].first == (path / "a/other/2.png").string());
  BOOST_TEST(set.samples()[2].first == (path / "b/2.png").string());
  BOOST_TEST(set.samples()[3].first == (path / "b/other/deep/1.png").string());
}

BOOST_AUTO_TEST_CASE(three_channels_of_any) {
  for (int64_t channels = 1; channels <= 4; ++channels)
    picture("a/" + std::to_string(channels) + ".png", 7, channels);
  const ImageFolder set(path);
  for (int64_t i = 0; i < 4; ++i) BOOST_TEST(set.get(i).data.equal(full({3, 2, 3}, 7, uint8)));
}

BOOST_AUTO_TEST_CASE(transforms_make_them_fit_into_batches) {
  const T::Compose augment(
      {T::RandomResizedCrop(8), T::RandomHorizontalFlip(), T::ColorJitter({.brightness = 0.4}),
       T::ToDtype(float32, {.scale = true}), T::Normalize({0.5, 0.5, 0.5}, {0.25, 0.25, 0.25})});
  Generator gen(3);
  for (int64_t i = 0; i < 11; ++i) {
    const std::string name = (i % 2 ? "a/" : "b/") + std::to_string(i) + ".png";
    std::filesystem::create_directories((path / name).parent_path());
    io::write_png(path / name, randint(0, 256, {3, 9 + 3 * i, 30 - 2 * i}, {.dtype = uint8}, gen));
  }
  const ImageFolder photos(path);
  // Two epochs, left in the second after some batches, and gone on with by another loader.
  const auto all = [&](int workers, int64_t leave_after) {
    const auto make = [&] {
      return DataLoader(map(photos, augment),
                        {.batch_size = 4, .shuffle = true, .workers = workers});
    };
    auto loader = make(), other = make();
    std::vector<Tensor> out;
    for (const auto& [x, y] : loader) {
      BOOST_TEST(x.shape() == Shape({x.size(0), 3, 8, 8}));
      BOOST_TEST(x.dtype() == float32);
      BOOST_TEST(y.shape() == Shape({x.size(0)}));
      out.push_back(x.clone());
    }
    int64_t seen = 0;
    for (const auto& [x, y] : loader) {
      out.push_back(x.clone());
      if (++seen == leave_after) break;
    }
    other.load_state_dict(loader.state_dict());
    if (seen < 3)
      for (const auto& [x, y] : other) out.push_back(x.clone());
    return out;
  };
  const std::vector<Tensor> expected = all(0, 3);
  BOOST_REQUIRE(expected.size() == 6u);
  BOOST_TEST(!expected[0].equal(expected[3]));
  for (const int workers : {0, 1, 3}) {
    const std::vector<Tensor> got = all(workers, 1);
    BOOST_REQUIRE(got.size() == expected.size());
    for (size_t i = 0; i < got.size(); ++i) BOOST_TEST(got[i].equal(expected[i]));
  }
}

BOOST_AUTO_TEST_CASE(errors_say_what_is_wrong) {
  const auto opens = [&] { ImageFolder set(path); };
  BOOST_CHECK_EXCEPTION(
      opens(), IOError,
      saying("ImageFolder: " + path.string() + " has no folders: expected one for each class"));
  std::filesystem::create_directories(path / "empty");
  picture("full/1.png", 1);
  BOOST_CHECK_EXCEPTION(opens(), IOError,
                        saying("ImageFolder: " + (path / "empty").string() +
                               " has no pictures: expected .jpg, .jpeg or .png files"));
  write("empty/x.webp", "");
  BOOST_CHECK_EXCEPTION(opens(), IOError,
                        saying("x.webp is of a format that can't be read: expected .jpg, .jpeg or "
                               ".png"));
  BOOST_CHECK_EXCEPTION(ImageFolder("/nowhere"), IOError,
                        saying("ImageFolder: cannot read /nowhere: No such file or directory"));
  std::filesystem::remove(path / "empty/x.webp");
  const std::string text = write("empty/text.png", "some text");
  const ImageFolder set(path);
  const auto loads = [&] {
    for ([[maybe_unused]] auto& batch : DataLoader(set, {.batch_size = 2, .workers = 1})) continue;
  };
  BOOST_CHECK_EXCEPTION(loads(), IOError,
                        saying("DataLoader: sample 0: read_image: " + text + " is no picture"));
}

BOOST_AUTO_TEST_SUITE_END()
