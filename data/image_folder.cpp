#include <rewind/data/image_folder.h>

#include <algorithm>
#include <filesystem>

#include <rewind/io/jpeg.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/selection.h>

namespace rw::data {

namespace {

namespace fs = std::filesystem;

bool is_one_of(const std::string& ending, std::initializer_list<const char*> endings) {
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

// Whether it is a picture by its name. Throws where it is one that can't be read here.
bool is_picture(const fs::path& file) {
  std::string ending = file.extension();
  for (char& c : ending)
    if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  check<IOError>(!is_one_of(ending, {".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}),
                 "ImageFolder: {} is of a format that can't be read: expected .jpg, .jpeg or .png",
                 file.string());
  return is_one_of(ending, {".jpg", ".jpeg", ".png"});
}

// Names of the folders in a folder, in order.
std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_directory()) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

// All pictures below a folder, by folder and name. A link to a folder that it is in leads nowhere.
std::vector<std::string> pictures_in(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> found;
  std::vector<fs::path> above = {fs::canonical(folder)};  // an entry, one for each depth
  constexpr auto links = fs::directory_options::follow_directory_symlink;
  fs::recursive_directory_iterator at(folder, links);
  for (; at != fs::recursive_directory_iterator(); ++at) {
    const fs::directory_entry& entry = *at;
    if (entry.is_directory()) {
      above.resize(static_cast<size_t>(at.depth()) + 1);
      above.push_back(fs::canonical(entry.path()));
      if (std::find(above.begin(), above.end() - 1, above.back()) != above.end() - 1)
        at.disable_recursion_pending();
    } else if (entry.is_regular_file() && is_picture(entry.path())) {
      found.emplace_back(entry.path().parent_path(), entry.path().filename());
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> paths;
  for (const auto& [parent, name] : found) paths.push_back(fs::path(parent) / name);
  return paths;
}

}  // namespace

ImageFolder::ImageFolder(const std::string& folder) {
  try {
    classes_ = folders_in(folder);
    check<IOError>(!classes_.empty(), "ImageFolder: {} has no folders: expected one for each class",
                   folder);
    for (size_t label = 0; label < classes_.size(); ++label) {
      const fs::path path = fs::path(folder) / classes_[label];
      const std::vector<std::string> pictures = pictures_in(path);
      check<IOError>(!pictures.empty(),
                     "ImageFolder: {} has no pictures: expected .jpg, .jpeg or .png files",
                     path.string());
      for (const std::string& picture : pictures)
        samples_.emplace_back(picture, static_cast<int64_t>(label));
    }
  } catch (const fs::filesystem_error& e) {
    fail<IOError>("ImageFolder: cannot read {}: {}", e.path1().string(), e.code().message());
  }
}

Batch ImageFolder::get(int64_t index) const {
  detail::check_index(index, size());
  const auto& [path, label] = samples_[static_cast<size_t>(index)];
  Tensor picture = io::read_image(path);
  if (picture.size(0) < 3) picture = picture.narrow(0, 0, 1).expand({3, -1, -1});
  if (picture.size(0) > 3) picture = picture.narrow(0, 0, 3);
  return {picture, scalar_tensor(label, {.dtype = int64})};
}

}  // namespace rw::data
