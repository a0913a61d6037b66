"""Says how sure a share is that was measured on some searches."""

CERTAIN = 1.96
"""Standard deviations on either side of a mean that hold 95 % of a normal distribution."""


def interval(share: float, count: float) -> tuple[float, float]:
    """Return the 95 % interval of a share that was the mean of some searches.

    Wilson's score interval (Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association, 1927), in which each search counts once: the
    hits of one search are found or missed together. Shares between 0 and 1 vary less than outcomes
    that are 0 or 1, so it is rather too wide.

    Args:
        share: from 0 to 1.
        count: how many searches, at least 1.
    """
    square = CERTAIN**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = (share * (1 - share) / count + square / (4 * count**2)) ** 0.5
    half = CERTAIN * spread / (1 + square / count)
    # Rounded, as the bounds of 0 and 1 are themselves, up to what floats leave of them.
    return max(0.0, round(middle - half, 9)), min(1.0, round(middle + half, 9))
