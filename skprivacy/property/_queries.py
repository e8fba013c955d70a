"""What models answer to chosen records, as numbers."""

import numpy as np
import pandas as pd

from skprivacy._validation import as_table
from skprivacy.records import as_model_input
from skprivacy.targets import BlackBox, align_to_classes

__all__ = ["QueryReader", "answer_numbers", "answer_summary", "flip_column", "unrest"]

#: On the scale of log-odds, a probability of 0 would be infinitely far from the next.
LEAST_PROBABILITY = 1e-4
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
#: Of the usual spread of answers, for those that no shadow model changes.
LEAST_SPREAD = 0.1
#: In spreads: one answer that is farther off would drown all others.
FARTHEST = 4.0


def answer_numbers(answers, response) -> np.ndarray:
    """Lay out answers so that equal steps mean equal changes.

    Parameters
    ----------
    answers : ndarray of shape (n_queries, n_columns)
        From :meth:`BlackBox.query`.

    response : {"proba", "decision", "label", "value"}
        Kind of the answers.

    Returns
    -------
    numbers : ndarray of shape (n_queries, n_numbers)
        Probabilities as logarithms about their mean over the classes, without the
        last class, which follows from the others; of two classes the log-odds of the
        second. All else as it is.

    Examples
    --------
    >>> import numpy as np
    >>> answer_numbers(np.array([[0.5, 0.5], [0.25, 0.75]]), "proba").round(2)
    array([[0. ],
           [1.1]])
    """
    if answers.shape[1] == 2 and response == "decision":
        return answers[:, 1:]
    if response not in ("proba", "label"):
        return answers
    if response == "label":
        return answers[:, 1:]
    logs = np.log(np.clip(answers, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
    if answers.shape[1] == 2:
        return logs[:, 1:] - logs[:, :1]
    return (logs - logs.mean(axis=1, keepdims=True))[:, :-1]


def answer_summary(numbers, strata) -> np.ndarray:
    """Describe how answers are distributed within each kind of query.

    Parameters
    ----------
    numbers : ndarray of shape (n_models, n_queries, n_numbers)
        From :func:`answer_numbers`.

    strata : ndarray of int of shape (n_queries,)
        Kind of each query.

    Returns
    -------
    summary : ndarray of shape (n_models, n_kinds * n_numbers * 7)
        Mean, standard deviation and five quantiles.
    """
    parts = []
    for kind in np.unique(strata):
        part = numbers[:, strata == kind]
        quantiles = np.quantile(part, QUANTILES, axis=1)
        parts += [part.mean(axis=1), part.std(axis=1), *quantiles]
    return np.hstack(parts)


def unrest(distance, spread, strata) -> np.ndarray:
    """Say how much farther a model's answers are from what is usual for some kinds.

    The fewer records of a kind a model was trained on, the farther its answers to that
    kind are scattered about the mean of all models: the variance goes with one over
    the number of records. Whatever scatters all answers alike cancels between kinds:
    above all that the target's owner has other records than the shadow models.

    Parameters
    ----------
    distance : ndarray of shape (n_models, n_queries, n_numbers)
        Answers less the mean of the shadow models.

    spread : ndarray of shape (n_queries, n_numbers)
        Standard deviation of the answers over shadow models.

    strata : ndarray of int of shape (n_queries,)
        Kind of each query.

    Returns
    -------
    unrest : ndarray of shape (n_models, n_kinds * (n_kinds - 1) / 2)
        Logarithm of the mean squared distance in units of the spread: that of one kind
        less that of another, for each pair.
    """
    least = LEAST_SPREAD * np.sqrt(np.mean(spread**2)) + 1e-9
    far = np.abs(distance) / np.maximum(spread, least)
    squares = np.minimum(far, FARTHEST) ** 2
    kinds = np.unique(strata)
    each = [squares[:, strata == kind].mean(axis=(1, 2)) for kind in kinds]
    levels = np.log(np.maximum(each, 1e-9)).T
    first, second = np.triu_indices(len(kinds), k=1)
    return levels[:, first] - levels[:, second]


def flip_column(records, column, values=None):
    """Turn a column of two values into its opposite.

    Parameters
    ----------
    records : DataFrame or ndarray of shape (n_records, n_columns)
        Records.

    column : str or int
        Name of the column, or its position in an array.

    values : pair or None, default=None
        The two values. None: the two most frequent ones. Other values become the
        first.

    Returns
    -------
    flipped : DataFrame or ndarray of shape (n_records, n_columns)
        A copy.

    Raises
    ------
    ValueError
        If there is no such column, or it has one value alone.

    Examples
    --------
    >>> import pandas as pd
    >>> from skprivacy.property import flip_column
    >>> flip_column(pd.DataFrame({"sex": ["f", "m", "f"], "age": [1, 2, 3]}), "sex")
      sex  age
    0   m    1
    1   f    2
    2   m    3
    """
    records = as_table(records, "records")
    flipped = records.copy()
    frame = isinstance(records, pd.DataFrame)
    known = (
        list(records.columns) if frame else range(-records.shape[1], records.shape[1])
    )
    if column not in known:
        raise ValueError(f"column={column!r} is not a column of the records: {known}.")
    held = pd.Series(np.asarray(records[column] if frame else records[:, column]))
    if values is None:
        values = held.value_counts().index[:2].tolist()
        if len(values) < 2:
            raise ValueError(
                f"column {column!r} has one value, {values}: there is nothing to turn "
                "it into."
            )
    if isinstance(values, str) or np.shape(values) != (2,):
        raise ValueError(f"values must be two values, or None; got {values!r}.")
    first, second = values
    turned = held.eq(first).map({True: second, False: first})
    if frame:
        flipped[column] = turned.astype(records[column].dtype).array
    else:
        flipped[:, column] = turned.to_numpy()
    return flipped


class QueryReader:
    """Asks models, and lays out what they answer.

    Parameters
    ----------
    queries, flipped : table of shape (n_queries, n_features)
        What is asked; `flipped` may be None.

    strata : ndarray of int of shape (n_queries,) or None
        Kind of each query.

    target : BlackBox or None
        Whose access holds.
    """

    def __init__(self, queries, flipped, strata, target):
        self.queries = queries
        self.flipped = flipped
        self.strata = strata
        self.target = target

    def fit(self, models):
        """Learn the classes and the usual answers.

        Parameters
        ----------
        models : list of fitted models
            Shadow models.

        Returns
        -------
        self : QueryReader
        """
        boxes = [_boxed(model) for model in models]
        access = boxes[0] if self.target is None else self.target
        self.access = BlackBox(
            len, response=access.response_, decimals=access.decimals, top_k=access.top_k
        )
        self.classes = None
        if access.response_ != "value":
            self.classes = np.unique(np.concatenate([box.classes_ for box in boxes]))
        self.fitted = self._ask(models)
        plain = self.fitted[0]
        self.mean, self.spread = plain.mean(axis=0), plain.std(axis=0)
        return self

    def of_fitted(self) -> dict:
        """Numbers of the models that it was fitted on, which are not asked again.

        Returns
        -------
        blocks : dict of str to ndarray of shape (n_models, n_columns)
        """
        return self._blocks(*self.fitted)

    def read(self, models) -> dict:
        """Numbers of other models.

        Parameters
        ----------
        models : list of fitted models
            Models.

        Returns
        -------
        blocks : dict of str to ndarray of shape (n_models, n_columns)
        """
        return self._blocks(*self._ask(models))

    def names(self) -> dict:
        """Names of the columns of each block; none beside their number.

        Returns
        -------
        names : dict of str to list of str
        """
        return {}

    def _blocks(self, plain, flipped):
        n_models = len(plain)
        blocks = {"answers": plain.reshape(n_models, -1)}
        if flipped is not None:
            blocks["changes"] = (flipped - plain).reshape(n_models, -1)
        if self.strata is not None:
            blocks["summary"] = answer_summary(plain, self.strata)
            if len(self.fitted[0]) > 1 and len(np.unique(self.strata)) > 1:
                distance = plain - self.mean
                blocks["unrest"] = unrest(distance, self.spread, self.strata)
            if flipped is not None:
                change = flipped - plain
                blocks["change_summary"] = answer_summary(change, self.strata)
        return blocks

    def _ask(self, models):
        tables = (self.queries, self.flipped)
        asked = [
            np.stack([self._numbers_of(model, table) for model in models])
            for table in tables
            if table is not None
        ]
        return asked[0], (asked[1] if len(asked) > 1 else None)

    def _numbers_of(self, model, table):
        response = self.access.response_
        box = model
        if not isinstance(model, BlackBox):
            box = self.access.same_access_to(model, self.classes)
        elif box.response_ != response:
            raise ValueError(
                f"X must hold models that answer alike: the first ones answer with "
                f"{response!r}, this one with {box.response_!r}."
            )
        answers = box.query(as_model_input(table, box))
        if self.classes is not None:
            answers = align_to_classes(answers, box.classes_, self.classes, response)
        return answer_numbers(answers, response)


def _boxed(model):
    return model if isinstance(model, BlackBox) else BlackBox(model)
