#include <map>
#include <tuple>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/byte_reader.h>
#include <rewind/io/file.h>
#include <rewind/io/pickled_names.h>
#include <rewind/io/pytorch.h>
#include <rewind/io/tensor_bytes.h>
#include <rewind/io/zip.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

// A pickle of protocol 2 that is written value by value.
class PickleWriter {
 public:
  PickleWriter& text(std::string_view value) {
    out_ += 'X';
    append_number(out_, static_cast<uint32_t>(value.size()));
    out_ += value;
    return *this;
  }
  PickleWriter& number(int64_t value) {
    if (value <= INT32_MAX) {
      out_ += 'J';
      append_number(out_, static_cast<int32_t>(value));
    } else {
      out_ += "\x8a\x08";
      append_number(out_, value);
    }
    return *this;
  }
  PickleWriter& numbers(const Shape& values) {
    out_ += '(';
    for (const int64_t n : values) number(n);
    out_ += 't';
    return *this;
  }
  // A function or class, of which a pickle tells the module by itself.
  PickleWriter& global(std::string_view name) {
    const size_t dot = name.rfind('.');
    out_ += fmt::format("c{}\n{}\n", name.substr(0, dot), name.substr(dot + 1));
    return *this;
  }
  // Instructions as they are.
  PickleWriter& raw(std::string_view instructions) {
    out_ += instructions;
    return *this;
  }
  const std::string& str() const { return out_; }

 private:
  std::string out_;
};

constexpr std::string_view empty_tuple_and_call = ")R", false_value = "\x89";

// _rebuild_tensor_v2(storage, 0, sizes, strides, False, OrderedDict())
void write_tensor(PickleWriter& out, const Tensor& t, size_t storage) {
  out.global("torch._utils._rebuild_tensor_v2").raw("((");
  out.text("storage").global(storage_type(t.dtype())).text(std::to_string(storage));
  out.text("cpu").number(t.numel()).raw("tQ");
  out.number(0).numbers(t.shape()).numbers(contiguous_strides(t.shape())).raw(false_value);
  out.global("collections.OrderedDict").raw(empty_tuple_and_call).raw("tR");
}

// The same memory is one storage.
class StorageNumbers {
 public:
  size_t of(const Tensor& t) {
    const auto key = std::tuple(t.raw_data(), t.nbytes(), t.dtype());
    if (t.numel() > 0)
      if (const auto it = numbers_.find(key); it != numbers_.end()) return it->second;
    if (t.numel() > 0) numbers_.emplace(key, contents.size());
    contents.push_back(bytes_of(t));
    return contents.size() - 1;
  }

  std::vector<std::string_view> contents;

 private:
  std::map<std::tuple<const void*, size_t, DType>, size_t> numbers_;
};

}  // namespace

void save_pytorch(const NamedTensors& tensors, const std::string& path) {
  check_writable("save_pytorch", tensors);
  const no_grad guard;
  std::vector<Tensor> row_major;  // which keep the bytes
  StorageNumbers storages;
  PickleWriter pickle;
  pickle.raw("\x80\x02").global("collections.OrderedDict").raw(empty_tuple_and_call).raw("(");
  for (const auto& [name, given] : tensors) {
    const Tensor& t = row_major.emplace_back(given.detach().contiguous());
    write_tensor(pickle.text(name), t, storages.of(t));
  }
  pickle.raw("u.");

  AtomicFile file("save_pytorch", path);
  ZipWriter zip([&](std::string_view bytes) { file.write(bytes); });
  zip.add("archive/data.pkl", pickle.str());
  zip.add("archive/.format_version", "1");
  zip.add("archive/.storage_alignment", "64");
  zip.add("archive/byteorder", "little");
  for (size_t i = 0; i < storages.contents.size(); ++i)
    zip.add(fmt::format("archive/data/{}", i), storages.contents[i]);
  zip.add("archive/version", "3\n");
  zip.finish();
  file.commit();
}

}  // namespace rw::io
