"""Intervals, a bootstrap and logistic regression, by their definitions."""
# SPDX-License-Identifier: GPL-2.0-or-later
import math

Z = 1.959963984540054  # the 97.5 % quantile of the normal distribution
RESAMPLES = 1000
MASK = 2**64 - 1


def quantile(values, q):
    """Interpolated between neighbours, as NumPy's default."""
    values = sorted(values)
    at = q * (len(values) - 1)
    below = math.floor(at)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (at - below)


def median(values):
    return quantile(values, 0.5)


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    middle = mean(values)
    return math.sqrt(mean([(v - middle) ** 2 for v in values]))


# ---- proportions ----


def wilson(successes, n):
    p, s = successes / n, Z * Z / n
    middle = (p + s / 2) / (1 + s)
    half = math.sqrt(p * (1 - p) * s + s * s / 4) / (1 + s)
    return max(0.0, middle - half), min(1.0, middle + half)


def _at_least(x, n, p):
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(x, n + 1))


def _solve(rising, wanted):
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def clopper_pearson(x, n):
    low = 0.0 if x == 0 else _solve(lambda p: _at_least(x, n, p), 0.025)
    high = 1.0 if x == n else _solve(lambda p: _at_least(x + 1, n, p), 0.975)
    return low, high


# ---- random streams: SplitMix64, FNV-1a, xoshiro256** ----


def _splitmix(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    z = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return x, z ^ z >> 31


def _turn(x, k):
    return (x << k | x >> (64 - k)) & MASK


class Stream:
    def __init__(self, seed, name):
        h = 0xCBF29CE484222325
        for byte in name.encode():
            h = (h ^ byte) * 0x100000001B3 & MASK
        mixed = _splitmix(seed)[1] ^ _splitmix(h)[1]
        self.s = []
        for _ in range(4):
            mixed, value = _splitmix(mixed)
            self.s.append(value)

    def next(self):
        s = self.s
        result = _turn(s[1] * 5 & MASK, 7) * 9 & MASK
        t = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = _turn(s[3], 45)
        return result

    def below(self, bound):
        limit = MASK - MASK % bound
        x = self.next()
        while x >= limit:
            x = self.next()
        return x % bound


_resamples = {}


def resamples(units):
    """How often each of |units| is drawn, for each resample."""
    if units not in _resamples:
        stream, drawn = Stream(1, "bootstrap.linkability"), []
        for _ in range(RESAMPLES):
            times = [0] * units
            for _ in range(units):
                times[stream.below(units)] += 1
            drawn.append(times)
        _resamples[units] = drawn
    return _resamples[units]


def bootstrap(units, statistic):
    """The percentile interval of |statistic|, a function of how often each unit
    is drawn; None where there is none."""
    if units < 2:
        return None
    values = [statistic(times) for times in resamples(units)]
    values = [v for v in values if v is not None]
    if not values:
        return None
    return quantile(values, 0.025), quantile(values, 0.975)


# ---- logistic regression ----


def _solve_linear(a, b):
    """By elimination; |a| is positive definite."""
    n = len(b)
    rows = [list(a[i]) + [b[i]] for i in range(n)]
    for i in range(n):
        for k in range(i + 1, n):
            factor = rows[k][i] / rows[i][i]
            for j in range(i, n + 1):
                rows[k][j] -= factor * rows[i][j]
    x = [0.0] * n
    for i in range(n - 1, -1, -1):
        known = sum(rows[i][j] * x[j] for j in range(i + 1, n))
        x[i] = (rows[i][n] - known) / rows[i][i]
    return x


def _loss(w, points, labels):
    total = sum(v * v for v in w) / 2
    for x, y in zip(points, labels):
        margin = y * sum(a * b for a, b in zip(w, x))
        total += math.log1p(math.exp(-margin)) if margin > -30 else -margin
    return total


def _newton_step(w, points, labels):
    n = len(w)
    gradient = list(w)
    hessian = [[float(i == j) for j in range(n)] for i in range(n)]
    for x, y in zip(points, labels):
        margin = y * sum(a * b for a, b in zip(w, x))
        p = 1 / (1 + math.exp(min(margin, 500)))
        for i in range(n):
            gradient[i] -= y * p * x[i]
            for j in range(n):
                hessian[i][j] += p * (1 - p) * x[i] * x[j]
    return _solve_linear(hessian, gradient)


def logistic(points, labels):
    """The w that minimises |w|^2/2 + sum ln(1 + exp(-y w.x))."""
    w = [0.0] * len(points[0])
    for _ in range(100):
        step = _newton_step(w, points, labels)
        size, before = 1.0, _loss(w, points, labels)
        while size > 1e-10:
            tried = [a - size * b for a, b in zip(w, step)]
            if _loss(tried, points, labels) <= before:
                break
            size /= 2
        w = tried
        if max(abs(s) for s in step) < 1e-12:
            break
    return w
