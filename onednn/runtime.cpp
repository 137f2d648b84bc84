#include <rewind/onednn/runtime.h>

#include <atomic>

#include <rewind/onednn/support.h>
#include <rewind/tensor/deterministic.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/per_thread.h>

namespace rw::onednn {
namespace {

// A counter on a cache line of its own.
struct alignas(64) Counter {
  std::atomic<int64_t> value{0};
  void add() { value.fetch_add(1, std::memory_order_relaxed); }
  int64_t get() const { return value.load(std::memory_order_relaxed); }
};
Counter hits, misses, packs;

struct Stream {
  dnnl::stream stream{engine()};
};
const dnnl::stream& stream() { return detail::per_thread<Stream>().stream; }

dnnl::memory::dims dims(const Shape& s) { return {s.begin(), s.end()}; }

// oneDNN's tables are static objects, made when it is first asked for something and gone at exit
// before those that were there already. Asked ahead of every static object of a program (0.3 ms),
// it outlives them, so that their destructors can compute.
struct Ahead {
  Ahead() {
    static_cast<void>(dnnl::get_primitive_cache_capacity());
    const auto kind = dnnl::prop_kind::forward_training;
    const auto algorithm = dnnl::algorithm::convolution_direct;
    const dnnl::memory::dims one{1, 1}, none{0, 0};
    const auto matrix = describe(DType::float32, {1, 1}, dnnl::memory::format_tag::ab);
    const auto image = describe(DType::float32, {1, 1, 1, 1}, dnnl::memory::format_tag::nhwc);
    const auto filter = describe(DType::float32, {1, 1, 1, 1}, dnnl::memory::format_tag::any);
    try {
      const auto forward = primitive_desc<dnnl::convolution_forward>(
          attributes(), kind, algorithm, image, filter, image, one, none, none, none);
      backward_desc<dnnl::convolution_backward_data>(forward, attributes(), algorithm, image,
                                                     filter, image, one, none, none, none);
      backward_desc<dnnl::convolution_backward_weights>(forward, attributes(), algorithm, image,
                                                        filter, image, one, none, none, none);
      primitive_desc<dnnl::matmul>(attributes(), matrix, matrix, matrix);
      dnnl::reorder::primitive_desc(engine(), image, engine(), forward.weights_desc());
    } catch (const dnnl::error&) {  // whoever needs it will be told
    }
  }
};
__attribute__((init_priority(1000))) const Ahead ahead;

}  // namespace

void count_lookup(bool hit) {
  (hit ? hits : misses).add();
  detail::report_lookup(hit);
}
void count_pack() { packs.add(); }
CacheStats cache_stats() { return {hits.get(), misses.get(), packs.get()}; }

const dnnl::engine& engine() {
  // Never destroyed: memory objects may outlive static ones.
  static const auto* e = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *e;
}

Threads::Threads(int64_t multiplications) : before_(get_num_threads()) {
  constexpr int64_t worth_sharing = 1 << 17;  // a few microseconds
  const bool alone = detail::in_parallel() || deterministic_enabled();
  count_ = alone || multiplications < worth_sharing ? 1 : before_;
  if (count_ != before_) set_num_threads(count_);
}

Threads::~Threads() {
  if (count_ != before_) set_num_threads(before_);
}

dnnl::memory::data_type data_type(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return dnnl::memory::data_type::f32;
    case DType::bfloat16:
      return dnnl::memory::data_type::bf16;
    default:
      fail<DTypeError>("oneDNN does not compute in {}", dtype);
  }
}

dnnl::memory::desc describe(DType dtype, const Shape& shape, const Strides& strides) {
  return {dims(shape), data_type(dtype), dims(strides)};
}

dnnl::memory::desc describe(DType dtype, const Shape& shape, dnnl::memory::format_tag tag) {
  return {dims(shape), data_type(dtype), tag};
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

bool has_amx() {
  // An instruction set's bits include those of the sets it builds on.
  constexpr auto amx = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_amx);
  static const bool has = (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & amx) == amx;
  return has;
}

bool supports(DType dtype) {
  if (dtype == DType::float32) return true;
  if (dtype != DType::bfloat16) return false;
  static const bool bfloat16_supported = [] {
    const auto square = describe(DType::bfloat16, {16, 16}, dnnl::memory::format_tag::ab);
    try {
      primitive_desc<dnnl::matmul>(attributes(), square, square, square);
      return true;
    } catch (const dnnl::error&) {
      return false;
    }
  }();
  return bfloat16_supported;
}

Primitive::Primitive(const dnnl::primitive_desc_base& desc,
                     std::initializer_list<Argument> arguments)
    : primitive_(desc.get()), scratchpad_bytes_(desc.scratchpad_desc().get_size()) {
  const auto add = [&](int id, const dnnl::memory::desc& md) {
    bound_.push_back({dnnl::memory(md, engine(), DNNL_MEMORY_NONE)});
    arguments_.push_back({id, bound_.back().memory.get()});
  };
  for (const Argument& a : arguments) add(a.id, a.desc);
  add(DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc());
}

// oneDNN zeroes the padding of a blocked layout whenever it is given a buffer: only tell it news.
void Primitive::bind(size_t argument, const Operand& operand) {
  Bound& bound = bound_[argument];
  arguments_[argument].memory = operand.memory ? operand.memory : bound.memory.get();
  if (operand.memory || bound.buffer == operand.buffer) return;
  bound.memory.set_data_handle(const_cast<void*>(operand.buffer));
  bound.buffer = operand.buffer;
}

// Tells a profile what runs. Reorders are counted by those who know why they do them.
void Primitive::report() const {
  if (primitive_.get_kind() == dnnl::primitive::kind::reorder) return;
  const char* name = "";
  dnnl_primitive_desc_query(primitive_.get_primitive_desc(), dnnl_query_impl_info_str, 0, &name);
  detail::report_implementation(fmt::format("oneDNN {}", name));
}

void Primitive::run(std::initializer_list<Operand> operands) {
  assert(operands.size() + 1 == bound_.size());
  if (detail::recorder) [[unlikely]]
    report();
  const Scratchpad scratchpad(scratchpad_bytes_);
  size_t i = 0;
  for (const Operand& o : operands) bind(i++, o);
  bind(i, scratchpad.data());
  const dnnl_status_t status = dnnl_primitive_execute(
      primitive_.get(), stream().get(), static_cast<int>(arguments_.size()), arguments_.data());
  check(status == dnnl_success, "oneDNN failed with status {}", static_cast<int>(status));
}

}  // namespace rw::onednn
