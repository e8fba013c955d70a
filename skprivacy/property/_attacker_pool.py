"""The attacker's records: some are asked about, shadow models get the others."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from skprivacy.property._property_words import column_and_value
from skprivacy.property._queries import flip_column
from skprivacy.property._ratio_range import SpreadShares, pool_factor
from skprivacy.property._sampling import largest_size, strata_of
from skprivacy.property._worlds import PropertyWorlds, balanced_rows, checked_property
from skprivacy.records import (
    find_records,
    hash_records,
    join_records,
    split_records,
    take_rows,
)

__all__ = ["AttackerPool", "Shadows"]

#: Most records that the model is asked about, and the part of the rarer group that
#: goes there: what is asked about is in no training set.
MOST_QUERIES, PART_FOR_QUERIES = 1000, 0.2
#: Fewest records with, and without, the property; fewest for a training set.
FEWEST_OF_EACH, FEWEST_TO_TRAIN = 20, 20


@dataclass(frozen=True, eq=False)
class Shadows:
    """Shadow models of one kind of worlds.

    Parameters
    ----------
    models : list of estimators
        Models 2i and 2i + 1 share training records; 4i and 4i + 2 may be of two pools.

    ratios, sizes : ndarray of shape (n_models,)
        Share of the property in each training set, and its records.

    factor : ndarray of shape (n_grid,)
        How much more other models vary, at each share of a grid; see
        :func:`pool_factor`.
    """

    models: list
    ratios: np.ndarray
    sizes: np.ndarray
    factor: np.ndarray


class AttackerPool:
    """The attacker's records, parted in what is asked about and what is trained on.

    Parameters
    ----------
    X, y : table and array
        The records.

    property : tuple, str or callable
        As :func:`audit_property` takes it.

    recipe : estimator
        Unfitted model.

    random : RandomState
        Source of randomness.

    Attributes
    ----------
    base_rate : float
        Share of the property.

    queries, flipped : table of shape (n_queries, n_features)
        What is asked; the same with the property turned round, or None.

    query_strata : ndarray of int of shape (n_queries,)
        Kind of each query.
    """

    def __init__(self, X, y, property, recipe, random):
        self.property = property
        self.recipe = recipe
        records = join_records(X, y)
        self.label = records.columns[-1] if isinstance(records, pd.DataFrame) else -1
        mask = checked_property(property, records)
        _check_groups(mask)
        self.base_rate = float(mask.mean())
        X, y = split_records(records, self.label)
        self.is_classifier = is_classifier(recipe)
        classes = np.zeros(len(y), dtype=int)
        if self.is_classifier:
            classes = np.unique(y, return_inverse=True)[1]
        strata = strata_of(mask, classes)
        aside = balanced_rows(mask, _n_queries(mask), random)
        self.queries = take_rows(X, aside)
        self.query_strata = strata[aside]
        self.flipped = flipped_queries(self.queries, property)
        kept = find_records(hash_records(self.queries), hash_records(X)) < 0
        self.records: Any = take_rows(records, np.flatnonzero(kept))
        self.strata = strata[kept]

    def can_hold(self, ends) -> bool:
        """Say whether the shares of the classes can be the same in all worlds."""
        return self.is_classifier and self.largest("label", ends) >= FEWEST_TO_TRAIN

    def largest(self, hold, ends) -> int:
        """Return how many records a training set may have.

        Parameters
        ----------
        hold : {"label"} or None
            Kind of worlds.

        ends : pair of float
            Least and largest share.

        Returns
        -------
        size : int
            Half of what the pool can provide for both: were it all, the training sets
            of the extreme worlds would all be the same.
        """
        return largest_size(self._strata(hold), ends) // 2

    def train(self, hold, ends, sizes, n_models, grid, random, **options) -> Shadows:
        """Train shadow models.

        Parameters
        ----------
        hold : {"label"} or None
            Kind of worlds.

        ends : pair of float
            Least and largest share.

        sizes : sequence of int
            Records in a training set, the largest first.

        n_models : int
            Models of all sizes together.

        grid : ndarray of shape (n_grid,)
            Shares at which `factor` is to be known.

        random : RandomState
            Source of randomness.

        **options : dict
            For :class:`PropertyWorlds`.

        Returns
        -------
        shadows : Shadows
        """
        # Of each size as many of both pools; what does not divide goes to the first.
        each = 4 * (n_models // (4 * len(sizes)))
        numbers = [n_models - each * (len(sizes) - 1)] + [each] * (len(sizes) - 1)
        possible = self.largest(hold, ends)
        models, ratios, of_size = [], [], []
        for size, n in zip(sizes, numbers, strict=True):
            worlds = PropertyWorlds(
                self.recipe,
                self.property,
                ratios=SpreadShares(*ends),
                n_models=n + -n % 4,
                size=size,
                # Halves of the pool, of which half is taken again, if that will do.
                n_pools=2 if 2 * size <= possible else 1,
                hold=hold,
                label=self.label,
                random_state=random.randint(np.iinfo(np.int32).max),
                **options,
            ).fit(self.records)
            models += worlds.models_
            ratios.append(worlds.ratios_)
            of_size += [worlds.size_] * len(worlds.models_)
        factor = pool_factor(self._strata(hold), grid, of_size[0])
        return Shadows(models, np.concatenate(ratios), np.array(of_size), factor)

    def _strata(self, hold):
        return self.strata if hold == "label" else self.strata % 2


def flipped_queries(queries, property):
    """Return queries with a property of one feature turned round.

    Parameters
    ----------
    queries : table of shape (n_queries, n_features)
        Queries.

    property : tuple, str or callable
        As :func:`audit_property` takes it.

    Returns
    -------
    flipped : table of shape (n_queries, n_features), or None
        Who has the value gets the most frequent other one; all others get the value.
    """
    found = column_and_value(property)
    if found is None:
        return None
    column, value = found
    if isinstance(queries, pd.DataFrame):
        if column not in queries.columns:  # the label
            return None
        values = queries[column]
    else:
        column = column % (queries.shape[1] + 1)
        if column == queries.shape[1]:
            return None
        values = pd.Series(queries[:, column])
    others = values[values != value].dropna()
    if others.empty or len(others) == len(values):
        return None
    return flip_column(queries, column, (value, others.mode().iloc[0]))


def _check_groups(mask):
    for name, n in (("with", mask.sum()), ("without", (~mask).sum())):
        if n < FEWEST_OF_EACH:
            raise ValueError(
                f"property: the pool has {int(n)} records {name} it; at least "
                f"{FEWEST_OF_EACH} are needed."
            )


def _n_queries(mask):
    rarer = min(mask.sum(), (~mask).sum())
    return int(min(MOST_QUERIES, 2 * int(PART_FOR_QUERIES * rarer)))
