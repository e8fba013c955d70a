"""Private runs of which a search releases one: what each promises, and its score."""

import contextvars
import warnings

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skprivacy.dp._approximate import ApproximateDP
from skprivacy.dp._compose import as_renyi
from skprivacy.dp._gaussian import GaussianDP
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._ledger import _IN_USE
from skprivacy.dp._private_prediction import PrivatePredictionClassifier
from skprivacy.dp._random_stopping import orders_of
from skprivacy.dp._release import release_gaussian, release_laplace

__all__ = [
    "check_no_weaker",
    "epsilon_name",
    "fit_unbooked",
    "guarantee_of",
    "noisy_score",
    "scores_of_records",
    "seeded",
]


def fit_unbooked(estimator, X, y):
    """Fit without booking: a search books all its fits at once.

    Parameters
    ----------
    estimator : estimator
        It is fitted in place.

    X, y
        Records.

    Returns
    -------
    estimator : estimator
    """

    def fit():
        _IN_USE.set(None)
        with warnings.catch_warnings():
            # The search says it, once.
            warnings.filterwarnings("ignore", "random_state makes the noise")
            return estimator.fit(X, y)

    return contextvars.copy_context().run(fit)


def seeded(estimator, params, noise):
    """Clone an estimator for a run, with noise of its own.

    Parameters
    ----------
    estimator : estimator
        Unfitted.

    params : dict
        What is searched.

    noise : NoiseSource
        Seeds come from it if it can be drawn again.

    Returns
    -------
    estimator : estimator

    Raises
    ------
    ValueError
        If the estimator has a ledger or a seed of its own.
    """
    run = clone(estimator).set_params(**clone(params, safe=False))
    for name, value in sorted(run.get_params().items()):
        kind = name.rpartition("__")[2]
        if kind == "ledger" and value is not None:
            raise ValueError(
                "estimator must have no ledger: the search books the total of all "
                f"runs. Give the ledger to the search; got {name}={value!r}."
            )
        if kind == "random_state":
            if value is not None:
                raise ValueError(
                    "estimator must have no random_state: the noise of runs has to be "
                    f"independent. Give it to the search; got {name}={value!r}."
                )
            if not noise.is_secure:
                run.set_params(**{name: noise.seed()})
    return run


def guarantee_of(estimator) -> PrivacyGuarantee:
    """Guarantee of a fitted estimator, or of all steps of a pipeline.

    Parameters
    ----------
    estimator : estimator
        Fitted.

    Returns
    -------
    guarantee : PrivacyGuarantee

    Raises
    ------
    TypeError
        If it has none, or it is of answers and not of a fit.
    ValueError
        If it is about a record more or less.
    """
    if isinstance(estimator, Pipeline):
        steps = [
            step for _, step in estimator.steps if step not in (None, "passthrough")
        ]
        # What learns nothing promises everything.
        told = [guarantee_of(step) for step in steps if get_tags(step).requires_fit]
        if told:
            total = told[0]
            for one in told[1:]:
                total = total.compose(one)
            return total
    guarantee = getattr(estimator, "privacy_guarantee_", None)
    if isinstance(estimator, PrivatePredictionClassifier) or guarantee is None:
        raise TypeError(
            "estimator must promise differential privacy of its fit, by its "
            f"privacy_guarantee_, with every step that learns; got {estimator!r}."
        )
    if guarantee.adjacency != "replace":
        raise ValueError(
            "estimator must promise something of neighbors of which one record is "
            "another: with a record more or less its parts to learn from and to score "
            f"by change throughout; got adjacency={guarantee.adjacency!r}."
        )
    return guarantee


def check_no_weaker(guarantee, base, params):
    """Refuse a run that promises less than what the search accounts for.

    Parameters
    ----------
    guarantee, base : PrivacyGuarantee
        Of the run, and of the estimator as it was given.

    params : dict
        Of the run.

    Raises
    ------
    ValueError
        If it does.
    """
    told, most = guarantee.curve, base.curve
    if isinstance(most, GaussianDP):
        kept = isinstance(told, GaussianDP) and told.mu <= most.mu * (1 + 1e-12)
    elif isinstance(most, ApproximateDP):
        kept = isinstance(told, ApproximateDP) and told.at_delta == 0
        kept = kept and told.at_epsilon <= most.at_epsilon * (1 + 1e-12)
    else:
        orders = orders_of(most)
        kept = (as_renyi(told, orders) <= as_renyi(most, orders) + 1e-9).all()
    if not kept:
        raise ValueError(
            "param_distributions must not weaken the guarantee of the estimator, "
            f"{base}; got {guarantee} with {params}. Nothing was released."
        )


def epsilon_name(estimator) -> str:
    """Name of the one parameter that is an epsilon.

    Raises
    ------
    ValueError
        If there is none, or several.
    """
    names = [
        name for name in estimator.get_params() if name.rpartition("__")[2] == "epsilon"
    ]
    if len(names) != 1:
        raise ValueError(
            "epsilon of the search must be None where the estimator has not one "
            f"parameter epsilon but {sorted(names)}: set those."
        )
    return names[0]


def scores_of_records(scoring, estimator, X, y) -> np.ndarray:
    """Score of each record, from 0 to 1.

    Parameters
    ----------
    scoring : callable or None
        None: 1 for a record whose class is predicted.

    estimator : estimator
        Fitted.

    X, y
        Records.

    Returns
    -------
    scores : ndarray of shape (n_records,)

    Raises
    ------
    ValueError
        If there is not one score for each, or no scoring for no classifier.
    """
    if scoring is not None:
        scores = np.asarray(scoring(estimator, X, y), dtype=float)
    elif is_classifier(estimator):
        scores = (np.asarray(estimator.predict(X)) == np.asarray(y)).astype(float)
    else:
        raise ValueError(
            "scoring must be given for an estimator that is no classifier: a function "
            "of an estimator, X and y that returns a score from 0 to 1 for each record."
        )
    if scores.shape != (len(X),):
        raise ValueError(
            "scoring must return one score for each record, as noise is added to their "
            f"mean; got the shape {scores.shape} for {len(X)} records."
        )
    return np.clip(np.nan_to_num(scores), 0.0, 1.0)


def noisy_score(scores, guarantee, noise) -> float:
    """Mean of scores, with noise that promises what a guarantee does.

    Parameters
    ----------
    scores : ndarray of shape (n_records,)
        From 0 to 1.

    guarantee : PrivacyGuarantee
        That of the fit on other records.

    noise : NoiseSource
        Where noise comes from.

    Returns
    -------
    score : float
        Laplace noise if the guarantee is pure; Gaussian otherwise, of divergences no
        larger at any order.
    """
    curve, sensitivity = guarantee.curve, 1 / len(scores)
    mean = np.array([scores.mean()])
    if isinstance(curve, ApproximateDP):
        return float(release_laplace(mean, sensitivity, curve.at_epsilon, noise)[0])
    if isinstance(curve, GaussianDP):
        mu = curve.mu
    else:
        orders = np.array(orders_of(curve))
        mu = float(np.sqrt((2 * as_renyi(curve, tuple(orders)) / orders).min()))
    return float(release_gaussian(mean, sensitivity, mu, noise)[0])
