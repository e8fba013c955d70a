"""What estimators have in common that several parties fit together."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, MetaEstimatorMixin, is_regressor
from sklearn.pipeline import Pipeline
from sklearn.utils import (
    _safe_indexing,
    check_consistent_length,
    check_random_state,
    get_tags,
)
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from skprivacy._validation import as_table
from skprivacy.dp._public import public_bounds
from skprivacy.federated._fixed_point import MOST_FRACTION_BITS
from skprivacy.federated._learning import (
    check_learnable,
    learn,
    n_private_sums,
    takes_tables,
    target_of,
)
from skprivacy.federated._local_engine import LocalEngine, is_known
from skprivacy.federated._plan import check_id
from skprivacy.federated._record_privacy import RecordPrivacy

__all__ = ["BaseFederated", "has"]

#: Below, a secure sum hides nothing.
FEWEST_SECURE = 3


def has(method):
    """Return a check that the estimator has a method, for `available_if`."""
    return lambda self: hasattr(getattr(self, "estimator_", self.estimator), method)


class BaseFederated(MetaEstimatorMixin, BaseEstimator):
    """Split the records by client, and learn by sums over the clients."""

    # The groups of a fit are the clients: a grid search hands them on.
    __metadata_request__fit = {"groups": True}

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"])],
        "n_rounds": [
            StrOptions({"auto"}),
            Interval(Integral, 1, None, closed="left"),
        ],
        "aggregation": [StrOptions({"secure", "plain"})],
        "engine": [StrOptions({"local", "flower"})],
        "min_clients": [Interval(Integral, 1, None, closed="left")],
        "fraction_bits": [Interval(Integral, 8, MOST_FRACTION_BITS, closed="both")],
        "bounds": "no_validation",
        "dropouts": [dict, None],
        "privacy": [RecordPrivacy, None],
        "random_state": ["random_state"],
    }

    def _fit(self, X, y, groups, *, classes=None, y_bounds=None):
        if self.engine != "local":
            raise ValueError(
                'fit takes the records of all clients, which engine="flower" leaves '
                "where they are: build apps by skprivacy.federated.flower.client_app "
                'and server_app, or fit with engine="local".'
            )
        self._check_learnable()
        X, y = self._check_records(X, y, groups)
        privacy = self._noise_plan()
        bounds = _checked_bounds(self.bounds, X)
        if y_bounds is not None:
            y_bounds = _checked_bounds(y_bounds, y[:, None], "y_bounds")
        engine = LocalEngine(
            _split(X, y, groups),
            aggregation=self.aggregation,
            fraction_bits=self.fraction_bits,
            min_clients=self.min_clients,
            bounds=bounds,
            y_bounds=y_bounds,
            is_table=takes_tables(self.estimator),
            dropouts=self.dropouts,
            is_private=privacy is not None,
        )
        self.estimator_ = learn(
            self.estimator,
            engine,
            classes=classes,
            bounds=bounds,
            y_bounds=y_bounds,
            privacy=privacy,
            max_rounds=None if self.n_rounds == "auto" else int(self.n_rounds),
            seed=int(check_random_state(self.random_state).randint(2**31 - 1)),
        )
        # Those that take tables have names already.
        if hasattr(self, "feature_names_in_") and not takes_tables(self.estimator):
            _first_step(self.estimator_).feature_names_in_ = self.feature_names_in_
        self.clients_ = tuple(engine.clients)
        self.failed_clients_ = engine.failed
        self.n_rounds_, self.bytes_sent_ = engine.n_rounds, engine.bytes_sent
        self.privacy_guarantee_ = None if privacy is None else privacy.guarantee()
        return self

    def _check_learnable(self):
        """Refuse what can't be fitted, before any client is asked."""
        self._check_estimator()
        check_learnable(self.estimator)
        self._check_min_clients()
        if self.bounds is not None and takes_tables(self.estimator):
            raise ValueError(
                "bounds must be None where columns may hold texts: the first step of "
                f"{self.estimator!r} takes such."
            )

    def _noise_plan(self):
        """Return how much noise clients add; None without `privacy`.

        Raises
        ------
        ValueError
            If something that it needs is not public, or the sums have no bound.
        """
        if self.privacy is None:
            return None
        n_sums = n_private_sums(self.estimator)
        if self.aggregation != "secure":
            raise ValueError(
                "privacy needs aggregation='secure': who sees each client's vector "
                f"sees a part of the noise alone; got {self.aggregation!r}."
            )
        needed = {"classes": "classes", "numbers": "y_bounds"}
        for name in ("bounds", needed.get(target_of(self.estimator))):
            if name is not None and getattr(self, name) is None:
                raise ValueError(
                    f"{name} must be given, and public, where privacy is; got None."
                )
        return self.privacy.plan(n_sums, self.min_clients, self.fraction_bits)

    def _check_min_clients(self):
        if self.aggregation == "secure" and self.min_clients < FEWEST_SECURE:
            raise ValueError(
                f"min_clients must be {FEWEST_SECURE} at least for "
                f"aggregation='secure': the sum of fewer hides nothing; got "
                f"{self.min_clients}."
            )

    def _check_records(self, X, y, groups):
        """Return records whose values each client checks for itself."""
        if groups is None:
            if self.aggregation == "secure" or self.min_clients > 1:
                raise ValueError(
                    "groups must say which client holds each record: an array of ids. "
                    "Without, all are of one client, which needs aggregation='plain' "
                    f"and min_clients=1; got groups=None, aggregation="
                    f"{self.aggregation!r}, min_clients={self.min_clients}."
                )
            if takes_tables(self.estimator):
                X = self._check_table(X)
            elif y is None and target_of(self.estimator) is None:
                return validate_data(self, X, dtype=np.float64), None
            else:
                X, y = validate_data(
                    self, X, y, dtype=np.float64, y_numeric=is_regressor(self)
                )
        elif takes_tables(self.estimator):
            X = self._check_table(X)
        else:
            X = validate_data(self, X, dtype=np.float64, ensure_all_finite=False)
        target = target_of(self.estimator)
        if target is None:
            return X, None
        if y is None:
            raise ValueError(
                f"y must be given: {type(self.estimator).__name__} requires y to be "
                "passed, but the target y is None."
            )
        y = column_or_1d(y, warn=True)
        check_consistent_length(X, y)
        if target == "numbers":
            return X, _as_numbers(y)
        # Of a missing label the client is told, who fails.
        check_classification_targets(y[is_known(y)])
        return X, y

    def _check_table(self, X, *, reset=True):
        """Return a table that may hold texts, its values untouched."""
        X = as_table(X)
        validate_data(self, X, skip_check_array=True, reset=reset)
        return X

    def predict(self, X):
        """Predict as the fitted model does.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        return self.estimator_.predict(self._as_fitted(X))

    def _as_fitted(self, X):
        """Return finite float64 records, named as those of the fit; or a table."""
        if takes_tables(self.estimator):
            return self._check_table(X, reset=False)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        names = getattr(self, "feature_names_in_", None)
        return X if names is None else pd.DataFrame(X, columns=names)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags.positive_only = inner.input_tags.positive_only
        tags.input_tags.categorical = inner.input_tags.categorical
        tags.non_deterministic = inner.non_deterministic
        return tags


def _checked_bounds(bounds, X, name="bounds"):
    return None if bounds is None else public_bounds(bounds, X, name=name)


def _as_numbers(y):
    """Return labels as numbers; those that are missing stay so."""
    try:
        return np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"y must hold numbers: {error}.") from error


def _split(X, y, groups):
    """Return the records of each client, in the order of the table."""
    if groups is None:
        return {0: (X, y)}
    groups = column_or_1d(groups)
    check_consistent_length(X, groups)
    ids, codes = np.unique(groups, return_inverse=True)
    parts = {}
    for position, client in enumerate(ids.tolist()):
        mine = np.flatnonzero(codes == position)
        own = (_safe_indexing(X, mine), None if y is None else y[mine])
        parts[check_id(client)] = own
    return parts


def _first_step(estimator):
    if not isinstance(estimator, Pipeline):
        return estimator
    steps = [step for _, step in estimator.steps]
    return next(step for step in steps if step is not None and step != "passthrough")
