"""Intervals that hold the true figure in 95 of 100 cases, from the few that were observed.

Each is (low, high), or None where what was observed can't tell.
"""

from collections.abc import Iterable
from math import sqrt

Z = 1.959963984540054
"The normal distribution's quantile of 97.5 %."

Interval = tuple[float, float]


def of_share(numerator: int, denominator: int) -> Interval | None:
    """Wilson's score interval: it stays within 0 and 1 and says something of few cases and of none or all.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
    American Statistical Association 22 (1927), 209-212.
    """
    if not 0 <= numerator <= denominator or not denominator:
        return None
    share, z_squared = numerator / denominator, Z * Z / denominator
    middle = share + z_squared / 2
    reach = Z * sqrt((share * (1 - share) + z_squared / 4) / denominator)
    low = (middle - reach) / (1 + z_squared) if numerator else 0.0
    high = (middle + reach) / (1 + z_squared) if numerator < denominator else 1.0
    return low, high


def of_balance(counts: Iterable[tuple[int, int]], denominator: int) -> Interval | None:
    """Of a mean weight, from (weight, how many): the variance is that of the multinomial distribution.

    For weights of 1, 0 and -1 that is (p + d - (p - d)^2) / n: B. Rocks, "Interval Estimation for the 'Net
    Promoter Score'", The American Statistician 70 (2016), 365-372 (there the Wald interval).
    """
    weighed = list(counts)
    if denominator <= 0:
        return None
    first = sum(weight * number for weight, number in weighed)
    second = sum(weight * weight * number for weight, number in weighed)
    mean = first / denominator
    reach = Z * sqrt(max(0, second * denominator - first * first)) / denominator / sqrt(denominator)
    weights = [weight for weight, _ in weighed]
    return max(mean - reach, min(weights)), min(mean + reach, max(weights))


def of_mean(counts: Iterable[tuple[int, int]]) -> Interval | None:
    """Of a mean, from (value, how many): the mean and 1.96 standard errors to each side.

    The standard error is s / sqrt(n) with the sample's standard deviation s (divided by n - 1), as in any
    textbook; of one value there is none.
    """
    first = second = total = 0
    for value, number in counts:
        total += number
        first += value * number
        second += value * value * number
    if total < 2:
        return None
    mean = first / total
    reach = Z * sqrt(max(0, second * total - first * first) / (total * (total - 1))) / sqrt(total)
    return mean - reach, mean + reach
