"""A classifier that says less than it knows."""

import hashlib
import secrets
from numbers import Integral, Real

import numpy as np
from scipy.special import ndtri, softmax
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    _fit_context,
    clone,
    is_classifier,
)
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skprivacy._validation import as_table
from skprivacy.records import hash_records

__all__ = [
    "ProtectedOutput",
    "keep_largest",
    "keyed_normals",
    "round_to_sum",
    "soften",
]

#: Probabilities of 0 have the logarithm of this.
LEAST = np.finfo(float).tiny


def round_to_sum(proba, decimals):
    """Round probabilities so that they still sum to 1.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    decimals : int
        Decimals that are left.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)
        All are rounded down; the steps that are missing from 1 then go to those that
        lost the most, one each.

    Examples
    --------
    >>> round_to_sum(np.array([[0.333, 0.333, 0.334]]), 1)
    array([[0.3, 0.3, 0.4]])
    """
    steps = 10**decimals
    # Whole numbers that are a rounding error off are meant.
    down = np.floor(proba * steps + 1e-9)
    lost = proba * steps - down
    missing = np.round(steps - down.sum(axis=1)).astype(int)
    rank = np.argsort(np.argsort(-lost, axis=1, kind="stable"), axis=1)
    return (down + (rank < missing[:, None])) / steps


def keep_largest(proba, top_k):
    """Spread what the smaller probabilities hold evenly over them.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    top_k : int
        How many are kept.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)

    Examples
    --------
    >>> keep_largest(np.array([[0.61, 0.29, 0.1]]), 1)
    array([[0.61 , 0.195, 0.195]])
    """
    rank = np.argsort(np.argsort(-proba, axis=1, kind="stable"), axis=1)
    hidden = rank >= top_k
    n_hidden = hidden.sum(axis=1, keepdims=True)
    rest = np.where(hidden, proba, 0).sum(axis=1, keepdims=True)
    return np.where(hidden, rest / np.maximum(n_hidden, 1), proba)


def soften(proba, temperature):
    """Divide log-probabilities by a temperature.

    Parameters
    ----------
    proba : ndarray of shape (n_records, n_classes)
        Probabilities.

    temperature : float
        Above 1 they get more alike.

    Returns
    -------
    proba : ndarray of shape (n_records, n_classes)

    Examples
    --------
    >>> soften(np.array([[0.1, 0.9]]), 2).round(2)
    array([[0.25, 0.75]])
    """
    return softmax(np.log(np.maximum(proba, LEAST)) / temperature, axis=1)


def keyed_normals(X, n_columns, key):
    """Draw normal numbers that depend on a record and a key alone.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_features)
        Records.

    n_columns : int
        Numbers for each.

    key : bytes
        The secret, at most 64 bytes. Who does not know it cannot tell the numbers.

    Returns
    -------
    normals : ndarray of shape (n_records, n_columns)
        The same for equal records, wherever they stand.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])
    >>> first, second, third = keyed_normals(X, 1, b"secret")
    >>> bool(first == third), bool(first == second)
    (True, False)
    """
    words = np.empty((len(X), n_columns), dtype=np.uint64)
    for i, record in enumerate(hash_records(X)):
        for at in range(n_columns):
            told = record.tobytes() + at.to_bytes(4, "little")
            digest = hashlib.blake2b(told, digest_size=8, key=key).digest()
            words[i, at] = int.from_bytes(digest, "little")
    return ndtri(((words >> np.uint64(11)) + 0.5) * 2.0**-53)


def _shows_probabilities(self):
    inner = getattr(self, "estimator_", self.estimator)
    return self.method != "label" and hasattr(inner, "predict_proba")


class ProtectedOutput(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier whose answers are coarser, or noisier, than it could give.

    The model inside is trained as ever and holds all that it held: this is for models
    that are asked, not for ones that are given away. No guarantee comes with it.

    Parameters
    ----------
    estimator : estimator
        A classifier.

    method : {"round", "top_k", "label", "temperature", "noise"}, default="round"
        What is done to its probabilities:

        - "round": rounded to `decimals`, so that they still sum to 1;
        - "top_k": only the `top_k` largest are told, the rest is spread evenly;
        - "label": none are told;
        - "temperature": their logarithms are divided by `temperature`;
        - "noise": normal noise of standard deviation `scale` on their logarithms, drawn
          from the record and a secret, so that asking again brings nothing new.

    decimals : int, default=2
        For "round".

    top_k : int, default=1
        For "top_k".

    temperature : float, default=2.0
        For "temperature".

    scale : float, default=0.5
        For "noise".

    random_state : int, RandomState instance or None, default=None
        The secret of "noise". None draws it from the system; a number that others know
        lets them take the noise away.

    Attributes
    ----------
    estimator_ : estimator
        The model inside.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `estimator` is no classifier, or has no ``predict_proba`` and `method` is not
        "label".

    See Also
    --------
    skprivacy.targets.BlackBox : Rounds, and hides, answers of a model that is trained.

    Notes
    -----
    Labels are those of the largest probability that is shown, so that they tell nothing
    which probabilities do not. Rounding makes ties, of which the first class wins.

    Noise is drawn anew for a record that differs in the last digit of any column.
    Whoever averages the answers to many such records takes most of it away.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.defenses import ProtectedOutput
    >>> X, y = load_iris(return_X_y=True)
    >>> model = ProtectedOutput(LogisticRegression(max_iter=1000), decimals=1)
    >>> model.fit(X, y).predict_proba(X[[0, 70, 100]])
    array([[1. , 0. , 0. ],
           [0. , 0.4, 0.6],
           [0. , 0. , 1. ]])
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "method": [StrOptions({"round", "top_k", "label", "temperature", "noise"})],
        "decimals": [Interval(Integral, 0, 15, closed="both")],
        "top_k": [Interval(Integral, 1, None, closed="left")],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "scale": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        method="round",
        *,
        decimals=2,
        top_k=1,
        temperature=2.0,
        scale=0.5,
        random_state=None,
    ):
        self.estimator = estimator
        self.method = method
        self.decimals = decimals
        self.top_k = top_k
        self.temperature = temperature
        self.scale = scale
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **fit_params):
        """Train a clone of the estimator.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Labels.

        **fit_params : dict
            Passed on to the estimator, `sample_weight` among them.

        Returns
        -------
        self : object
        """
        if not is_classifier(self.estimator):
            raise ValueError(
                "estimator must be a classifier, whose probabilities can be told less "
                f"exactly; got {self.estimator!r}."
            )
        self.estimator_ = clone(self.estimator).fit(as_table(X), y, **fit_params)
        if self.method != "label" and not hasattr(self.estimator_, "predict_proba"):
            raise ValueError(
                f"method={self.method!r} needs an estimator with predict_proba; "
                f"{type(self.estimator_).__name__} has none. method='label' needs none."
            )
        self._key = (
            secrets.token_bytes(32)
            if self.random_state is None
            else check_random_state(self.random_state).bytes(32)
        )
        self.privacy_guarantee_ = None
        return self

    @available_if(_shows_probabilities)
    def predict_proba(self, X):
        """Probabilities of the classes, as they are told.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        proba = self.estimator_.predict_proba(X)
        if self.method == "round":
            return round_to_sum(proba, self.decimals)
        if self.method == "top_k":
            return keep_largest(proba, self.top_k)
        if self.method == "temperature":
            return soften(proba, self.temperature)
        noise = keyed_normals(as_table(X), proba.shape[1], self._key)
        logs = np.log(np.maximum(proba, LEAST)) + self.scale * noise
        return softmax(logs, axis=1)

    def predict(self, X):
        """Label of the largest probability that is told.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        if self.method == "label":
            return self.estimator_.predict(X)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    @property
    def classes_(self):
        """Classes."""
        return self.estimator_.classes_

    @property
    def n_features_in_(self):
        """Features that the model takes."""
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the features that the model takes."""
        return self.estimator_.feature_names_in_

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.input_tags.sparse = False
        tags.classifier_tags = inner.classifier_tags
        return tags
