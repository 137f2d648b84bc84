#include <Eigen/Eigenvalues>

#include <rewind/kernels/linalg/spectral_kernel.h>

namespace rw::kernels {

template <class T>
bool eigh(int64_t n, const T* a, bool upper, T* values, T* vectors) {
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  const Eigen::Map<const Matrix> columns(a, n, n);  // of the transpose
  const int options = vectors ? Eigen::ComputeEigenvectors : Eigen::EigenvaluesOnly;
  Eigen::SelfAdjointEigenSolver<Matrix> solver;  // reads the lower triangle
  if (upper)
    solver.compute(columns, options);
  else
    solver.compute(Matrix(columns.transpose()), options);
  Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>>(values, n) = solver.eigenvalues();
  if (vectors) Eigen::Map<Matrix>(vectors, n, n) = solver.eigenvectors();
  return solver.info() == Eigen::Success;
}

template bool eigh(int64_t, const float*, bool, float*, float*);
template bool eigh(int64_t, const double*, bool, double*, double*);

}  // namespace rw::kernels
