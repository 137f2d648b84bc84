"""Prints the tables of kernels/simd/bessel-inl.h (K), bessel_waves-inl.h and incomplete_gamma-inl.h.

Polynomials through Chebyshev's nodes, computed by mpmath in 40 digits."""

from mpmath import airyai, airybi, besselj, besseljzero, besselk, bessely, cos, exp, log, mp, mpf, pi, sqrt

mp.dps = 40


def fit(f, n, nodes=64):
    """c[0] + c[1] v + … + c[n - 1] v^(n - 1), close to f(v) for |v| <= 1."""
    angles = [pi * (k + mpf(1) / 2) / nodes for k in range(nodes)]
    values = [f(cos(a)) for a in angles]
    total = [mpf(0)] * n
    before, now = [mpf(0)] * n, [mpf(1)] + [mpf(0)] * (n - 1)  # Chebyshev's polynomials
    for j in range(n):
        share = sum(y * cos(j * a) for a, y in zip(angles, values)) * (2 if j else 1) / nodes
        total = [t + share * c for t, c in zip(total, now)]
        step = [mpf(0)] + now[:-1]
        before, now = now, step if j == 0 else [2 * s - b for s, b in zip(step, before)]
    return total


def show(name, numbers):
    print(f"  static constexpr double {name}[] = {{{', '.join('%.17g' % x for x in numbers)}}};")


def near(v):
    """x from 0 to 8 where v = x^2 / 32 - 1."""
    return sqrt((v + 1) * 32)


def far(v, bound, power):
    """x from `bound` on where v = 2 (bound / x)^power - 1."""
    return bound * (2 / (v + 1)) ** (mpf(1) / power)


def without_zeros(n, x):
    y = besselj(n, x) / x**n
    for k in (1, 2):
        y /= x * x - besseljzero(n, k) ** 2
    return y


def without_log(n, x):
    return (bessely(n, x) - 2 / pi * (log(x) * besselj(n, x) - n / x)) / x**n


def wave(n, x):
    """P + iQ of DLMF 10.17.3 and 10.17.4."""
    chi = x - (2 * n + 1) * pi / 4
    return (besselj(n, x) + 1j * bessely(n, x)) * sqrt(pi * x / 2) * exp(-1j * chi)


def zeta(x):
    return mpf(2) / 3 * x * sqrt(x)


def airy_wave(x):
    """P + iQ of DLMF 9.7.9 and 9.7.11."""
    return (airyai(-x) + 1j * airybi(-x)) * sqrt(pi * sqrt(x)) * exp(1j * (zeta(x) - pi / 4))


def temme(n):
    """eta / m in powers of eta, where eta^2 / 2 = m - log(1 + m): (1 + m) eta = m dm / deta."""
    m = [mpf(0), mpf(1)]
    for k in range(2, n + 1):
        known = sum((k + 1 - i) * m[i] * m[k + 1 - i] for i in range(2, k))
        m.append((m[k - 1] - known) / (k + 1))
    inverse = [mpf(1)]
    for k in range(1, n):
        inverse.append(-sum(m[i + 1] * inverse[k - i] for i in range(1, k + 1)))
    return inverse


for n in (0, 1):
    print(f"BesselK<{n}>")
    scaled = lambda x: sqrt(x) * exp(x) * besselk(n, x)
    show("p", fit(lambda v: scaled(far(v, 2, 1)), 24))
for n in (0, 1):
    print(f"BesselWave<{n}>")
    show("z", [besseljzero(n, k) for k in (1, 2)])
    show("near", fit(lambda v: without_zeros(n, near(v)), 16))
    show("rest", fit(lambda v: without_log(n, near(v)), 19))
    show("even", fit(lambda v: wave(n, far(v, 8, 2)).real, 13))
    show("odd", fit(lambda v: wave(n, far(v, 8, 2)).imag * far(v, 8, 2), 14))
print("Airy")
show("near", fit(lambda v: airyai(3 * v - 1), 34))
decay = lambda x: airyai(x) * exp(zeta(x)) * x ** (mpf(1) / 4)
show("decay", fit(lambda v: decay(far(v, 2, 1.5)), 25))
show("even", fit(lambda v: airy_wave(far(v, 4, 3)).real, 17))
show("odd", fit(lambda v: airy_wave(far(v, 4, 3)).imag * far(v, 4, 3) ** 1.5, 18))
show("temme", temme(28))
