"""Records that each are private by themselves, before anybody collects them."""

from numbers import Real

import numpy as np
import pandas as pd
from sklearn.base import (
    BaseEstimator,
    OneToOneFeatureMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy.dp._base import PRIVACY_CONSTRAINTS
from skprivacy.dp._guarantee import PrivacyGuarantee, check_epsilon
from skprivacy.dp._ledger import ledger_in_use
from skprivacy.dp._noise import NoiseSource
from skprivacy.dp._public import to_unit_range
from skprivacy.dp._public_columns import (
    column_positions,
    is_number,
    names_of,
    number_columns,
    public_categories,
    public_ends,
)
from skprivacy.dp._randomize import (
    choose_noise,
    noise_deviation,
    randomize_codes,
    randomize_numbers,
    unbiased_frequencies,
)
from skprivacy.dp._teachers import checked_table

__all__ = ["LocalRandomizer"]

#: How far apart two numbers can be once their bounds are -1 and 1.
REACH = 2.0


class LocalRandomizer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    r"""Randomizes each record by itself, with local differential privacy.

    Randomized response on categories, Laplace or Gaussian noise on numbers. What comes
    out may be given to anybody: nobody need be trusted with the records themselves.

    Parameters
    ----------
    epsilon : float or dict, default=1.0
        Epsilon of a whole record, divided evenly among its columns; or that of each
        column, by name or position, of which a record has the sum.

    delta : float, default=0.0
        Of a record, from 0 to below 1. Gaussian noise needs one above 0.

    columns : list or None, default=None
        Columns that are randomized, by name or position; all others stay as they are.
        None: all.

    bounds : pair or dict, default=None
        Lower and upper end of numbers: a pair, of numbers or of one for each column of
        numbers; or a pair for each by name or position. They must be public knowledge.

    categories : dict, default=None
        All values of each column that has categories, by name or position; a missing
        value, where there may be one, among them. They must be public knowledge.

    mechanism : {"auto", "randomized_response", "laplace", "gaussian"}, default="auto"
        Noise on numbers. "auto": Laplace, or Gaussian where `delta` allows it and it is
        smaller; "randomized_response": there are none, and each column must have
        categories.

    on_leak : {"raise", "warn"}, default="raise"
        What to do where bounds or categories are not given, and would be read off the
        data.

    ledger : PrivacyLedger or None, default=None
        Books each call of `transform` and `fit_transform`. None: that of the block
        around it, if any.

    random_state : int, RandomState instance or None, default=None
        None: noise that nobody can draw again. With a seed it hides nothing from who
        knows it.

    Attributes
    ----------
    privacy_guarantee_ : PrivacyGuarantee
        Of one call, to each record.

    reproducible_ : bool
        Whether the noise can be drawn again.

    epsilons_ : dict
        Epsilon of each randomized column. With Gaussian noise those of numbers hold
        together, not one by one.

    categories_ : dict
        Categories of each column that has some.

    bounds_ : dict
        Bounds of each column of numbers.

    noise_deviations_ : dict
        Standard deviation of the noise on each column of numbers.

    n_features_in_ : int
        Columns.

    Raises
    ------
    PrivacyLeakError
        If bounds or categories are not given.
    PrivacyBudgetExceeded
        By ``transform``, if the ledger has not enough left.

    See Also
    --------
    DPLogisticRegression : One of the models for records that somebody is trusted with:
        they are far more accurate at the same epsilon.

    Notes
    -----
    Neighbors are data sets of which one record is another, in the randomized columns;
    labels are no part of it unless they are a column. Of :math:`k` categories the true
    one is told with a chance of :math:`e^\varepsilon / (e^\varepsilon + k - 1)`, each
    other one alike. A number between bounds that are :math:`w` apart gets Laplace noise
    of scale :math:`w / \varepsilon`; or all numbers of a record one draw of Gaussian
    noise, by its exact curve.

    `fit` only notes what is public, and costs nothing. Each `transform` draws anew: who
    sees the same record randomized twice has epsilon twice. A pipeline randomizes the
    records that it predicts, too, and each prediction is booked as if it was about the
    same people. The rest of a fitted pipeline, ``pipeline[1:]``, predicts of records as
    they are.

    References
    ----------
    S. L. Warner. "Randomized response: a survey technique for eliminating evasive
    answer bias". JASA 1965; P. Kairouz, K. Bonawitz, D. Ramage. "Discrete distribution
    estimation under local privacy". ICML 2016; B. Balle, Y.-X. Wang. "Improving the
    Gaussian mechanism for differential privacy". ICML 2018.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skprivacy.dp import LocalRandomizer
    >>> X = pd.DataFrame({"smokes": ["yes", *["no"] * 4] * 2000, "age": 40})
    >>> randomizer = LocalRandomizer(
    ...     2.0, bounds={"age": (0, 100)}, categories={"smokes": ["no", "yes"]}
    ... )
    >>> told = randomizer.fit_transform(X)
    >>> print(randomizer.privacy_guarantee_)
    epsilon=2 (replace)
    >>> bool((told["smokes"] == X["smokes"]).mean() < 0.8)
    True
    >>> float(randomizer.estimate_frequencies(told)["smokes"]["yes"].round(1))
    0.2
    """

    _parameter_constraints = {
        **PRIVACY_CONSTRAINTS,
        "epsilon": [Interval(Real, 0, None, closed="neither"), dict],
        "delta": [Interval(Real, 0, 1, closed="left")],
        "columns": ["array-like", None],
        "bounds": "no_validation",
        "categories": [dict, None],
        "mechanism": [
            StrOptions({"auto", "randomized_response", "laplace", "gaussian"})
        ],
    }

    def __init__(
        self,
        epsilon=1.0,
        delta=0.0,
        *,
        columns=None,
        bounds=None,
        categories=None,
        mechanism="auto",
        on_leak="raise",
        ledger=None,
        random_state=None,
    ):
        self.epsilon = epsilon
        self.delta = delta
        self.columns = columns
        self.bounds = bounds
        self.categories = categories
        self.mechanism = mechanism
        self.on_leak = on_leak
        self.ledger = ledger
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Note what is public of the columns. Nothing is released, and nothing booked.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        y : None
            Not used.

        Returns
        -------
        self : LocalRandomizer
        """
        table = checked_table(self, X, reset=True)
        names = names_of(table)
        asked = names if self.columns is None else list(self.columns)
        if not asked:
            raise ValueError("columns must name at least one column; got none.")
        self._positions = column_positions(asked, names, "columns")
        self._declare(table, names)
        if self.bounds_ and self.mechanism == "randomized_response":
            raise ValueError(
                'mechanism="randomized_response" needs categories for each column; '
                f"{list(self.bounds_)} have none."
            )
        self.epsilons_ = self._divided()
        self.privacy_guarantee_ = self._settle_noise(len(names))
        # It says so where noise can be drawn again; none is drawn yet.
        self.reproducible_ = not NoiseSource(self.random_state).is_secure
        return self

    def transform(self, X):
        """Randomize records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records. Numbers outside of the bounds are moved to their ends.

        Returns
        -------
        told : DataFrame or ndarray of shape (n_records, n_features)
            A DataFrame for a DataFrame.

        Raises
        ------
        PrivacyBudgetExceeded
            If the ledger has not enough left.
        ValueError
            If a value is no category, or a number is missing.
        """
        check_is_fitted(self)
        table = checked_table(self, X)
        series = self._series(table)
        codes = {n: one.encode(series[n]) for n, one in self._encoders.items()}
        ends = np.array(list(self.bounds_.values())).reshape(-1, 2)
        numbers = number_columns(series, self.bounds_)
        scaled, center, reach = to_unit_range(numbers, ends[:, 0], ends[:, 1])
        ledger = ledger_in_use(self.ledger)
        if ledger is not None:
            ledger.spend(self.privacy_guarantee_, f"{type(self).__name__}.transform")
        noise = NoiseSource(self.random_state)
        told = {}
        for name, places in codes.items():
            n_categories = len(self.categories_[name])
            drawn = randomize_codes(places, n_categories, self.epsilons_[name], noise)
            told[name] = self._encoders[name].decode(drawn, series[name])
        for j, (name, loss) in enumerate(self._losses.items()):
            drawn = randomize_numbers(scaled[:, j], REACH, loss, noise, law=self._law)
            told[name] = pd.Series(drawn * reach[j] + center[j], series[name].index)
        return self._put_in(table, told)

    def estimate_frequencies(self, X) -> dict:
        """Estimate how frequent categories were before records were randomized.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Randomized records.

        Returns
        -------
        frequencies : dict of Series
            For each column of categories the frequency of each. Right on average: of
            few records some may be below 0.
        """
        check_is_fitted(self)
        series = self._series(checked_table(self, X))
        found = {}
        for name, categories in self.categories_.items():
            codes = self._encoders[name].encode(series[name])
            counts = np.bincount(codes, minlength=len(categories))
            frequencies = unbiased_frequencies(counts, self.epsilons_[name])
            found[name] = pd.Series(frequencies, index=categories, name=name)
        return found

    def estimate_means(self, X) -> pd.DataFrame:
        """Estimate the means of numbers before records were randomized.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Randomized records.

        Returns
        -------
        means : DataFrame
            For each column of numbers its "mean", with values outside of the bounds
            moved to their ends, and the "standard_error" that the noise adds to it.
        """
        check_is_fitted(self)
        series = self._series(checked_table(self, X))
        rows = {
            name: (
                float(np.mean(series[name].to_numpy(dtype=float))),
                deviation / np.sqrt(len(series[name])),
            )
            for name, deviation in self.noise_deviations_.items()
        }
        columns = ["mean", "standard_error"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    def _declare(self, table, names):
        """Note bounds and categories of the columns."""
        given = {"categories": self.categories or {}}
        if isinstance(self.bounds, dict):
            given["bounds"] = self.bounds
        for argument, keys in given.items():
            for key in column_positions(keys, names, argument):
                if key not in self._positions:
                    raise ValueError(
                        f"{argument} names the column {key!r}, which is not in columns."
                    )
        categories, series = given["categories"], self._series(table)
        of_numbers = [
            name
            for name, column in series.items()
            if name not in categories and is_number(column)
        ]
        self._encoders = {
            name: public_categories(column, name, categories.get(name), self.on_leak)
            for name, column in series.items()
            if name not in of_numbers
        }
        self.categories_ = {n: one.categories for n, one in self._encoders.items()}
        numbers = number_columns(series, of_numbers)
        self.bounds_ = public_ends(numbers, of_numbers, self.bounds, self.on_leak)

    def _divided(self):
        if not isinstance(self.epsilon, dict):
            each = check_epsilon(self.epsilon) / len(self._positions)
            return dict.fromkeys(self._positions, each)
        if set(self.epsilon) != set(self._positions):
            raise ValueError(
                "epsilon must name each of the randomized columns, "
                f"{list(self._positions)}; got {list(self.epsilon)}."
            )
        return {
            name: check_epsilon(self.epsilon[name], f"epsilon of {name!r}")
            for name in self._positions
        }

    def _settle_noise(self, n_columns):
        """Choose the noise on numbers, and return what all noise promises."""
        shares = np.array([self.epsilons_[name] for name in self.bounds_])
        # As it was given: the parts of it may sum to more, in the last digit.
        total = self.epsilon
        if isinstance(total, dict):
            total = float(sum(total.values()))
        self._law, losses, mu = choose_noise(shares, self.delta, self.mechanism)
        self._losses = dict(zip(self.bounds_, losses.tolist(), strict=True))
        self.noise_deviations_ = {
            name: noise_deviation(REACH, loss)[0]
            * (np.sqrt(2) if self._law == "laplace" else 1.0)
            * (self.bounds_[name][1] - self.bounds_[name][0])
            / REACH
            for name, loss in self._losses.items()
        }
        said = [
            "each record is randomized by itself, once; a second call of transform on "
            "the same records adds as much again",
            "bounds and categories are public",
            "labels are no secret unless they are a column that is randomized",
        ]
        if len(self._positions) < n_columns:
            said.append("the columns that are not randomized are no secret")
        if self._law == "laplace":
            return PrivacyGuarantee.pure(total, assumptions=said)
        if self.categories_:
            return PrivacyGuarantee.approximate(total, self.delta, assumptions=said)
        return PrivacyGuarantee.gaussian(
            mu, assumptions=said, stated_delta=float(self.delta)
        )

    def _series(self, table):
        """Return the randomized columns, each of its own type."""
        if isinstance(table, pd.DataFrame):
            return {n: table.iloc[:, at] for n, at in self._positions.items()}
        return {
            name: pd.Series(table[:, at]).infer_objects()
            for name, at in self._positions.items()
        }

    def _put_in(self, table, told):
        """Return the table with other columns, in its own container."""
        if isinstance(table, pd.DataFrame):
            out = table.copy()
            for name, column in told.items():
                out[table.columns[self._positions[name]]] = column
            return out
        numeric = table.dtype.kind in "biuf" and all(map(is_number, told.values()))
        out = table.astype(float if numeric else object)
        for name, column in told.items():
            out[:, self._positions[name]] = column.to_numpy()
        return out

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
