"""Imputation of several columns, one after the other."""

import numpy as np
import pandas as pd

from skprivacy.attribute._candidates import Candidates, candidates_of
from skprivacy.attribute._imputation import Imputer
from skprivacy.inspection import recover_training_values

__all__ = ["Chain", "Pool", "certified_values", "kinds_of", "pool_of"]

#: Steps of a number line that certified values are added to.
LIKELIEST_STEPS = 4
#: Kinds that a column can be.
KINDS = ("auto", "classes", "numeric")
#: Certified values that one step is given.
MOST_CERTIFIED = 4


class Pool:
    """The values that one column is completed with.

    Parameters
    ----------
    steps : Candidates
        What the imputer tells apart: classes, or steps of a number line.

    values : ndarray of shape (n_values,)
        Values, the steps themselves first.

    step : ndarray of int of shape (n_values,)
        Step that each value belongs to.
    """

    def __init__(self, steps, values, step):
        self.steps, self.values, self.step = steps, values, step

    def __len__(self):
        return len(self.values)

    def alike(self, room):
        """Tell which values count as the same.

        Parameters
        ----------
        room : float
            How far numbers may lie apart.

        Returns
        -------
        alike : ndarray of bool of shape (n_values, n_values)
        """
        if not self.steps.numeric:
            return np.eye(len(self), dtype=bool)
        return np.abs(self.values[:, None] - self.values) <= room

    def log_chances(self, of_steps):
        """Divide the chance of each step among its values.

        Parameters
        ----------
        of_steps : ndarray of shape (n_rows, n_steps)
            Log of the chance of each step.

        Returns
        -------
        log_chances : ndarray of shape (n_rows, n_values)
            -inf for certified values outside of the likeliest steps.
        """
        n_steps = len(self.steps)
        if len(self) == n_steps:
            return of_steps
        likely = np.argsort(-of_steps, axis=1, kind="stable")[:, :LIKELIEST_STEPS]
        is_likely = np.zeros(of_steps.shape, dtype=bool)
        np.put_along_axis(is_likely, likely, True, axis=1)
        n_values = np.bincount(self.step, minlength=n_steps)
        shared = of_steps - np.where(is_likely, np.log(n_values), 0.0)
        tried = is_likely[:, self.step]
        tried[:, :n_steps] = True
        return np.where(tried, shared[:, self.step], -np.inf)


def kinds_of(values, n_columns):
    """Kind of each column.

    Parameters
    ----------
    values : str or list of str
        As :class:`~skprivacy.attribute.ReconstructionAttack` takes it.

    n_columns : int
        Columns.

    Returns
    -------
    kinds : list of str

    Raises
    ------
    ValueError
        If it is something else.

    Examples
    --------
    >>> kinds_of("auto", 2)
    ['auto', 'auto']
    """
    kinds = [values] * n_columns if isinstance(values, str) else values
    fits = isinstance(kinds, list | tuple) and len(kinds) == n_columns
    if not fits or not all(isinstance(k, str) and k in KINDS for k in kinds):
        raise ValueError(
            f"values must be one of {KINDS}, or a list of {n_columns} of them, one for "
            f"each sensitive column; got {values!r}."
        )
    return list(kinds)


def pool_of(secret, kind, certified):
    """Collect the values that a column may have.

    Parameters
    ----------
    secret : ndarray of shape (n_records,)
        The attacker's own values.

    kind : {"auto", "classes", "numeric"}
        What the column is.

    certified : ndarray of float
        Numbers that are known to have been in the training set.

    Returns
    -------
    pool : Pool

    Examples
    --------
    >>> pool_of(np.array([1, 2, 2]), "classes", np.array([2.0, 7.0])).values
    array([1, 2, 7])
    """
    steps = candidates_of(secret[:, None], kind)
    own = steps.values[:, 0]
    if not steps.numeric:
        if own.dtype.kind in "iuf":
            fits = certified[certified.astype(own.dtype) == certified]
            own = np.union1d(own, fits.astype(own.dtype))
        steps = Candidates(own[:, None], numeric=False)
        return Pool(steps, own, np.arange(len(own)))
    new = np.setdiff1d(certified, own.astype(float))
    step = steps.encode(new[:, None]) if len(new) else np.zeros(0, dtype=int)
    kept = [_spread(new[step == s], MOST_CERTIFIED) for s in range(len(own))]
    counts = [len(values) for values in kept]
    values = np.concatenate([own.astype(float), *kept])
    of = np.concatenate([np.arange(len(own)), np.repeat(np.arange(len(own)), counts)])
    return Pool(steps, values, of)


def certified_values(model, columns):
    """Numbers that a model's trees certify, for each of some columns.

    Parameters
    ----------
    model : fitted estimator
        A model whose trees can be read.

    columns : sequence of str or int
        Names, or positions among the model's features.

    Returns
    -------
    certified : list of ndarray of float
    """
    if not hasattr(model, "n_features_in_"):
        # A pipeline that does not say what it takes has no columns to speak of.
        return [np.zeros(0) for _ in columns]
    found = recover_training_values(model)
    found = found[found["kind"] == "value"]
    certified = []
    for column in columns:
        if not isinstance(column, str):
            column = f"x{column % model.n_features_in_}"
        of = found.loc[found["feature"] == column, ["low", "high"]].to_numpy(float)
        certified.append(np.unique(of[np.isfinite(of)]))
    return certified


def _spread(values, most):
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).round().astype(int)]


class Chain:
    """Guesses each column from what is known and the columns before it.

    Parameters
    ----------
    pools : list of Pool
        Values of each column.

    estimator : classifier or None
        As :class:`~skprivacy.attribute._imputation.Imputer` takes it.

    random_state : int
        Seed.
    """

    def __init__(self, pools, estimator, random_state):
        self.pools = pools
        self.estimator = estimator
        self.random_state = random_state

    def fit(self, table, secret):
        """Learn from complete records.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_known)
            What is known.

        secret : list of ndarray of shape (n_records,)
            The columns.

        Returns
        -------
        self : Chain
        """
        self._imputers = []
        for j, pool in enumerate(self.pools):
            beside = _beside(table, secret[:j])
            imputer = Imputer(self.estimator, pool.steps, self.random_state)
            # One value alone among these records: its share is all there is to learn.
            only = np.unique(pool.steps.encode(secret[j][:, None]))
            if len(only) > 1:
                self._imputers.append(imputer.fit(beside, secret[j][:, None]))
            else:
                self._imputers.append(_Constant(only[0], len(pool.steps)))
        return self

    def propose(self, table, codes):
        """Log-chances of the next column, given those that are settled.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_known)
            What is known.

        codes : ndarray of int of shape (n_records, n_slots, n_settled)
            What is settled: positions among the pools.

        Returns
        -------
        log_chances : ndarray of shape (n_records, n_slots, n_values)
        """
        n_records, n_slots, j = codes.shape
        flat = codes.reshape(n_records * n_slots, j)
        record = np.repeat(np.arange(n_records), n_slots)
        # Many slots of a record have settled the same: each is asked about once.
        key = np.column_stack([record, flat])
        distinct, place = np.unique(key, axis=0, return_inverse=True)
        rows = distinct[:, 0]
        part = table.iloc[rows] if isinstance(table, pd.DataFrame) else table[rows]
        settled = [p.values[distinct[:, 1 + k]] for k, p in enumerate(self.pools[:j])]
        of_steps = self._imputers[j].log_chances(_beside(part, settled))
        found = self.pools[j].log_chances(of_steps)
        return found[np.ravel(place)].reshape(n_records, n_slots, -1)

    def draw(self, table, n_draws, rng):
        """Draw completions by their chance.

        Parameters
        ----------
        table : DataFrame or ndarray of shape (n_records, n_known)
            What is known.

        n_draws : int
            Completions of each record, independent of each other.

        rng : RandomState
            Source of chance.

        Returns
        -------
        codes : ndarray of int of shape (n_records, n_draws, n_columns)
        """
        codes = np.zeros((len(table), n_draws, 0), dtype=int)
        for _ in self.pools:
            step = self.propose(table, codes)
            # The largest of log-chances with Gumbel noise is drawn by its chance.
            drawn = (step + rng.gumbel(size=step.shape)).argmax(axis=2)
            codes = np.concatenate([codes, drawn[:, :, None]], axis=2)
        return codes

    def log_chance(self, table, codes):
        """Log-chance of completions, (n_records, n_slots, n_columns)."""
        total = np.zeros(codes.shape[:2])
        for j in range(codes.shape[2]):
            step = self.propose(table, codes[:, :, :j])
            total += np.take_along_axis(step, codes[:, :, j : j + 1], axis=2)[:, :, 0]
        return total

    def fill(self, table, codes):
        """Settle the columns that are open by the best guess, one after the other."""
        while codes.shape[2] < len(self.pools):
            best = self.propose(table, codes).argmax(axis=2)
            codes = np.concatenate([codes, best[:, :, None]], axis=2)
        return codes


class _Constant:
    def __init__(self, code, n_values):
        self._code, self._n_values = code, n_values

    def log_chances(self, table):
        chances = np.full((len(table), self._n_values), LEAST)
        chances[:, self._code] = 0.0
        return chances


#: Log-chance of a value that none of the records had.
LEAST = np.log(1e-4)


def _beside(table, columns):
    if not columns:
        return table
    if isinstance(table, pd.DataFrame):
        names = [_name(table, k) for k in range(len(columns))]
        return table.assign(**dict(zip(names, columns, strict=True)))
    settled = [np.asarray(column)[:, None] for column in columns]
    if all(c.dtype.kind in "biuf" for c in settled) and table.dtype.kind in "biuf":
        return np.hstack([table, *settled])
    return np.hstack([table.astype(object), *[c.astype(object) for c in settled]])


def _name(table, k):
    name = f"secret {k}"
    while name in table.columns:
        name += "_"
    return name
