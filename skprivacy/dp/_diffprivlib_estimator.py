"""Any model of diffprivlib by its name: made sound, refused, or run as it is."""

import copy

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._base import PrivateFitMixin
from skprivacy.dp._diffprivlib_base import PURE_CONSTRAINTS
from skprivacy.dp._diffprivlib_claims import REFUSED, VIOLATED
from skprivacy.dp._diffprivlib_compat import LoadsLibrary, library_model
from skprivacy.dp._diffprivlib_gaussian_nb import DiffprivlibGaussianNB
from skprivacy.dp._diffprivlib_kmeans import DiffprivlibKMeans
from skprivacy.dp._diffprivlib_linear_regression import DiffprivlibLinearRegression
from skprivacy.dp._diffprivlib_logistic_regression import DiffprivlibLogisticRegression
from skprivacy.dp._diffprivlib_pca import DiffprivlibPCA
from skprivacy.dp._diffprivlib_standard_scaler import DiffprivlibStandardScaler
from skprivacy.dp._guarantee import PrivacyGuarantee

__all__ = ["DiffprivlibEstimator"]

SOUND = {
    "GaussianNB": DiffprivlibGaussianNB,
    "KMeans": DiffprivlibKMeans,
    "LinearRegression": DiffprivlibLinearRegression,
    "LogisticRegression": DiffprivlibLogisticRegression,
    "PCA": DiffprivlibPCA,
    "StandardScaler": DiffprivlibStandardScaler,
}


def _can(method):
    """Say whether the model has a method, before and after it is fitted."""

    def check(self):
        # Trees have what other classifiers have.
        kind = SOUND.get(self.model, DiffprivlibGaussianNB)
        return hasattr(getattr(self, "estimator_", kind), method)

    return check


class DiffprivlibEstimator(PrivateFitMixin, BaseEstimator):
    r"""A model of diffprivlib, with a guarantee that is true or says why it is not.

    Parameters
    ----------
    model : str, default="LogisticRegression"
        Class of ``diffprivlib.models``.

    epsilon : float, default=1.0
        Epsilon of the guarantee, without a delta.

    params : dict or None, default=None
        Other parameters: of the wrapper of that name in this package, such as
        ``data_norm``, `classes`, `bounds`; or, with ``sound="as_is"``, of the library's
        class.

    sound : {"strict", "as_is"}, default="strict"
        "strict": the wrapper, whose claim is true; models of which there is none are
        refused, with the reason. "as_is": the library's own code, and a guarantee
        whose `assumptions` say what violates it.

    ledger : PrivacyLedger or None, default=None
        Books the fit. None: that of the block around it, if any.

    random_state : int, RandomState instance or None, default=None
        None: noise that nobody can draw again. With a seed it hides nothing from who
        knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        What the fit promises, or claims.

    reproducible_ : bool
        Whether the noise can be drawn again.

    estimator_ : estimator
        The wrapper, or the library's model.

    n_features_in_ : int
        Columns.

    Raises
    ------
    ValueError
        If there is no way to make the model's claim true, and `sound` is "strict".
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    skprivacy.dp.DiffprivlibLogisticRegression : A wrapper.
    skprivacy.dp.DPLogisticRegression : One of this package's own models.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skprivacy.dp import DiffprivlibEstimator
    >>> X, y = load_iris(return_X_y=True)
    >>> public = {"bounds": (0, 8), "classes": [0, 1, 2]}
    >>> model = DiffprivlibEstimator("GaussianNB", 2.0, params=public).fit(X, y)
    >>> print(model.privacy_guarantee_)
    epsilon=2 (replace)
    >>> DiffprivlibEstimator("DecisionTreeClassifier", params=public).fit(X, y)
    Traceback (most recent call last):
    ...
    ValueError: diffprivlib's DecisionTreeClassifier is refused: ...
    """

    _parameter_constraints = {
        **{key: PURE_CONSTRAINTS[key] for key in ("epsilon", "ledger", "random_state")},
        "model": [StrOptions(set(VIOLATED))],
        "params": [dict, None],
        "sound": [StrOptions({"strict", "as_is"})],
    }

    def __init__(
        self,
        model="LogisticRegression",
        epsilon=1.0,
        *,
        params=None,
        sound="strict",
        ledger=None,
        random_state=None,
    ):
        self.model = model
        self.epsilon = epsilon
        self.params = params
        self.sound = sound
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Fit the wrapper, or the library's model.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,) or None, default=None
            What is learned, if anything is.

        Returns
        -------
        self : DiffprivlibEstimator
        """
        fit = self._fit_sound if self.sound == "strict" else self._fit_as_is
        self.estimator_ = fit(X, y)
        return self

    def _fit_sound(self, X, y):
        if self.model in REFUSED:
            raise ValueError(
                f"diffprivlib's {self.model} is refused: {REFUSED[self.model]}. Take "
                'another model, or sound="as_is" and a guarantee that does not hold.'
            )
        model = SOUND[self.model](
            epsilon=self.epsilon,
            ledger=self.ledger,
            random_state=self.random_state,
            **(self.params or {}),
        ).fit(X, y)
        validate_data(self, X, skip_check_array=True)
        self.privacy_guarantee_ = model.privacy_guarantee_
        self.reproducible_ = model.reproducible_
        return model

    def _fit_as_is(self, X, y):
        # A copy: not every model leaves alone what it is given.
        X = np.array(validate_data(self, X, dtype=float))
        guarantee = PrivacyGuarantee.pure(
            self.epsilon,
            assumptions=[
                f"claimed by the vendor, violated: {one}"
                for one in VIOLATED[self.model]
            ],
        )
        noise = self._start_private_fit(guarantee)
        seed = None if noise.is_secure else noise.seed()
        model = library_model(
            self.model,
            epsilon=self.epsilon,
            random_state=seed,
            **copy.deepcopy(self.params or {}),
        )
        return model.fit(X) if y is None else model.fit(X, np.array(y))

    def _ask(self, method, X, *more):
        check_is_fitted(self)
        if self.sound == "as_is":
            X = validate_data(self, X, dtype=float, reset=False)
        return getattr(self.estimator_, method)(X, *more)

    @property
    def classes_(self):
        """Classes, of a classifier."""
        return self.estimator_.classes_

    @available_if(_can("predict"))
    def predict(self, X):
        """Return what the model predicts.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        return self._ask("predict", X)

    @available_if(_can("predict_proba"))
    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        # The library fits each class against the others, which newer releases of
        # scikit-learn would take for one model of all.
        each = hasattr(self.estimator_, "_predict_proba_lr")
        return self._ask("_predict_proba_lr" if each else "predict_proba", X)

    @available_if(_can("transform"))
    def transform(self, X):
        """Return what the model makes of records.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        X_new : ndarray of shape (n_records, n_features_out)
        """
        return self._ask("transform", X)

    @available_if(_can("score"))
    def score(self, X, y=None):
        """Return the model's own score.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        y : array-like of shape (n_records,) or None, default=None
            The truth.

        Returns
        -------
        score : float
        """
        return self._ask("score", X, y)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        kind = SOUND.get(self.model, DiffprivlibGaussianNB)().__sklearn_tags__()
        for name in ("estimator_type", "classifier_tags", "regressor_tags"):
            setattr(tags, name, getattr(kind, name))
        tags.transformer_tags = kind.transformer_tags
        tags.target_tags = kind.target_tags
        return tags

    def __getstate__(self):
        return {"_library": LoadsLibrary(), **super().__getstate__()}

    def __setstate__(self, state):
        super().__setstate__(
            {key: value for key, value in state.items() if key != "_library"}
        )
