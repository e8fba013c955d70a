"""A transformer from records to what the target's answers say of them."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy._validation import as_table
from skprivacy.signals._ask import ask
from skprivacy.signals._regression import residual_scale
from skprivacy.signals._table import available_signals, check_signal, compute_signal
from skprivacy.targets import allows_nan, check_target

__all__ = ["TargetSignals"]


class TargetSignals(TransformerMixin, BaseEstimator):
    """Turn records into signals of a target, one named column a signal.

    Put before any classifier in a :class:`~sklearn.pipeline.Pipeline`, it makes a
    membership attack that is trained on the truth (a worst case: cross-validate it).

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack.

    signals : "all" or list of str, default="all"
        Columns to compute; "all" is everything that the target's answers offer:

        - probabilities and decision values: "confidence", "logit" (scaled logit),
          "loss", "entropy", "modified_entropy", "margin", "correctness";
        - labels alone: "loss" (zero-one), "correctness";
        - values: "loss", "absolute_residual", "squared_residual",
          "gaussian_log_likelihood".

    label : str or int, default=-1
        The records' label column.

    Attributes
    ----------
    scale_ : float
        Robust standard deviation of the residuals of the records seen in ``fit``;
        only where "gaussian_log_likelihood" is among the signals.

    n_features_in_ : int
        Columns of the records, the label included.

    feature_names_in_ : ndarray of str
        Their names, where they have any.

    Notes
    -----
    Larger always means "more like a member": losses, entropies and residuals are
    returned with a minus sign.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.signals import TargetSignals
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression(max_iter=1000).fit(X, y)
    >>> records = np.column_stack([X, y])
    >>> signals = TargetSignals(BlackBox(model), signals=["confidence", "correctness"])
    >>> signals.fit_transform(records)[:2].round(2)
    array([[0.98, 1.  ],
           [0.97, 1.  ]])
    """

    _parameter_constraints = {
        "target": "no_validation",
        "signals": [StrOptions({"all"}), list, tuple],
        "label": "no_validation",
    }

    def __init__(self, target, *, signals="all", label=-1):
        self.target = target
        self.signals = signals
        self.label = label

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check target and records; learn the scale of residuals where it is used.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        y : object
            Ignored.

        Returns
        -------
        self : TargetSignals
        """
        box = check_target(self.target)
        X = self._check_records(X, reset=True)
        for name in self._names(box):
            check_signal(name, box.response_)
        if "gaussian_log_likelihood" in self._names(box):
            asked = ask(box, X, self.label)
            self.scale_ = residual_scale(asked.answers[:, 0] - asked.truth)
        return self

    def transform(self, X):
        """Ask the target about records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features + 1)
            Records.

        Returns
        -------
        signals : ndarray of shape (n_records, n_signals)
        """
        check_is_fitted(self)
        box = check_target(self.target)
        X = self._check_records(X, reset=False)
        asked = ask(box, X, self.label)
        scale = getattr(self, "scale_", 1.0)
        columns = [
            compute_signal(name, asked.answers, asked.truth, box.response_, scale)
            for name in self._names(box)
        ]
        return np.column_stack(columns)

    def get_feature_names_out(self, input_features=None):
        """Names of the signals.

        Parameters
        ----------
        input_features : object
            Ignored.

        Returns
        -------
        names : ndarray of str of shape (n_signals,)
        """
        check_is_fitted(self, "n_features_in_")
        return np.asarray(self._names(check_target(self.target)), dtype=object)

    def _names(self, box):
        if isinstance(self.signals, str):
            return available_signals(box.response_)
        return tuple(self.signals)

    def _check_records(self, X, reset):
        table = as_table(X, min_features=2 if reset else 1)
        validate_data(self, X, reset=reset, skip_check_array=True)
        return table

    def __sklearn_is_fitted__(self):
        return hasattr(self, "n_features_in_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = allows_nan(self.target)
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
