"""How far two groups of members differ in the mean of what each spent, and how sure that is. Pure.

The mean is adjusted by what each member spent before (a difference that was there before is none of the offer), and
held against the other group's by Welch's test, which lets the groups be of unequal size and spread.

- B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved",
  Biometrika 34 (1947): the test and, with Satterthwaite (1946), its degrees of freedom.
- A. Deng, Y. Xu, R. Kohavi, T. Walker, "Improving the sensitivity of online controlled experiments by utilizing
  pre-experiment data" (CUPED), WSDM 2013: the adjustment by what was before.
- P. Hall, "The Bootstrap and Edgeworth Expansion" (1992), with X. H. Zhou and P. Dinh, "Nonparametric confidence
  intervals for the one- and two-sample problems", Biostatistics 6 (2005): how the skewness of the difference spoils
  the interval's coverage; where it does, there is no figure.
- M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions" (1964), 26.7.5 and 26.7.8: Student's t by the
  normal distribution.
"""

from dataclasses import dataclass
from math import atan, cos, exp, lgamma, pi, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
NORMAL = NormalDist()
STEPS = 100


@dataclass(frozen=True)
class Sums:
    """Of a group: how many members, and the sums of what each spent (y), spent before (x), and of their products."""

    members: int
    y: int
    x: int
    yy: int
    xx: int
    xy: int

    @property
    def mean(self) -> float:
        """What a member spent in the mean."""
        return self.y / self.members

    @property
    def mean_before(self) -> float:
        """What a member spent before in the mean."""
        return self.x / self.members

    # Whole numbers to the last division: squares of Rial, summed, outgrow what a float tells apart.
    @property
    def spread_y(self) -> float:
        """The sum of squares about the mean."""
        return (self.members * self.yy - self.y * self.y) / self.members

    @property
    def spread_x(self) -> float:
        """The same of what was spent before."""
        return (self.members * self.xx - self.x * self.x) / self.members

    @property
    def spread_xy(self) -> float:
        """The sum of products about both means."""
        return (self.members * self.xy - self.x * self.y) / self.members

    def variance(self, slope: float) -> float:
        """The variance of what members spent once what they spent before is taken off by the slope."""
        spread = self.spread_y - 2 * slope * self.spread_xy + slope * slope * self.spread_x
        return max(0.0, spread) / (self.members - 1)


@dataclass(frozen=True)
class Difference:
    """By how many Rial a treated member's mean is above a control member's, with its interval and p."""

    each: float
    low: float
    high: float
    p: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out "no effect"."""
        return self.low > 0 or self.high < 0


def slope_of(treated: Sums, control: Sums) -> float:
    """How much of what was spent before is found again in what was spent, within the groups (Deng et al., theta)."""
    spread = treated.spread_x + control.spread_x
    return (treated.spread_xy + control.spread_xy) / spread if spread > 0 else 0.0


def difference(treated: Sums, control: Sums) -> Difference:
    """The adjusted difference of the means, by Welch's test; both groups have two members at least."""
    slope = slope_of(treated, control)
    each = treated.mean - control.mean - slope * (treated.mean_before - control.mean_before)
    shares = [group.variance(slope) / group.members for group in (treated, control)]
    error = sqrt(sum(shares))
    if not error:
        return Difference(each, each, each, 0.0 if each else 1.0)
    freedom = sum(shares) ** 2 / sum(
        share**2 / (group.members - 1) for share, group in zip(shares, (treated, control), strict=True)
    )
    reach = error * student_quantile(1 - (1 - CONFIDENCE) / 2, freedom)
    return Difference(each, each - reach, each + reach, student_p(each / error, freedom))


def skewness(treated: Sums, control: Sums, thirds: tuple[float, float]) -> float:
    """How skewed the difference of the means is (Zhou and Dinh's A), by each group's sum of cubes about its mean."""
    slope = slope_of(treated, control)
    error = sum(group.variance(slope) / group.members for group in (treated, control))
    third, other = (cubes / group.members**3 for cubes, group in zip(thirds, (treated, control), strict=True))
    return (third - other) / error**1.5 if error else 0.0


def student_quantile(share: float, freedom: float) -> float:
    """The t below which this share of Student's distribution lies (26.7.5).

    >>> round(student_quantile(0.975, 30), 3), round(student_quantile(0.975, 1_000), 3)
    (2.042, 1.962)
    """
    z = NORMAL.inv_cdf(share)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def student_p(t: float, freedom: float) -> float:
    """How often Student's t is as far from 0 as this one, on either side.

    By Simpson's rule over its density, of the angle whose tangent is t / sqrt(freedom) (26.7.3).

    >>> round(student_p(2.042, 30), 3), round(student_p(2.228, 10), 3)
    (0.05, 0.05)
    """
    angle = atan(abs(t) / sqrt(freedom))
    step = angle / STEPS
    heights = [cos(place * step) ** (freedom - 1) for place in range(STEPS + 1)]
    area = step / 3 * (heights[0] + 4 * sum(heights[1::2]) + 2 * sum(heights[2:-1:2]) + heights[-1])
    within: float = 2 * area * exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(pi)
    return max(0.0, 1 - within)
