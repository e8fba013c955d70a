"""What a release says about which of two data sets it is of."""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax, logsumexp

from skprivacy.dp._drawn_tree import log_weights
from skprivacy.dp._gaussian import gaussian_epsilon

__all__ = ["ReleaseLoss", "permute_and_flip_chances", "release_loss", "total_epsilon"]

#: Sensitivities and scales are compared to so many digits.
CLOSE = 1e-7
#: What derivatives by differences may be off by, as a loss.
SLACK_OF_DIFFERENCES = 1e-4
#: Where optima are looked at, by the length of their weights.
REACHES = np.array([0.0, 0.01, 0.1, 1.0, 10.0])
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)
LEVELS, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2


@dataclass(frozen=True)
class ReleaseLoss:
    """How a release of a data set compares with that of its neighbor.

    Attributes
    ----------
    moved : float
        How far apart both values are, as the sensitivity measures it.

    epsilon : float, default=0.0
        Largest logarithm of the ratio of densities, over all outputs; of an optimum,
        over some. NaN where the law is not known.

    backward : float or None, default=None
        The same with the data sets swapped, None if it is the same. Losses of several
        releases add up in one of both directions.

    spread : float, default=0.0
        What both directions have in sum, where it is not known which has how much.

    mu : float, default=0.0
        Of Gaussian noise: the distance in standard deviations.

    chance : float, default=0.0
        A lower limit of how likely outputs with that ratio are, in either direction.
    """

    moved: float
    epsilon: float = 0.0
    backward: float | None = None
    spread: float = 0.0
    mu: float = 0.0
    chance: float = 0.0

    def exceeds(self, sensitivity) -> bool:
        """Whether values are farther apart than a sensitivity, beyond rounding."""
        return bool(not self.moved <= sensitivity * (1 + CLOSE) + 1e-9)


def release_loss(first, second, released=None) -> ReleaseLoss:
    r"""Compare a release of a data set with that of its neighbor.

    Parameters
    ----------
    first, second : Release
        Of the same law and noise.

    released : object, default=None
        What the first one released. An optimum is compared there.

    Returns
    -------
    loss : ReleaseLoss

    Notes
    -----
    Of Laplace noise of scale b it is :math:`\|v - v'\|_1 / b`, and of geometric noise
    the same; of a choice the largest difference of the logarithms of chances; of
    Gaussian noise :math:`\mu = \|v - v'\|_2 / \sigma`.

    Examples
    --------
    >>> from skprivacy.dp._observed import Release
    >>> one = Release("laplace", np.array([3.0, 1.0]), 2.0, 4.0)
    >>> other = Release("laplace", np.array([2.0, 2.0]), 2.0, 4.0)
    >>> loss = release_loss(one, other)
    >>> loss.moved, loss.epsilon, loss.chance
    (2.0, 0.5, 0.25)
    """
    return LAWS.get(first.law, _unknown)(first, second, released)


def total_epsilon(losses, delta=0.0) -> float:
    """Epsilon of all releases together, at least.

    Parameters
    ----------
    losses : list of ReleaseLoss
        Of each.

    delta : float, default=0.0
        At 0 the losses add up. Above, it is that of the Gaussian releases alone, or
        that of outputs with the largest ratios, whichever is larger.

    Returns
    -------
    epsilon : float
        NaN where the law of a release is not known.

    Examples
    --------
    >>> total_epsilon([ReleaseLoss(1.0, 0.5), ReleaseLoss(1.0, 0.25)])
    0.75
    >>> gaussian = [ReleaseLoss(1.0, mu=0.6), ReleaseLoss(1.0, mu=0.8)]
    >>> round(total_epsilon(gaussian, 1e-5), 3), total_epsilon(gaussian)
    (4.377, inf)
    """
    epsilons = np.array([one.epsilon for one in losses])
    if np.isnan(epsilons).any():
        return np.nan
    mu = float(np.sqrt(sum(one.mu**2 for one in losses)))
    if np.isinf(mu) or np.isinf(epsilons).any():
        return np.inf
    if delta == 0:
        return _sum(losses) + (np.inf if mu > 0 else 0.0)
    chances = np.array([one.chance for one in losses])
    order = [one for one in np.argsort(-epsilons) if chances[one] > 0]
    both = np.cumprod(chances[order])
    # Outputs with a ratio of exp(L) have a chance of p here and p exp(-L) there.
    shares = np.minimum(delta / both, 1.0)
    with np.errstate(divide="ignore"):
        of_ratios = np.cumsum(epsilons[order]) + np.log1p(-shares)
    return float(max(gaussian_epsilon(delta, mu), *of_ratios, 0.0))


def _sum(losses):
    """Sum in the direction in which it is larger, however spreads are divided."""
    forward = sum(one.epsilon for one in losses)
    backward = sum(
        one.epsilon if one.backward is None else one.backward for one in losses
    )
    both = forward + backward + sum(one.spread for one in losses)
    return float(max(forward, backward, both / 2))


def _gap(first, second):
    """Differences; infinite where one of both is missing."""
    one, other = (np.asarray(r.value, dtype=float) for r in (first, second))
    apart = np.abs(one - other)
    return np.where(
        np.isnan(one) & np.isnan(other), 0.0, np.nan_to_num(apart, nan=np.inf)
    )


def _over(moved, scale):
    if moved == 0:
        return 0.0
    return float(moved / scale) if scale > 0 else np.inf


def _laplace(first, second, released):
    apart = _gap(first, second)
    moved = float(apart.sum())
    chance = 0.5 ** int((apart > 0).sum())
    return ReleaseLoss(moved, _over(moved, first.scale), chance=chance)


def _geometric(first, second, released):
    loss = _laplace(first, second, released)
    return ReleaseLoss(loss.moved, loss.epsilon)


def _truncated_laplace(first, second, released):
    """Move outputs beyond the bounds to them: there the ratio is the largest."""
    moved = float(_gap(first, second).sum())
    if first.scale == 0 or not np.isfinite(moved):
        return ReleaseLoss(moved, _over(moved, first.scale))
    one, other = _number(first), _number(second)
    ratios = []
    for sign, end in zip((1, -1), first.bounds, strict=True):
        if np.isfinite(end):
            aways = sign * (end - one), sign * (end - other)
            below = [_log_below(away, first.scale) for away in aways]
            ratios.append(below[0] - below[1])
        else:
            # Without an end, the ratio far out there.
            ratios.append(sign * (other - one) / first.scale)
    return ReleaseLoss(moved, float(max(ratios)), float(-min(ratios)))


def _number(release):
    return float(np.ravel(release.value)[0])


def _log_below(away, scale):
    """Logarithm of the chance that Laplace noise is below."""
    if away <= 0:
        return away / scale - np.log(2)
    return np.log1p(-np.exp(-away / scale) / 2)


def _bounded_laplace(first, second, released):
    """Noise is drawn until the output is within the bounds."""
    moved = float(_gap(first, second).sum())
    if first.scale == 0 or not np.isfinite(moved):
        return ReleaseLoss(moved, _over(moved, first.scale))
    # Values are moved into the bounds before.
    one, other = (np.clip(_number(r), *first.bounds) for r in (first, second))
    lower, upper = first.bounds
    inside = [
        np.log1p(
            -(np.exp((lower - v) / first.scale) + np.exp((v - upper) / first.scale)) / 2
        )
        for v in (one, other)
    ]
    apart, more = abs(one - other) / first.scale, inside[1] - inside[0]
    return ReleaseLoss(moved, float(apart + more), float(apart - more))


def _gaussian(first, second, released):
    moved = float(np.linalg.norm(_gap(first, second)))
    return ReleaseLoss(moved, mu=_over(moved, first.scale))


def _randomized_response(first, second, released):
    moved = int((np.asarray(first.value) != np.asarray(second.value)).sum())
    lies = first.bounds[1] - first.bounds[0]
    chance = 1 / (1 + lies * np.exp(-first.scale))
    return ReleaseLoss(float(moved), moved * first.scale, chance=chance**moved)


def _choice(first, second, released, log_chances=log_softmax):
    one, other = (np.atleast_2d(np.asarray(r.value, float)) for r in (first, second))
    up = np.maximum(one - other, 0).max(axis=1)
    down = np.maximum(other - one, 0).max(axis=1)
    moved = up + down if first.is_monotonic else np.maximum(up, down)
    if first.scale == 0:
        return ReleaseLoss(float(moved.max()), _over(moved.max(), 0))
    logs = [log_chances(v / first.scale, axis=1) for v in (one, other)]
    with np.errstate(invalid="ignore"):
        ratios = np.where(logs[0] == logs[1], 0.0, logs[0] - logs[1])
    epsilons = (float(one.max(axis=1).sum()) for one in (ratios, -ratios))
    return ReleaseLoss(float(moved.max()), *epsilons)


def permute_and_flip_chances(scores, axis=1) -> np.ndarray:
    r"""Logarithms of the chances of candidates under permute-and-flip.

    It is the largest of the scores with exponential noise. With :math:`q_j =
    e^{s_j - \max s}`,

    .. math:: p_i = q_i \int_0^1 \prod_{j \ne i} (1 - u\,q_j)\,du.

    Parameters
    ----------
    scores : ndarray of shape (n_choices, n_candidates)
        In units of the noise.

    axis : int, default=1
        Of the candidates; no other.

    Returns
    -------
    log_chances : ndarray of shape (n_choices, n_candidates)

    Examples
    --------
    A coin decides between two; a score less by 1 is flipped for.

    >>> np.exp(permute_and_flip_chances(np.zeros((1, 2))))
    array([[0.5, 0.5]])
    >>> np.exp(permute_and_flip_chances(np.array([[0.0, -1.0]]))).round(4)
    array([[0.8161, 0.1839]])
    """
    away = scores - scores.max(axis=axis, keepdims=True)
    left = 1 - LEVELS[:, None, None] * np.exp(away)
    rest = np.stack(
        [np.delete(left, i, axis=2).prod(axis=2) for i in range(scores.shape[1])],
        axis=2,
    )
    return away + np.log(np.tensordot(WEIGHTS, rest, axes=1))


def _permute_and_flip(first, second, released):
    return _choice(first, second, released, permute_and_flip_chances)


def _labeled_tree(first, second, released):
    """Draw a tree and the classes of its leaves, by how many records it gets right.

    Leaf by leaf, a class may get one right more than with the neighbor's records: the
    classes for which most do are the output with the largest ratio.
    """
    blocks = zip(first.value.counts(), second.value.counts(), strict=True)
    most, least, weights = 0, 0, []
    for one, other in blocks:
        most = max(most, (one - other).max(axis=2).sum(axis=1).max())
        least = min(least, (one - other).min(axis=2).sum(axis=1).min())
        weights.append(
            [log_weights(counts, 2 / first.scale) for counts in (one, other)]
        )
    ones, others = (
        logsumexp(np.concatenate(part)) for part in zip(*weights, strict=True)
    )
    ends = most / first.scale - ones + others, -least / first.scale + ones - others
    return ReleaseLoss(float(max(most, -least)), *map(float, ends))


def _bingham(first, second, released):
    """Their constants aside, densities have the spread of a form between them."""
    values = np.linalg.eigvalsh(np.asarray(first.value) - np.asarray(second.value))
    moved = float(np.abs(values).max())
    spread = float(values.max() - values.min()) / first.scale
    return ReleaseLoss(moved, spread=spread)


def _noisy_objective(first, second, released):
    """Noise that has its optimum there has the gradient of the rest, turned around.

    How it is weighed against the curvature, which is another one on either data set,
    depends on where the optimum is; without the law of that, gradients are compared.
    """
    gradients = [one.value.gradient(released) for one in (first, second)]
    moved = float(np.linalg.norm(gradients[0] - gradients[1]))
    return ReleaseLoss(moved, np.nan)


def _vector(first, second, released):
    """Log ratio of the densities of an optimum: of its noise, and of its curvature.

    Any weights may be the optimum: besides those that were, some along the direction in
    which the neighbor pulls are looked at.
    """
    objectives = first.value, second.value
    pulls = [one.gradient(released.optimum) for one in objectives]
    apart = pulls[0] - pulls[1]
    moved = float(np.linalg.norm(apart))
    along = REACHES[:, None] * apart / max(moved, 1e-300)
    places = np.vstack([released.optimum, along, -along])
    ratios = np.array([_log_ratio(objectives, one, first.scale) for one in places])
    epsilons = (
        max(float(one.max()) - SLACK_OF_DIFFERENCES, 0.0) for one in (ratios, -ratios)
    )
    return ReleaseLoss(moved, *epsilons)


def _log_ratio(objectives, weights, scale):
    lengths = [np.linalg.norm(one.gradient(weights)) for one in objectives]
    curvature = [one.log_curvature(weights) for one in objectives]
    if not np.isfinite(curvature).all():
        # Flat, to what differences show: there is no optimum here.
        return 0.0
    return (lengths[1] - lengths[0]) / scale + curvature[0] - curvature[1]


def _unknown(first, second, released):
    try:
        moved = float(_gap(first, second).sum())
    except (TypeError, ValueError):
        # No numbers: nothing says how far apart they are.
        moved = 0.0
    return ReleaseLoss(moved, np.nan)


LAWS = {
    "laplace": _laplace,
    "geometric": _geometric,
    "truncated_laplace": _truncated_laplace,
    "bounded_laplace": _bounded_laplace,
    "gaussian": _gaussian,
    "randomized_response": _randomized_response,
    "choice": _choice,
    "permute_and_flip": _permute_and_flip,
    "labeled_tree": _labeled_tree,
    "bingham": _bingham,
    "noisy_objective": _noisy_objective,
    "vector": _vector,
}
