"""Naive Bayes on counts and categories."""

from math import sqrt

import numpy as np
from sklearn.naive_bayes import BernoulliNB
from sklearn.preprocessing import binarize

from skprivacy.federated._learners._columns import counted
from skprivacy.federated._learners._learner import Phase, SumLearner
from skprivacy.federated._learners._order_search import OrderSearch

__all__ = ["CATEGORICAL_NB", "COUNT_NB"]

#: Below, an alpha is taken for this unless `force_alpha`.
LEAST_ALPHA = 1e-10


def units(estimator, public):
    """Return what columns are divided by: where records are private, their ends.

    Raises
    ------
    ValueError
        If the ends are negative, and columns are no counts then.
    """
    is_binary = isinstance(estimator, BernoulliNB) and estimator.binarize is not None
    if public.get("privacy") is None or is_binary:
        return 1.0
    lower, upper = public["bounds"]
    if np.min(lower) < 0:
        raise ValueError(
            f"bounds must not be negative for {type(estimator).__name__}; got "
            f"{np.min(lower)}."
        )
    return np.where(upper > 0, upper, 1.0)


class ClassSums(Phase):
    """Records and column sums of each class."""

    def vector(self, estimator, X, y, public):
        """Add them up."""
        if isinstance(estimator, BernoulliNB) and estimator.binarize is not None:
            X = binarize(X, threshold=estimator.binarize)
        if X.size and X.min() < 0:
            raise ValueError("Negative values in data: there must be counts.")
        member = np.eye(len(public["classes"]))[y]
        X = X / units(estimator, public)
        return np.concatenate([member.sum(axis=0), (member.T @ X).ravel()])

    def record_norm(self, estimator, public):
        """One, and columns of at most one, in the record's class."""
        units(estimator, public)  # refuses negative ends
        return sqrt(1 + public["n_features"])

    def update(self, estimator, total, public):
        """Return them."""
        n_classes = len(public["classes"])
        counts = counted(total[:n_classes], public)
        sums = total[n_classes:].reshape(n_classes, -1)
        if "noise" in public:
            sums = np.clip(sums, 0.0, counts[:, None])
        return {"counts": counts, "sums": sums * units(estimator, public)}


def finish_counts(model, public):
    """Fit to one record a class, which weighs as much as all of its records."""
    present = public["counts"] > 0
    counts = public["counts"][present]
    means = np.maximum(public["sums"][present], 0.0) / counts[:, None]
    is_binary = isinstance(model, BernoulliNB)
    threshold = model.binarize if is_binary else None
    if is_binary:
        model.set_params(binarize=None)
    model.fit(means, public["classes"][present], sample_weight=counts)
    if is_binary:
        model.set_params(binarize=threshold)


class CategoryCounts(Phase):
    """Records of each class and category, column by column."""

    def vector(self, estimator, X, y, public):
        """Count."""
        n_classes, sizes = len(public["classes"]), n_categories(estimator, public)
        codes = X.astype(int)
        if (codes != X).any() or codes.min() < 0:
            raise ValueError("categories must be whole numbers from 0.")
        parts = [np.bincount(y, minlength=n_classes)]
        for column, size in zip(codes.T, sizes, strict=True):
            cells = np.bincount(y * size + column, minlength=n_classes * size)
            parts.append(cells)
        return np.concatenate(parts).astype(float)

    def update(self, estimator, total, public):
        """Return the counts."""
        n_classes = len(public["classes"])
        sizes = n_categories(estimator, public)
        cells = np.split(np.rint(total), np.cumsum([n_classes, *sizes * n_classes]))
        return {"counts": cells[0], "cells": np.concatenate(cells[1:-1])}


def n_categories(model, public):
    """Return how many categories each column has."""
    least = model.min_categories
    return np.maximum(public["upper"].astype(int) + 1, 1 if least is None else least)


def check_categorical(model):
    """Refuse what is no number of categories."""
    least = model.min_categories
    if least is not None and np.asarray(least).dtype.kind not in "iu":
        raise ValueError(f"min_categories must be whole numbers; got {least!r}.")


def finish_categories(model, public):
    """Set what a fit sets."""
    present = public["counts"] > 0
    counts, n_classes = public["counts"][present], len(public["classes"])
    model.n_categories_ = n_categories(model, public)
    ends = np.cumsum(model.n_categories_ * n_classes)[:-1]
    cells = [
        part.reshape(n_classes, -1)[present] for part in np.split(public["cells"], ends)
    ]
    alpha = model.alpha if model.force_alpha else max(model.alpha, LEAST_ALPHA)
    model.classes_ = public["classes"][present]
    model.class_count_, model.category_count_ = counts, cells
    with np.errstate(divide="ignore"):
        model.feature_log_prob_ = [
            np.log(part + alpha) - np.log((part + alpha).sum(axis=1, keepdims=True))
            for part in cells
        ]
    prior = counts / counts.sum()
    if model.class_prior is not None:
        prior = np.asarray(model.class_prior, dtype=float)
        if len(prior) != len(counts):
            raise ValueError(
                f"Number of priors must match number of classes: got {len(prior)} for "
                f"{len(counts)}."
            )
    elif not model.fit_prior:
        prior = np.full(len(counts), 1 / len(counts))
    model.class_log_prior_ = np.log(prior)


COUNT_NB = SumLearner((ClassSums(),), finish_counts, "classes")
CATEGORICAL_NB = SumLearner(
    (OrderSearch(), CategoryCounts()),
    finish_categories,
    "classes",
    check_categorical,
)
