"""What an attack and imputation guess of some records."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_consistent_length

from skprivacy.attribute._candidates import Candidates, unique_rows

__all__ = ["Guesses", "guesses_of", "usual_tolerance"]


@dataclass(frozen=True, eq=False)
class Guesses:
    """What was guessed of some records, and the truth.

    Parameters
    ----------
    secret : ndarray of shape (n_records,)
        Truth: a number, or the position of the value among all values.

    attack, imputation : ndarray of shape (n_records,)
        Guess of the attack and of imputation, in the same form.

    attack_chances, imputation_chances : ndarray of shape (n_records, n_values) or None
        How likely each value was taken to be; None for numbers.

    attack_near, imputation_near : ndarray of shape (n_records,) or None
        Guess of a number that is to be within a tolerance; None: the same guess.
    """

    secret: np.ndarray
    attack: np.ndarray
    imputation: np.ndarray
    attack_chances: np.ndarray | None = None
    imputation_chances: np.ndarray | None = None
    attack_near: np.ndarray | None = None
    imputation_near: np.ndarray | None = None

    @property
    def near(self):
        """Guesses of attack and imputation that are to be within a tolerance."""
        return (
            self.attack if self.attack_near is None else self.attack_near,
            self.imputation if self.imputation_near is None else self.imputation_near,
        )

    def __len__(self):
        return len(self.secret)

    def __getitem__(self, rows):
        """Guesses of a part of the records."""
        parts = {
            name: None if values is None else values[rows]
            for name, values in vars(self).items()
        }
        return Guesses(**parts)


def guesses_of(attack, imputation, sides, tolerance=None):
    """Let both guess the secrets of each side.

    Parameters
    ----------
    attack, imputation : estimator
        Fitted, both classifiers or both regressors.

    sides : dict of str to tuple
        By name of the side: records without the secret, and the secret.

    tolerance : float or None, default=None
        How far a number may be off; None: as `usual_tolerance` says.

    Returns
    -------
    guesses : list of Guesses
        One for each side.

    classes : ndarray or None
        Values that guesses and truth are positions of; None for a number.

    Raises
    ------
    ValueError
        If a secret is missing, or there is not one for each record.
    TypeError
        If a classifier has no ``predict_proba``.
    """
    secrets = {}
    for name, (X, y) in sides.items():
        secrets[name] = _as_rows(y)
        check_consistent_length(X, secrets[name])
        missing = pd.isna(secrets[name]).any(axis=1)
        if missing.any():
            raise ValueError(
                f"y_{name}: {int(missing.sum())} of {len(missing)} records have no "
                "secret (NaN); leave them out."
            )
    if not hasattr(attack, "classes_"):
        if tolerance is None:
            tolerance = usual_tolerance(secrets.values())
        return [
            _of_numbers(attack, imputation, X, secrets[name], tolerance)
            for name, (X, _) in sides.items()
        ], None
    for name, estimator in (("attack", attack), ("imputation", imputation)):
        if not hasattr(estimator, "predict_proba"):
            raise TypeError(
                f"{name} must have predict_proba, as attribute attacks have; got "
                f"{estimator!r}."
            )
    known = [_as_rows(e.classes_) for e in (attack, imputation)]
    values = unique_rows(_stacked([*known, *secrets.values()]))
    candidates = Candidates(values, numeric=False)
    return [
        _of_classes(attack, imputation, X, secrets[name], candidates)
        for name, (X, _) in sides.items()
    ], candidates.classes


def usual_tolerance(secrets):
    """Return a tenth of the standard deviation.

    Parameters
    ----------
    secrets : iterable of ndarray
        Numbers of each side.

    Returns
    -------
    tolerance : float
    """
    return 0.1 * float(np.concatenate(list(secrets)).astype(float).std())


def _of_numbers(attack, imputation, X, secret, tolerance):
    if secret.shape[1] != 1:
        raise ValueError(
            f"y must be one number for each record; got {secret.shape[1]} columns. "
            "Judge several numeric secrets one at a time."
        )
    truth = secret[:, 0].astype(float)
    # A search over attacks has the posterior of the one that it chose.
    both = [getattr(e, "best_estimator_", e) for e in (attack, imputation)]
    if not all(hasattr(e, "predict_posterior") for e in both):
        # With one of them alone the comparison would not be fair.
        guesses = (np.asarray(e.predict(X), dtype=float) for e in (attack, imputation))
        return Guesses(truth, *guesses)
    posteriors = [e.predict_posterior(X) for e in both]
    near = [p.likeliest(tolerance) for p in posteriors]
    return Guesses(
        truth,
        *(p.mean() for p in posteriors),
        attack_near=near[0],
        imputation_near=near[1],
    )


def _of_classes(attack, imputation, X, secret, candidates):
    found, chances = [], []
    for estimator in (attack, imputation):
        among_all = np.zeros((len(secret), len(candidates)))
        columns = candidates.encode(_as_rows(estimator.classes_))
        among_all[:, columns] = proba = estimator.predict_proba(X)
        # As predict does: asked for both, an attack would do all its work twice.
        found.append(columns[proba.argmax(axis=1)])
        chances.append(among_all)
    return Guesses(candidates.encode(secret), *found, *chances)


def _as_rows(values):
    if isinstance(values, pd.Series | pd.DataFrame):
        values = values.to_numpy()
    values = np.asarray(values)
    return values[:, None] if values.ndim == 1 else values


def _stacked(parts):
    """One array of all rows, in which no number has become a text."""
    kinds = {part.dtype.kind for part in parts}
    if len(kinds) > 1 and not kinds <= set("biuf"):
        parts = [part.astype(object) for part in parts]
    return np.concatenate(parts)
