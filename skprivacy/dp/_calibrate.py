"""How much noise a promise needs."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from skprivacy._validation import check_share, check_whole
from skprivacy.dp._gaussian import gaussian_mu
from skprivacy.dp._guarantee import PrivacyGuarantee, check_delta, check_epsilon

__all__ = ["calibrate_noise", "mu_for"]

#: Least noise that is looked for, as the logarithm of a multiple of the sensitivity.
LEAST = np.log(0.1)


def calibrate_noise(
    *,
    epsilon=None,
    delta=None,
    advantage=None,
    tpr=None,
    fpr=None,
    n_releases=1,
    sampling_rate=1.0,
) -> float:
    """Return the least noise with which Gaussian releases keep a promise.

    The promise is one of three: ``epsilon`` at ``delta``; the `advantage` of any
    membership attack; or its `tpr` at an `fpr`.

    Parameters
    ----------
    epsilon, delta : float or None, default=None
        Epsilon above 0, delta from above 0 to below 1.

    advantage : float or None, default=None
        True less false positive rate, above 0 and below 1.

    tpr, fpr : float or None, default=None
        Rates; `fpr` is the smaller.

    n_releases : int, default=1
        Releases about the same records.

    sampling_rate : float, default=1.0
        Chance of each record to be in the sample of a release. Below 1 neighbors are
        those that add or remove a record.

    Returns
    -------
    noise_multiplier : float
        Standard deviation of the noise over the sensitivity.

    Raises
    ------
    ValueError
        If not one promise is given, or it can't be kept.

    Examples
    --------
    >>> from skprivacy.dp import calibrate_noise
    >>> round(calibrate_noise(epsilon=1.0, delta=1e-5), 2)
    3.73
    >>> round(calibrate_noise(tpr=0.02, fpr=0.01, n_releases=100), 1)
    36.7
    """
    n_releases = check_whole(n_releases, "n_releases", 1)
    if not check_share(sampling_rate, "sampling_rate") > 0:
        raise ValueError(
            f"sampling_rate must be above 0, up to 1; got {sampling_rate}."
        )
    promise = {
        "epsilon": epsilon,
        "delta": delta,
        "advantage": advantage,
        "tpr": tpr,
        "fpr": fpr,
    }
    promise = {name: value for name, value in promise.items() if value is not None}
    mu = mu_for(**promise)
    if sampling_rate == 1:
        return float(np.sqrt(n_releases) / mu)
    return _sampled(promise, sampling_rate, n_releases)


def mu_for(**promise) -> float:
    """Return the largest mu of a Gaussian release that keeps a promise.

    Parameters
    ----------
    **promise : float
        Names and values as of :func:`calibrate_noise`.

    Returns
    -------
    mu : float

    Examples
    --------
    >>> round(mu_for(advantage=0.383), 2), round(mu_for(tpr=0.5, fpr=0.5), 2)
    (1.0, 0.0)
    """
    names = set(promise)
    if names == {"epsilon", "delta"}:
        delta = check_delta(promise["delta"])
        if delta == 0:
            raise ValueError(
                "delta must be above 0: Gaussian noise keeps no promise at delta=0."
            )
        return gaussian_mu(check_epsilon(promise["epsilon"]), delta)
    if names == {"advantage"}:
        advantage = _rate("advantage", promise["advantage"])
        return float(2 * ndtri((1 + advantage) / 2))
    if names == {"tpr", "fpr"}:
        tpr, fpr = _rate("tpr", promise["tpr"]), _rate("fpr", promise["fpr"])
        if tpr < fpr:
            raise ValueError(
                f"tpr must be at least fpr, which guessing reaches; got tpr={tpr}, "
                f"fpr={fpr}."
            )
        return float(ndtri(tpr) - ndtri(fpr))
    raise ValueError(
        "one promise must be given: epsilon and delta, advantage, or tpr and fpr; got "
        f"{sorted(names)}."
    )


def _rate(name, value):
    value = check_epsilon(value, name)
    if value >= 1:
        raise ValueError(f"{name} must be below 1; got {value}.")
    return value


def _sampled(promise, rate, n_releases):
    def excess(log_noise):
        guarantee = PrivacyGuarantee.sampled_gaussian(
            np.exp(log_noise), rate, n_releases
        )
        if "epsilon" in promise:
            return guarantee.epsilon(promise["delta"]) - promise["epsilon"]
        if "advantage" in promise:
            return guarantee.advantage() - promise["advantage"]
        return guarantee.max_tpr(promise["fpr"]) - promise["tpr"]

    # Without sampling it takes more noise, and seldom less than the sampled share.
    high = np.log(np.sqrt(n_releases) / mu_for(**promise))
    low = max(high + np.log(rate), LEAST)
    while excess(low) < 0:
        if low <= LEAST:
            return float(np.exp(low))
        low -= 0.5
    found = brentq(excess, low, high, xtol=1e-4)
    # On the safe side of what the search left open.
    while excess(found) > 0:
        found += 1e-4
    return float(np.exp(found))
