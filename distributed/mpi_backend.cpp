#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include <rewind/distributed/backend.h>
#include <rewind/tensor/check.h>

namespace rw::distributed {
namespace {

void expect_success(const char* what, int code) {
  if (code == MPI_SUCCESS) [[likely]]
    return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  fail("{}: MPI failed: {}", what, std::string(text.data(), static_cast<size_t>(length)));
}

template <class T, ReduceOp op>
void reduce_half(void* in, void* inout, int* length, MPI_Datatype*) {
  const T* a = static_cast<const T*>(in);
  T* b = static_cast<T*>(inout);
  for (int i = 0; i < *length; ++i) {
    const float x = a[i], y = b[i];
    if constexpr (op == ReduceOp::sum)
      b[i] = T(x + y);
    else if constexpr (op == ReduceOp::product)
      b[i] = T(x * y);
    else if constexpr (op == ReduceOp::min)
      b[i] = T(x < y ? x : y);
    else
      b[i] = T(x > y ? x : y);
  }
}

// What MPI has no name for: the floating types of 16 bits, and sums of them.
struct HalfOps {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  std::array<MPI_Op, 4> ops{};

  template <class T>
  static HalfOps make() {
    HalfOps half;
    MPI_Type_contiguous(2, MPI_BYTE, &half.type);
    MPI_Type_commit(&half.type);
    MPI_Op_create(reduce_half<T, ReduceOp::sum>, 1, &half.ops[0]);
    MPI_Op_create(reduce_half<T, ReduceOp::product>, 1, &half.ops[1]);
    MPI_Op_create(reduce_half<T, ReduceOp::min>, 1, &half.ops[2]);
    MPI_Op_create(reduce_half<T, ReduceOp::max>, 1, &half.ops[3]);
    return half;
  }
};

// MPI from its start to its end.
class Session {
 public:
  explicit Session(std::shared_ptr<const bool> orderly) : orderly_(std::move(orderly)) {
    int was_started = 0, provided = 0;
    MPI_Initialized(&was_started);
    check(!was_started, "distributed::init: MPI has been started already");
    expect_success("distributed::init",
                   MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided));
    float16_ = HalfOps::make<Float16>();
    bfloat16_ = HalfOps::make<BFloat16>();
  }
  ~Session() {
    if (*orderly_) MPI_Finalize();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  bool orderly() const { return *orderly_; }

  MPI_Datatype type(DType dtype) const {
    switch (dtype) {
      case DType::boolean:
        return MPI_C_BOOL;
      case DType::uint8:
        return MPI_UINT8_T;
      case DType::int8:
        return MPI_INT8_T;
      case DType::int16:
        return MPI_INT16_T;
      case DType::int32:
        return MPI_INT32_T;
      case DType::int64:
        return MPI_INT64_T;
      case DType::float16:
        return float16_.type;
      case DType::bfloat16:
        return bfloat16_.type;
      case DType::float32:
        return MPI_FLOAT;
      case DType::float64:
        return MPI_DOUBLE;
    }
    return MPI_DATATYPE_NULL;
  }

  MPI_Op op(DType dtype, ReduceOp op) const {
    const auto i = static_cast<size_t>(op);
    if (dtype == DType::float16) return float16_.ops[i];
    if (dtype == DType::bfloat16) return bfloat16_.ops[i];
    if (dtype == DType::boolean)
      return op == ReduceOp::sum || op == ReduceOp::max ? MPI_LOR : MPI_LAND;
    constexpr size_t n = 4;
    const std::array<MPI_Op, n> ops = {MPI_SUM, MPI_PROD, MPI_MIN, MPI_MAX};
    return ops[i];
  }

 private:
  std::shared_ptr<const bool> orderly_;
  HalfOps float16_, bfloat16_;
};

class MpiPending : public Pending {
 public:
  MpiPending(const char* what, std::vector<MPI_Request> requests)
      : what_(what), requests_(std::move(requests)) {}
  bool done() override {
    int all = 0;
    expect_success(what_, MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &all,
                                      MPI_STATUSES_IGNORE));
    return all != 0;
  }

 private:
  const char* what_;
  std::vector<MPI_Request> requests_;
};

class MpiBackend : public Backend {
 public:
  MpiBackend(std::shared_ptr<Session> session, MPI_Comm comm) : session_(session), comm_(comm) {
    MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
  }
  ~MpiBackend() override {
    if (comm_ != MPI_COMM_WORLD && session_->orderly()) MPI_Comm_free(&comm_);
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int local_rank() const override {
    MPI_Comm machine = MPI_COMM_NULL;
    int local = 0;
    expect_success("distributed::init",
                   MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine));
    MPI_Comm_rank(machine, &local);
    MPI_Comm_free(&machine);
    return local;
  }

  std::unique_ptr<Pending> start(const Transfer& t) override {
    std::vector<MPI_Request> requests;
    constexpr int64_t most = std::numeric_limits<int>::max();
    const bool by_parts = t.kind == Exchange::all_reduce || t.kind == Exchange::broadcast;
    check(by_parts || t.count <= most / size_,
          "{}: expected at most {} elements from all ranks together, got {} of {}", name(t.kind),
          most, t.count, size_);
    constexpr int64_t part = int64_t{1} << 30;
    for (int64_t begin = 0; begin == 0 || begin < t.count; begin += part) {
      Transfer piece = t;
      piece.count = std::min(t.count - begin, part);
      piece.out = static_cast<char*>(t.out) + begin * static_cast<int64_t>(itemsize(t.dtype));
      MPI_Request request = MPI_REQUEST_NULL;
      expect_success(name(t.kind), start_one(piece, &request));
      requests.push_back(request);
    }
    return std::make_unique<MpiPending>(name(t.kind), std::move(requests));
  }

  std::unique_ptr<Backend> group(const std::vector<int>& ranks) override {
    MPI_Group all = MPI_GROUP_NULL, some = MPI_GROUP_NULL;
    MPI_Comm comm = MPI_COMM_NULL;
    MPI_Comm_group(comm_, &all);
    expect_success("new_group",
                   MPI_Group_incl(all, static_cast<int>(ranks.size()), ranks.data(), &some));
    expect_success("new_group", MPI_Comm_create(comm_, some, &comm));
    MPI_Group_free(&some);
    MPI_Group_free(&all);
    if (comm == MPI_COMM_NULL) return nullptr;
    return std::make_unique<MpiBackend>(session_, comm);
  }

 private:
  int start_one(const Transfer& t, MPI_Request* r) const {
    const int n = static_cast<int>(t.count), peer = t.peer;
    const MPI_Datatype type = session_->type(t.dtype);
    switch (t.kind) {
      case Exchange::all_reduce:
        return MPI_Iallreduce(MPI_IN_PLACE, t.out, n, type, session_->op(t.dtype, t.op), comm_, r);
      case Exchange::broadcast:
        return MPI_Ibcast(t.out, n, type, peer, comm_, r);
      case Exchange::all_gather:
        return MPI_Iallgather(t.in, n, type, t.out, n, type, comm_, r);
      case Exchange::gather:
        return MPI_Igather(t.in, n, type, t.out, n, type, peer, comm_, r);
      case Exchange::scatter:
        return MPI_Iscatter(t.in, n, type, t.out, n, type, peer, comm_, r);
      case Exchange::reduce_scatter:
        return MPI_Ireduce_scatter_block(t.in, t.out, n, type, session_->op(t.dtype, t.op), comm_,
                                         r);
      case Exchange::all_to_all:
        return MPI_Ialltoall(t.in, n, type, t.out, n, type, comm_, r);
      case Exchange::send:
        return MPI_Isend(t.in, n, type, peer, t.tag, comm_, r);
      case Exchange::recv:
        return MPI_Irecv(t.out, n, type, peer < 0 ? MPI_ANY_SOURCE : peer, t.tag, comm_, r);
      case Exchange::barrier:
        return MPI_Ibarrier(comm_, r);
    }
    return MPI_ERR_OTHER;
  }

  std::shared_ptr<Session> session_;
  MPI_Comm comm_;
  int rank_ = 0, size_ = 1;
};

}  // namespace

std::unique_ptr<Backend> mpi_backend(const std::shared_ptr<const bool>& orderly) {
  return std::make_unique<MpiBackend>(std::make_shared<Session>(orderly), MPI_COMM_WORLD);
}

}  // namespace rw::distributed
