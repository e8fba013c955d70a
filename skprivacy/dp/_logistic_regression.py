"""Logistic regression by gradients with noise, or an objective with noise."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.dp._approximate_minima import minima_noise, noisy_minimum
from skprivacy.dp._base import PRIVACY_CONSTRAINTS, PrivateFitMixin
from skprivacy.dp._class_answers import ClassAnswersMixin
from skprivacy.dp._descent import (
    CLIP_NORMS,
    STEPS,
    plan_descent,
    private_descent,
    step_length,
)
from skprivacy.dp._guarantee import PrivacyGuarantee
from skprivacy.dp._public import clip_norm, public_classes, public_norm, tell_leak
from skprivacy.dp._sampled_noise import sampled_guarantee

__all__ = ["DPLogisticRegression"]

ASSUMPTION = "the number of records, data_norm and classes are public"


class DPLogisticRegression(
    ClassAnswersMixin, PrivateFitMixin, ClassifierMixin, BaseEstimator
):
    r"""Logistic regression with differential privacy.

    Gradient descent on all records, from 0, with Gaussian noise in every gradient. It
    is one model for any number of classes, and stops while it is still small: which
    takes the place of a penalty. Or, with ``solver="amp"``, the optimum of a penalized
    objective that noise was added to.

    Parameters
    ----------
    epsilon : float, default=1.0
        Epsilon of the guarantee, at `delta`.

    delta : float, default=1e-5
        Above 0; well below one over the number of records.

    data_norm : float or None, default=None
        The longest that a record may be, by the Euclidean norm; longer ones are
        shortened. It must be public knowledge. Bring columns to comparable, public
        scales beforehand.

    classes : array-like or None, default=None
        All classes that a record may be of. They must be public knowledge.

    solver : {"gd", "amp"}, default="gd"
        Gradient descent; or approximate minima perturbation, which has nothing to set:
        `n_iter`, `clip_norm` and `learning_rate` do nothing there.

    n_iter : int or "auto", default="auto"
        Gradients. The noise of each grows with the root of their number, and its share
        in the sum is the same. "auto": 100, and up to 800 where the longest steps would
        otherwise not go as far as noise allows; it depends on what is public alone. Of
        samples it is 100, and the next is 1.

    clip_norm : float or "auto", default="auto"
        The longest gradient of one record, of records scaled to a length of 1 beside a
        constant of 1. "auto": 1, about what it is at the start, and up to 2, the
        longest that there is, where even 400 of the longest steps leave noise to spare;
        it depends on what is public alone.

    learning_rate : float or "auto", default="auto"
        Length of a step. "auto": so that over all steps the noise moves a log-odds by
        3, but no longer than 32, or 64 where even 800 steps leave noise to spare; it
        depends on what is public alone.

    fit_intercept : bool, default=True
        Whether to learn a constant.

    sampling_rate : float or None, default=None
        Chance of each record to be in a gradient, drawn anew for each. None: all are.
        With a rate the guarantee is one of other neighbors, see Notes.

    n_records : int or None, default=None
        How many records there are, about. With a `sampling_rate` it must be public
        knowledge; without, their number is.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where `data_norm` or `classes` are not given, and would be read off
        the data.

    ledger : PrivacyLedger or None, default=None
        Books the fit. None: that of the block around it, if any.

    random_state : int, RandomState instance or None, default=None
        None: noise that nobody can draw again. With a seed it hides nothing from who
        knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        What the fit promises.

    reproducible_ : bool
        Whether the noise can be drawn again.

    classes_ : ndarray of shape (n_classes,)
        Classes.

    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Weights; of two classes those of the log-odds of the second.

    intercept_ : ndarray of shape (1,) or (n_classes,)
        Constants.

    n_iter_ : int
        Gradients; of "gd" alone.

    clip_norm_ : float
        The longest gradient of one record; of "gd" alone.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If `data_norm` or `classes` are not given, or `n_records` with a
        `sampling_rate`.
    ValueError
        If there is a `sampling_rate` with ``solver="amp"``.
    RuntimeError
        If ``solver="amp"`` does not find the optimum as closely as is accounted for.
    PrivacyBudgetExceeded
        If the ledger has not enough left.

    See Also
    --------
    DPGaussianNB : Needs no scales but bounds.

    Notes
    -----
    Neighbors are data sets of which one record is another; the number of records is
    public. A sum of gradients of length :math:`C` at most differs between neighbors by
    :math:`2 C` at most, so that with noise of standard deviation :math:`2 C \sqrt{T} /
    \mu` in each of :math:`T` sums, all of them together are :math:`\mu`-GDP, whichever
    way each was chosen after the others.

    With a `sampling_rate` neighbors are data sets of which one has a record more
    (``adjacency="add_remove"``), as that is what samples are known to help with: a sum
    changes by :math:`C`, and the distribution of the privacy loss tells how much noise
    it takes. The number of records is not public then. Where one record is another, one
    is taken away and one added: :math:`2 \varepsilon` at :math:`(1 + e^\varepsilon)
    \delta`.

    The objective of ``solver="amp"`` is :math:`\sum_i \ell_i(w) + \Lambda |w|^2 / 2 +
    b \cdot w` with Gaussian :math:`b`. The privacy loss of its optimum is no more than
    the logarithm by which a record changes the determinant of the Hessian, known
    beforehand, and what its gradient adds to the noise. What the solver finds has a
    gradient no longer than what is accounted for, or `fit` raises; noise hides how far
    it is from the optimum. The curve that is kept is never above the constants of the
    paper's theorem, which hold for two classes.

    References
    ----------
    R. Bassily, A. Smith, A. Thakurta. "Private empirical risk minimization: efficient
    algorithms and tight error bounds". FOCS 2014; accounting by J. Dong, A. Roth, W. J.
    Su. "Gaussian differential privacy". JRSS B 2022. ``solver="amp"``: R. Iyengar, J.
    P. Near, D. Song, O. Thakkar, A. Thakurta, L. Wang. "Towards practical
    differentially private convex optimization". IEEE S&P 2019, algorithm 1.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.preprocessing import minmax_scale
    >>> from skprivacy.dp import DPLogisticRegression
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> X = minmax_scale(X, (-1, 1))  # as if the ends were known to everybody
    >>> model = DPLogisticRegression(epsilon=5.0, data_norm=5.0, classes=[0, 1])
    >>> model.fit(X, y).score(X, y) > 0.8
    True
    >>> print(model.privacy_guarantee_)
    epsilon=5 at delta=1e-05 (1.121-GDP, replace)
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "data_norm": [Interval(Real, 0, None, closed="neither"), None],
        "classes": ["array-like", None],
        "n_iter": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
        "clip_norm": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
        "learning_rate": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"auto"}),
        ],
        "fit_intercept": ["boolean"],
        "solver": [StrOptions({"gd", "amp"})],
        "sampling_rate": [Interval(Real, 0, 1, closed="right"), None],
        "n_records": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=1e-5,
        *,
        data_norm=None,
        classes=None,
        solver="gd",
        n_iter="auto",
        clip_norm="auto",
        learning_rate="auto",
        fit_intercept=True,
        sampling_rate=None,
        n_records=None,
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.data_norm = data_norm
        self.classes = classes
        self.solver = solver
        self.n_iter = n_iter
        self.clip_norm = clip_norm
        self.learning_rate = learning_rate
        self.fit_intercept = fit_intercept
        self.sampling_rate = sampling_rate
        self.n_records = n_records
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Learn weights with noise.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records. What is longer than `data_norm` is shortened.

        y : array-like of shape (n_records,)
            Classes.

        Returns
        -------
        self : DPLogisticRegression
        """
        if self.solver == "amp" and self.sampling_rate is not None:
            raise ValueError(
                'sampling_rate must be None with solver="amp", which learns of all '
                f"records at once; got {self.sampling_rate!r}."
            )
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        classes = public_classes(self.classes, y, self.on_leak)
        norm = public_norm(self.data_norm, X, self.on_leak)
        records = clip_norm(X, norm) / norm
        if self.fit_intercept:
            records = np.column_stack([records, np.ones(len(X))])
        codes = np.searchsorted(classes, y)
        if self.solver == "amp":
            weights = self._perturb(records, codes, len(classes))
        elif self.sampling_rate is None:
            weights = self._descend(records, np.eye(len(classes))[codes])
        else:
            weights = self._descend_samples(records, np.eye(len(classes))[codes])
        self.classes_ = classes
        self._keep(weights, norm)
        return self

    def _descend(self, records, own):
        mu, noise = self._start_gaussian_fit(ASSUMPTION)
        step = self._plan(mu, len(records))
        # Of one record another: both gradients may be as long as that.
        each, sensitivity = mu / np.sqrt(self.n_iter_), 2 * self.clip_norm_
        how = {"sensitivity": sensitivity, "mu": each, "n_summed": len(records)}
        return private_descent(
            records, own, noise, self.n_iter_, self.clip_norm_, step, **how
        )

    def _plan(self, mu, n_records):
        """Choose number, reach and length of the steps, by what is public alone."""
        self.n_iter_, self.clip_norm_, step = plan_descent(
            mu, n_records, self.n_iter, self.clip_norm, self.learning_rate
        )
        return step

    def _descend_samples(self, records, own):
        n_records = self.n_records
        if n_records is None:
            tell_leak(
                "n_records must be given with a sampling_rate: neighbors have a record "
                "more or less, and how many there are tells of it. Say about how many, "
                "by what everybody knows.",
                self.on_leak,
            )
            n_records = len(records)
        # Noise depends on their number, by no formula that could be turned around.
        self.n_iter_ = STEPS[0] if self.n_iter == "auto" else self.n_iter
        self.clip_norm_ = CLIP_NORMS[0] if self.clip_norm == "auto" else self.clip_norm
        multiplier, guarantee = sampled_guarantee(
            self.epsilon,
            self.delta,
            self.n_iter_,
            self.sampling_rate,
            ("n_records, data_norm and classes are public",),
        )
        noise = self._start_private_fit(guarantee)
        n_summed = self.sampling_rate * n_records
        how = {"sensitivity": self.clip_norm_, "mu": 1 / multiplier}
        how |= {"rate": self.sampling_rate, "n_summed": n_summed}
        step = self.learning_rate
        if step == "auto":
            step = step_length(multiplier * self.clip_norm_, self.n_iter_, n_summed)
        return private_descent(
            records, own, noise, self.n_iter_, self.clip_norm_, step, **how
        )

    def _perturb(self, records, codes, n_classes):
        longest = np.sqrt(1.0 + self.fit_intercept)
        drawn = minima_noise(self.epsilon, self.delta, longest, n_classes)
        guarantee = PrivacyGuarantee(
            drawn.curve, assumptions=(ASSUMPTION,), stated_delta=self.delta
        )
        noise = self._start_private_fit(guarantee)
        return noisy_minimum(records, codes, n_classes, drawn, noise)

    def _keep(self, weights, norm):
        if weights.shape[1] == 2:
            weights = weights[:, 1:] - weights[:, :1]
        n_features = self.n_features_in_
        self.coef_ = weights[:n_features].T / norm
        self.intercept_ = np.zeros(weights.shape[1])
        if self.fit_intercept:
            self.intercept_ = weights[-1]

    def decision_function(self, X):
        """Score the classes.

        Parameters
        ----------
        X : array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        scores : ndarray of shape (n_records,) or (n_records, n_classes)
            Of two classes the log-odds of the second.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        scores = self._linear_scores(X)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def _linear_scores(self, X):
        return X @ self.coef_.T + self.intercept_

    def _log_scores(self, X):
        scores = self._linear_scores(X)
        if scores.shape[1] == 1:
            return np.column_stack([np.zeros(len(scores)), scores])
        return scores
