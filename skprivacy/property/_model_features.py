"""Turn fitted models into numbers."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from skprivacy._validation import as_table
from skprivacy.property._models import check_models
from skprivacy.property._queries import QueryReader
from skprivacy.property._white_box import WhiteBoxReader
from skprivacy.targets import BlackBox

__all__ = ["ModelFeatures"]

DECIMALS = 9


class ModelFeatures(TransformerMixin, BaseEstimator):
    """Turn each fitted model into a row of numbers that its property may move.

    What is read does not depend on what training permutes: the order of trees, of
    hidden units, of encoded columns.

    Parameters
    ----------
    kind : {"auto", "queries", "parameters", "structure"}, default="auto"
        - "queries": the model's answers (black box; needs `queries`);
        - "parameters": coefficients, intercepts, priors, means and variances, weights
          of a network with its hidden units in a canonical order;
        - "structure": what trees split on, where, and how many records go which way;
        - "auto": everything that can be read; the answers too where `queries` are
          given.

        "parameters" and "structure" also read the steps of a pipeline before the
        model: means of scalers, statistics of imputers, categories of encoders.

    queries : DataFrame or array-like of shape (n_queries, n_features), default=None
        Records that the models are asked about. None of them may be in a training set:
        see ``queries`` of :class:`PropertyWorlds`.

    strata : array-like of int of shape (n_queries,) or None, default=None
        Kind of each query, such as ``worlds.query_strata_``: whether it has the
        property, and its class. Adds how answers are distributed within each kind, and
        how far they are off what is usual: a model has seen more of one kind where
        its answers to it are more settled. None: one kind.

    flipped : DataFrame or array-like of shape (n_queries, n_features), default=None
        The queries with the property turned into its opposite; see
        :func:`flip_column`. Adds what the property changes in each answer.

    target : BlackBox or None, default=None
        Whose access holds for all models: the kind of its answers, their decimals,
        the top k. None: as much as a model gives.

    Attributes
    ----------
    blocks_ : dict of str to slice
        Columns of each kind of number.

    See Also
    --------
    PropertyWorlds : Trains the models.
    PropertyMetaClassifier : Takes it as `features`.

    References
    ----------
    Answers as features: W. Zhang, S. Tople, O. Ohrimenko. "Leakage of dataset
    properties in multi-party machine learning". USENIX Security 2021. Parameters in a
    canonical order: K. Ganju, Q. Wang, W. Yang, C. A. Gunter, N. Borisov. "Property
    inference attacks on fully connected neural networks using permutation invariant
    representations". ACM CCS 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.property import ModelFeatures
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> models = [LogisticRegression().fit(X, y) for y in ([0, 0, 1, 1], [0, 1, 1, 1])]
    >>> features = ModelFeatures("queries", queries=[[1.5], [9.0]]).fit(models)
    >>> features.transform(models).shape
    (2, 2)
    >>> features.get_feature_names_out().tolist()
    ['answers__0', 'answers__1']
    """

    _parameter_constraints = {
        "kind": [StrOptions({"auto", "queries", "parameters", "structure"})],
        "queries": "no_validation",
        "strata": "no_validation",
        "flipped": "no_validation",
        "target": "no_validation",
    }

    def __init__(
        self, kind="auto", *, queries=None, strata=None, flipped=None, target=None
    ):
        self.kind = kind
        self.queries = queries
        self.strata = strata
        self.flipped = flipped
        self.target = target

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Settle the columns; learn what is usual.

        Parameters
        ----------
        X : sequence of fitted models
            Shadow models.

        y : object
            Ignored.

        Returns
        -------
        self : ModelFeatures
        """
        self._fit(X)
        return self

    def fit_transform(self, X, y=None):
        """Fit, and turn the same models into numbers, without asking them twice.

        Parameters
        ----------
        X : sequence of fitted models
            Shadow models.

        y : object
            Ignored.

        Returns
        -------
        numbers : ndarray of shape (n_models, n_features)
        """
        self.fit(X)
        return self._lay_out([reader.of_fitted() for reader in self._readers], len(X))

    def transform(self, X):
        """Turn models into numbers.

        Parameters
        ----------
        X : sequence of fitted models
            Models.

        Returns
        -------
        numbers : ndarray of shape (n_models, n_features)
        """
        check_is_fitted(self)
        models = check_models(X)
        return self._lay_out(
            [reader.read(models) for reader in self._readers], len(models)
        )

    def get_feature_names_out(self, input_features=None):
        """Names of the columns: the kind of number, two underscores, which one.

        Parameters
        ----------
        input_features : object
            Ignored.

        Returns
        -------
        names : ndarray of str
        """
        check_is_fitted(self)
        names = [
            f"{block}__{name}"
            for block, columns in self.blocks_.items()
            for name in self._names[block] or range(columns.stop - columns.start)
        ]
        return np.array(names, dtype=object)

    def _fit(self, X):
        models = check_models(X)
        self._readers = [reader.fit(models) for reader in self._make_readers()]
        blocks = [reader.of_fitted() for reader in self._readers]
        self.blocks_, start = {}, 0
        for name, values in _merged(blocks).items():
            self.blocks_[name] = slice(start, start + values.shape[1])
            start += values.shape[1]
        self._names = dict.fromkeys(self.blocks_)
        for reader in self._readers:
            self._names.update(reader.names())

    def _make_readers(self):
        readers = []
        if self.kind != "queries":
            kinds = ("parameters", "structure") if self.kind == "auto" else (self.kind,)
            optional = self.kind == "auto" and self.queries is not None
            readers.append(WhiteBoxReader(kinds, optional))
        if self.kind == "queries" and self.queries is None:
            raise ValueError(
                'kind="queries" needs queries: records that the models are asked about.'
            )
        if self.kind == "queries" or (self.kind == "auto" and self.queries is not None):
            readers.append(self._query_reader())
        return readers

    def _query_reader(self):
        queries = as_table(self.queries, "queries")
        flipped = self.flipped
        if flipped is not None:
            flipped = as_table(flipped, "flipped")
            if flipped.shape != queries.shape:
                raise ValueError(
                    f"flipped must have the shape of queries, {queries.shape}; got "
                    f"{flipped.shape}."
                )
        strata = self.strata
        if strata is not None:
            strata = np.asarray(strata)
            if strata.shape != (len(queries),):
                raise ValueError(
                    f"strata must have one entry for each of the {len(queries)} "
                    f"queries; got shape {strata.shape}."
                )
        if self.target is not None and not isinstance(self.target, BlackBox):
            raise TypeError(f"target must be a BlackBox or None; got {self.target!r}.")
        return QueryReader(queries, flipped, strata, self.target)

    def _lay_out(self, blocks, n_models):
        blocks = _merged(blocks)
        # Of some models nothing can be read.
        nothing = np.empty((n_models, 0))
        numbers = np.hstack([nothing, *(blocks[name] for name in self.blocks_)])
        # Errors of computing would be heard as loudly as all else once they are scaled.
        return np.round(numbers, DECIMALS)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # Rows of X are fitted models, no numbers.
        tags.input_tags.two_d_array = False
        return tags


def _merged(blocks):
    return {name: values for part in blocks for name, values in part.items()}
