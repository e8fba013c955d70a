"""Nearest neighbors: one search among all records serves all models.

The neighbors that a model finds are the first of the search that it was trained on.
"""

import numpy as np
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    NearestNeighbors,
)

from skprivacy.shadow._train import ask, run_shadow, train
from skprivacy.shadow.engines._engine import (
    Engine,
    as_numbers,
    drawn_records,
    is_plain,
    restricted_rows,
    shown,
)

__all__ = ["NEIGHBORS"]

#: Neighbors, times the columns that are averaged, that are held at a time.
MOST_VALUES = 2**20
#: Records that are looked at for ties, and the share of them with one from which on the
#: search of each model has to be done anyway.
N_LOOKED_AT, MANY_TIES = 200, 0.2


def _handles(task):
    if not any(
        is_plain(task, kind) for kind in (KNeighborsClassifier, KNeighborsRegressor)
    ):
        return False
    recipe = task.recipe
    if recipe.metric not in ("minkowski", "euclidean", "manhattan"):
        return False
    if recipe.weights not in ("uniform", "distance") or recipe.p < 1:
        return False
    if recipe.metric_params is not None or np.asarray(task.X).dtype == np.float32:
        return False
    if as_numbers(task.X_asked) is None or len(task.rows) < recipe.n_neighbors:
        return False
    few = restricted_rows(task, np.arange(min(N_LOOKED_AT, len(task.X_asked))))
    unsure = _Search([few]).answer(np.arange(len(few.X_asked)))[1]
    return unsure.mean() <= MANY_TIES


def _run(tasks):
    search = _Search(tasks)
    n_asked = len(search.X_asked)
    answers = np.empty((len(tasks), n_asked, search.targets.shape[1]))
    unsure = np.empty((len(tasks), n_asked), dtype=bool)
    for rows in np.array_split(np.arange(n_asked), search.n_parts()):
        answers[:, rows], unsure[:, rows] = search.answer(rows)
    for task, own, doubtful, drawn in zip(
        tasks, answers, unsure, search.membership, strict=True
    ):
        if drawn.sum() < task.recipe.n_neighbors:
            yield run_shadow(task)
            continue
        yield _result(task, own, np.flatnonzero(doubtful), search, drawn)


def _result(task, own, doubtful, search, drawn):
    needs_model = task.keep_model or len(doubtful)
    model = train(task) if needs_model else None
    if search.classes is None:
        result = shown(task, own[:, 0], model=model)
    else:
        known = np.isin(search.classes, search.classes[search.codes[drawn]])
        classes, own = search.classes[known], own[:, known]
        raw = classes[own.argmax(axis=1)] if task.access.response_ == "label" else own
        result = shown(task, raw, classes, model)
    if len(doubtful):
        few = restricted_rows(task, doubtful)
        result.answers[doubtful] = ask(few, model).answers
    return result


class _Search:
    """Neighbors of what is asked, among the records of all models."""

    def __init__(self, tasks):
        first = tasks[0]
        self.recipe = first.recipe
        self.X, self.X_asked = as_numbers(first.X), as_numbers(first.X_asked)
        self.membership = drawn_records(tasks)
        self.sizes = self.membership.sum(axis=1)
        self.classes = None
        if first.access.response_ == "value":
            self.targets = np.asarray(first.y, dtype=float)[:, None]
        else:
            self.classes, self.codes = np.unique(first.y, return_inverse=True)
            self.targets = np.eye(len(self.classes))[self.codes]
        self.k = self.recipe.n_neighbors
        # One more shows whether the last is tied; the rest is for models with bad luck.
        share = self.membership.mean(axis=1).min()
        wanted = (self.k + 1 + 4 * np.sqrt(self.k + 1)) / max(share, 1e-3)
        self.width = int(min(len(self.X), np.ceil(wanted)))
        self.index = NearestNeighbors(
            algorithm=self.recipe.algorithm,
            leaf_size=self.recipe.leaf_size,
            metric=self.recipe.metric,
            p=self.recipe.p,
        ).fit(self.X)
        # Below, distances of computed products are rounding.
        self.noise = 1e-12 * (self.X**2).sum(axis=1).max()

    def n_parts(self):
        values = len(self.X_asked) * self.width * self.targets.shape[1]
        return int(np.clip(np.ceil(values / MOST_VALUES), 1, len(self.X_asked)))

    def answer(self, rows, width=None):
        """Return the means over neighbors, and where ties leave them open.

        Returns
        -------
        answers : ndarray of shape (n_models, n_rows, n_targets)
        unsure : ndarray of bool of shape (n_models, n_rows)
        """
        width = self.width if width is None else width
        far, near = self.index.kneighbors(self.X_asked[rows], n_neighbors=width)
        enough = np.minimum(self.k + 1, self.sizes)
        answers = np.empty((len(self.membership), len(rows), self.targets.shape[1]))
        unsure = np.empty(answers.shape[:2], dtype=bool)
        short = np.zeros(len(rows), dtype=bool)
        targets = self.targets[near]
        for i, drawn in enumerate(self.membership):
            member = drawn[near]
            rank = np.cumsum(member, axis=1, dtype=np.int32)
            short |= rank[:, -1] < enough[i]
            chosen = member & (rank <= self.k)
            answers[i] = self._means(chosen, far, targets)
            unsure[i] = self._unsure(chosen, rank, far)
        if short.any() and width < len(self.X):
            again = np.flatnonzero(short)
            longer = min(2 * width, len(self.X))
            answers[:, again], unsure[:, again] = self.answer(rows[again], longer)
        return answers, unsure

    def _means(self, chosen, far, targets):
        weights = chosen.astype(float)
        if self.recipe.weights == "distance":
            same = chosen & (far == 0)
            with np.errstate(divide="ignore"):
                weights = np.where(chosen, 1 / far, 0.0)
            weights = np.where(same.any(axis=1, keepdims=True), same, weights)
        total = weights.sum(axis=1)
        return np.einsum("rw,rwt->rt", weights, targets) / total[:, None]

    def _unsure(self, chosen, rank, far):
        """Whether the last of the chosen is as far as the first that is not."""
        last = np.where(chosen, far, -np.inf).max(axis=1)
        following = np.where(rank == self.k + 1, far, np.inf).min(axis=1)
        with np.errstate(invalid="ignore"):
            tied = self._same(last, following)
        if self.recipe.weights == "distance":
            # Of several at no distance, rounding decides the weights.
            tied |= (chosen & self._same(far, np.zeros_like(far))).sum(axis=1) > 1
        return tied

    def _same(self, near, far):
        apart = far**2 - near**2
        return np.abs(apart) <= np.maximum(self.noise, 1e-10 * near**2)


NEIGHBORS = Engine("neighbors", _handles, _run)
