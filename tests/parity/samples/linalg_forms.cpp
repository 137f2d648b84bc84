#include <rewind/ops/factored.h>
#include <rewind/ops/linear_cross_entropy.h>

#include "forms.h"

namespace rw::test {
namespace {

#define PRODUCT(name)                                                                        \
  FORM(#name,                                                                                \
       name(a.t(0), a.t(1), a.t(2), a.number(1000, "beta", 1), a.number(1000, "alpha", 1))), \
      FORM(#name "_",                                                                        \
           a.y().name##_(a.t(1), a.t(2), a.number(1000, "beta", 1), a.number(1000, "alpha", 1)))

Out tensordotted(Args& a) {
  if (!a.is_list(2, "dims")) return tensordot(a.t(0), a.t(1), a.i(2, "dims", 2));
  const Value* const dims = a.find(2, "dims");
  const auto numbers = [](const Value& v) {
    std::vector<int64_t> all;
    for (const Value& n : v.list) all.push_back(n.number.to_int64());
    return Dims(all);
  };
  return tensordot(a.t(0), a.t(1), numbers(dims->list.at(0)), numbers(dims->list.at(1)));
}
Out einsum_of(Args& a) {  // whose sample has the tensors first
  std::string equation = a.word(1, "equation");
  std::replace(equation.begin(), equation.end(), '~', ' ');
  return einsum(equation, a.tensors(0, "operands"));
}
std::optional<linalg::Ord> ord(Args& a, size_t place = 1, const char* name = "ord") {
  static std::string word;
  if (!a.has(place, name)) return {};
  if (a.is_number(place, name)) return linalg::Ord(a.f(place, name));
  word = a.word(place, name);
  return linalg::Ord(word.c_str());
}
Out normed(Args& a) {
  const Dims dims(a.ints(2, "dim"));
  const bool keepdim = a.b(3, "keepdim");
  const auto dtype = a.dtype(1000, "dtype");
  if (a.is(1, "p", Value::Kind::word)) {
    if (a.word(1, "p") == "fro") return norm(a.t(0), "fro", dims, keepdim, dtype);
    if (a.word(1, "p") == "nuc") return norm(a.t(0), "nuc", dims, keepdim, dtype);
    Args::fail("p", "norm of this function");
  }
  return norm(a.t(0), a.number(1, "p", 2), dims, keepdim, dtype);
}
linalg::RankOptions rank_options(Args& a) {
  const auto tolerance = [&](const char* name) {
    return a.is_tensor(1000, name) ? linalg::Tolerance(a.t(1000, name))
                                   : linalg::Tolerance(a.opt_f(1000, name));
  };
  return {
      .atol = tolerance("atol"), .rtol = tolerance("rtol"), .hermitian = a.b(1000, "hermitian")};
}
linalg::QrMode qr_mode(Args& a) {
  return named<linalg::QrMode>(a.word(1, "mode", "reduced"),
                               {{"reduced", linalg::QrMode::reduced},
                                {"complete", linalg::QrMode::complete},
                                {"r", linalg::QrMode::r}});
}
Out lstsq_of(Args& a) {
  using linalg::LstsqDriver;
  const auto driver =
      named<LstsqDriver>(a.word(1000, "driver", "gelsy"), {{"gels", LstsqDriver::gels},
                                                           {"gelsy", LstsqDriver::gelsy},
                                                           {"gelsd", LstsqDriver::gelsd},
                                                           {"gelss", LstsqDriver::gelss}});
  const auto r = linalg::lstsq(a.t(0), a.t(1), a.opt_f(2, "rcond"), driver);
  return Tensors{r.solution, r.residuals, r.rank, r.singular_values};
}

const JoinedForms products({
    PRODUCT(addmm),
    PRODUCT(addmv),
    PRODUCT(addbmm),
    PRODUCT(baddbmm),
    PRODUCT(addr),
    FORM("addmm.decomposed",
         addmm(a.t(0), a.t(1), a.t(2), a.number(1000, "beta", 1), a.number(1000, "alpha", 1))),
    FORM("dot", dot(a.t(0), a.t(1))),
    FORM("vdot", vdot(a.t(0), a.t(1))),
    FORM("bmm", bmm(a.t(0), a.t(1))),
    FORM("mv", mv(a.t(0), a.t(1))),
    FORM("mm", mm(a.t(0), a.t(1))),
    FORM("matmul", matmul(a.t(0), a.t(1))),
    FORM("__rmatmul__", matmul(a.t(1), a.t(0))),
    FORM("outer", outer(a.t(0), a.t(1))),
    FORM("inner", inner(a.t(0), a.t(1))),
    FORM("kron", kron(a.t(0), a.t(1))),
    FORM("cross", cross(a.t(0), a.t(1), a.opt_i(2, "dim"))),
    FORM("linalg.cross", linalg::cross(a.t(0), a.t(1), a.i(2, "dim", -1))),
    FORM("linalg.vecdot", linalg::vecdot(a.t(0), a.t(1), a.i(2, "dim", -1))),
    FORM("tensordot", tensordotted(a)),
    FORM("einsum", einsum_of(a)),
    FORM("linalg.multi_dot", linalg::multi_dot(a.tensors(0, "tensors"))),
    FORM("cdist", (a.ignore(3, "compute_mode"), cdist(a.t(0), a.t(1), a.f(2, "p", 2)))),
    FORM("dist", dist(a.t(0), a.t(1), a.number(2, "p", 2))),
    FORM("renorm", renorm(a.t(0), a.number(1, "p"), a.i(2, "dim"), a.number(3, "maxnorm"))),
    FORM("renorm_", a.y().renorm_(a.number(1, "p"), a.i(2, "dim"), a.number(3, "maxnorm"))),
    FORM("norm", normed(a)),
    FORM("linalg.norm", linalg::norm(a.t(0), ord(a), Dims(a.ints(2, "dim")), a.b(3, "keepdim"),
                                     a.dtype(1000, "dtype"))),
    FORM("linalg.matrix_norm",
         linalg::matrix_norm(a.t(0), ord(a).value_or("fro"),
                             a.has(2, "dim") ? Dims(a.ints(2, "dim")) : Dims{-2, -1},
                             a.b(3, "keepdim"), a.dtype(1000, "dtype"))),
    FORM("linalg.vector_norm",
         linalg::vector_norm(a.t(0), a.number(1, "ord", 2), Dims(a.ints(2, "dim")),
                             a.b(3, "keepdim"), a.dtype(1000, "dtype"))),
    FORM("linalg.cond", linalg::cond(a.t(0), ord(a, 1, "p"))),
    FORM("nn.functional.cosine_similarity",
         cosine_similarity(a.t(0), a.t(1), {.dim = a.i(2, "dim", 1), .eps = a.f(3, "eps", 1e-8)})),
    FORM("nn.functional.pairwise_distance", pairwise_distance(a.t(0), a.t(1),
                                                              {.p = a.f(2, "p", 2),
                                                               .eps = a.f(3, "eps", 1e-6),
                                                               .keepdim = a.b(4, "keepdim")})),
    FORM("nn.functional.pdist", pdist(a.t(0), a.f(1, "p", 2))),
    FORM("nn.functional.normalize",
         normalize(a.t(0),
                   {.p = a.f(1, "p", 2), .dim = a.i(2, "dim", 1), .eps = a.f(3, "eps", 1e-12)})),
    FORM("nn.functional.linear", linear(a.t(0), a.t(1), a.t(2, "bias"))),
    FORM("nn.functional.bilinear", bilinear(a.t(0), a.t(1), a.t(2), a.t(3, "bias"))),
});

// Results that are determined up to a sign: PyTorch's samples ask for what is not.
Out eigenpairs(Args& a) {
  const auto [l, v] = linalg::eigh(a.t(0), a.word(1, "UPLO", "L")[0]);
  return Tensors{l, v.abs()};
}
Out decomposed(Args& a) {
  const auto [p, l, u] = linalg::lu(a.t(0), a.b(1000, "pivot", true));
  return Tensors{l, u};
}
Out unpacked(Args& a) {
  const bool data = a.b(1000, "unpack_data", true), pivots = a.b(1000, "unpack_pivots", true);
  const auto [p, l, u] = lu_unpack(a.t(0), a.t(1), data, pivots);
  return Tensors{l, u};
}
// U, S, S and V, or their product, by the sample's number.
Out singular(Args& a, Tensor u, const Tensor& s, Tensor vh) {
  const int64_t k = s.size(-1);
  u = u.narrow(-1, 0, k), vh = vh.narrow(-2, 0, k);
  switch (a.sample_number() % 4) {
    case 0:
      return u.abs();
    case 1:
      return s;
    case 2:
      return Tensors{s, vh.abs()};
    default:
      return Tensors{matmul(u, vh), s};
  }
}
Out svd_of(Args& a) {
  const auto [u, s, vh] = linalg::svd(a.t(0), a.b(1000, "full_matrices", true));
  return singular(a, u, s, vh);
}
Out old_svd_of(Args& a) {
  const auto [u, s, v] = svd(a.t(0), a.b(1, "some", true), a.b(2, "compute_uv", true));
  return singular(a, u, s, v.mT());
}

// torch.lu
Out old_lu_of(Args& a) {
  const bool pivot = a.b(1, "pivot", true);
  if (a.b(2, "get_infos")) return linalg::lu_factor_ex(a.t(0), pivot);
  return linalg::lu_factor(a.t(0), pivot);
}
// What does not depend on signs.
Out low_rank(const std::tuple<Tensor, Tensor, Tensor>& usv) {
  const auto& [u, s, v] = usv;
  return Tensors{matmul(u, v.mT()), s};
}
Tensor product_of(Args& a) { return matmul(a.t(0), a.t(1).mT()); }
Out linear_cross_entropy_of(Args& a) {
  return linear_cross_entropy(a.t(0), a.t(1), a.t(2),
                              {.linear_bias = a.t(1000, "linear_bias"),
                               .weight = a.t(1000, "weight"),
                               .reduction = reduction(a),
                               .ignore_index = a.opt_i(1000, "ignore_index"),
                               .label_smoothing = a.f(1000, "label_smoothing", 0)});
}

const JoinedForms factored({
    FORM("lu", old_lu_of(a)),
    FORM("svd_lowrank", low_rank(svd_lowrank(product_of(a), a.i(1000, "q", 6),
                                             a.i(1000, "niter", 2), a.t(1000, "M")))),
    FORM("pca_lowrank", low_rank(pca_lowrank(product_of(a), a.opt_i(1000, "q"),
                                             a.b(1000, "center", true), a.i(1000, "niter", 2)))),
    FORM("geqrf", geqrf(a.t(0))),
    FORM("ormqr", ormqr(a.t(0), a.t(1), a.t(2), a.b(3, "left", true), a.b(4, "transpose"))),
    FORM("linalg.ldl_factor", (a.ignore(1000, "hermitian"), linalg::ldl_factor(a.t(0)))),
    FORM("linalg.ldl_factor_ex",
         (a.ignore(1000, "hermitian"), linalg::ldl_factor_ex(a.t(0), a.b(1000, "check_errors")))),
    FORM("linalg.ldl_solve",
         (a.ignore(1000, "hermitian"), linalg::ldl_solve(a.t(0), a.t(1), a.t(2)))),
    FORM("linalg.polar", linalg::polar(a.t(0))),
    FORM("linalg.matrix_sqrth", linalg::matrix_sqrth(a.t(0))),
    FORM("nn.functional.linear_cross_entropy", linear_cross_entropy_of(a)),
    FORM("cholesky_inverse", cholesky_inverse(a.t(0), a.b(1, "upper"))),
    FORM("cholesky_solve", cholesky_solve(a.t(0), a.t(1), a.b(2, "upper"))),
    FORM("linalg.cholesky", linalg::cholesky(a.t(0), a.b(1000, "upper"))),
    FORM("linalg.cholesky_ex",
         linalg::cholesky_ex(a.t(0), a.b(1000, "upper"), a.b(1000, "check_errors"))),
    FORM("linalg.det", linalg::det(a.t(0))),
    FORM("linalg.slogdet", linalg::slogdet(a.t(0))),
    UNARY(logdet),
    FORM("pinverse", pinverse(a.t(0), a.f(1, "rcond", 1e-15))),
    UNARY(matrix_exp),
    FORM("linalg.matrix_power", linalg::matrix_power(a.t(0), a.i(1, "n"))),
    FORM("linalg.inv", linalg::inv(a.t(0))),
    FORM("linalg.inv_ex", linalg::inv_ex(a.t(0), a.b(1000, "check_errors"))),
    FORM("linalg.solve", linalg::solve(a.t(0), a.t(1), a.b(1000, "left", true))),
    FORM("linalg.solve_ex",
         linalg::solve_ex(a.t(0), a.t(1), a.b(1000, "left", true), a.b(1000, "check_errors"))),
    FORM("linalg.solve_triangular",
         linalg::solve_triangular(a.t(0), a.t(1), a.b(1000, "upper"), a.b(1000, "left", true),
                                  a.b(1000, "unitriangular"))),
    FORM("triangular_solve", triangular_solve(a.t(0), a.t(1), a.b(1000, "upper", true),
                                              a.b(1000, "transpose"), a.b(1000, "unitriangular"))),
    FORM("linalg.tensorinv", linalg::tensorinv(a.t(0), a.i(1, "ind", 2))),
    FORM("linalg.tensorsolve", linalg::tensorsolve(a.t(0), a.t(1), Dims(a.ints(2, "dims")))),
    FORM("linalg.householder_product", linalg::householder_product(a.t(0), a.t(1))),
    FORM("linalg.lu", decomposed(a)),
    FORM("linalg.lu_factor", linalg::lu_factor(a.t(0), a.b(1000, "pivot", true))),
    FORM("linalg.lu_factor_ex",
         linalg::lu_factor_ex(a.t(0), a.b(1000, "pivot", true), a.b(1000, "check_errors"))),
    FORM("linalg.lu_solve",
         linalg::lu_solve(a.t(0), a.t(1), a.t(2), a.b(1000, "left", true), a.b(1000, "adjoint"))),
    FORM("lu_solve", lu_solve(a.t(0), a.t(1), a.t(2))),
    FORM("lu_unpack", unpacked(a)),
    FORM("linalg.qr", linalg::qr(a.t(0), qr_mode(a))),
    FORM("linalg.eigh", eigenpairs(a)),
    FORM("linalg.eigvalsh", linalg::eigvalsh(a.t(0), a.word(1, "UPLO", "L")[0])),
    FORM("linalg.svd", svd_of(a)),
    FORM("linalg.svdvals", linalg::svdvals(a.t(0))),
    FORM("svd", old_svd_of(a)),
    FORM("linalg.lstsq", lstsq_of(a)),
    FORM("linalg.lstsq.grad_oriented", Tensors{lstsq_of(a).all[0], lstsq_of(a).all[1]}),
    FORM("linalg.matrix_rank", linalg::matrix_rank(a.t(0), rank_options(a))),
    FORM("linalg.pinv.singular", linalg::pinv(matmul(a.t(0), a.t(1).mT()))),
    FORM("linalg.pinv", linalg::pinv(a.t(0), rank_options(a))),
});

}  // namespace
}  // namespace rw::test
