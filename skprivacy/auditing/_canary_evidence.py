"""What fitted models answer about one record, the canary."""

import copy
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

from skprivacy._validation import encode_labels
from skprivacy.records import as_model_input, join_records
from skprivacy.signals import available_signals, compute_signal
from skprivacy.targets import BlackBox, check_target

__all__ = ["AttackedEstimator", "Canary", "GaussianRatio", "first_signal"]

#: The signal that stands for all others, by what a target answers with.
MAIN_SIGNAL = {
    "proba": "logit",
    "decision": "logit",
    "label": "correctness",
    "value": "loss",
}


@dataclass(frozen=True)
class Canary:
    """A record that models are asked about.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (1, n_features)
        Its features.

    y : ndarray of shape (1,)
        Its label.
    """

    X: pd.DataFrame | np.ndarray
    y: np.ndarray

    def __deepcopy__(self, memo):
        """Nothing changes it: what is cloned for each run holds the same one."""
        return self

    def as_record(self, label):
        """Features and label in one table."""
        return join_records(self.X, self.y, label)

    def signals(self, model, all_of_them=False) -> np.ndarray:
        """Ask a model, and read what its answer says of membership.

        Parameters
        ----------
        model : fitted estimator
            Whom to ask.

        all_of_them : bool, default=False
            Whether all signals are read, and the answer itself; else the main one.

        Returns
        -------
        signals : ndarray
            The main one first: the log-odds of the label, or minus the squared error.
        """
        box = check_target(BlackBox(model))
        answers = box.query(as_model_input(self.X, box))
        truth = self.y
        if box.response_ != "value":
            # A label that the model has never seen is -1.
            truth = encode_labels(self.y, box.classes_)
        names = [MAIN_SIGNAL[box.response_]]
        if all_of_them:
            names += [n for n in available_signals(box.response_) if n != names[0]]
        found = [compute_signal(n, answers, truth, box.response_)[0] for n in names]
        return np.array([*found, *(answers[0] if all_of_them else ())], dtype=float)


class AttackedEstimator(BaseEstimator):
    """An estimator of whose fitted models nothing is kept but what an attack sees.

    Parameters
    ----------
    estimator : estimator
        What is fitted.

    canary : Canary
        What its models are asked about.

    attack : {"loss", "learned"} or Attack, default="loss"
        What is read.

    Attributes
    ----------
    evidence_ : ndarray
        What the attack sees.

    privacy_guarantee_ : PrivacyGuarantee
        That of the model, if it has one: what is made of its answers has it as well.
    """

    def __init__(self, estimator, canary, attack="loss"):
        self.estimator = estimator
        self.canary = canary
        self.attack = attack

    def fit(self, X, y):
        """Fit the estimator, and ask it about the canary."""
        model = clone(self.estimator).fit(X, y)
        if isinstance(self.attack, str):
            self.evidence_ = self.canary.signals(model, self.attack == "learned")
        else:
            self.evidence_ = np.array([self.attack(model)])
        if hasattr(model, "privacy_guarantee_"):
            self.privacy_guarantee_ = model.privacy_guarantee_
        return self


class Attack:
    """A membership attack that was fitted once, and is turned on one model after other.

    Parameters
    ----------
    attack : estimator of skprivacy.membership
        Its target is replaced.

    records : DataFrame or ndarray of shape (n_records, n_features + 1)
        Records that it is fitted on.

    record : DataFrame or ndarray of shape (1, n_features + 1)
        The canary.

    label : str or int
        The label's column.

    model : fitted estimator
        The target in fitting, which is of no run that counts.
    """

    def __init__(self, attack, records, record, label, model):
        self.record = record
        attack = clone(attack).set_params(target=BlackBox(model), label=label)
        self.fitted = attack.fit(records)

    def __deepcopy__(self, memo):
        """Nothing changes it: what is cloned for each run holds the same one."""
        return self

    def __call__(self, model) -> float:
        """Score of the canary under a model."""
        attack = copy.copy(self.fitted)
        attack.target = BlackBox(model)
        attack._box = check_target(attack.target)
        return float(attack.decision_function(self.record)[0])


class GaussianRatio:
    """The logarithm of the ratio of two Gaussians, fitted to signals of two worlds.

    Parameters
    ----------
    signals_in, signals_out : ndarray
        Signals of runs with the canary, and without.

    Examples
    --------
    >>> ratio = GaussianRatio(np.array([1.0, 3.0]), np.array([-1.0, 1.0]))
    >>> ratio.of(np.array([0.0, 1.0, 2.0])).round(1).tolist()
    [-2.0, 0.0, 2.0]
    """

    def __init__(self, signals_in, signals_out):
        self.moments = [
            (np.mean(own), max(np.std(own), 1e-12)) for own in (signals_in, signals_out)
        ]

    def of(self, signal):
        """Larger is more like a run with the canary."""
        log_density = [
            -np.log(deviation) - ((signal - mean) / deviation) ** 2 / 2
            for mean, deviation in self.moments
        ]
        return log_density[0] - log_density[1]

    def __call__(self, attacked):
        """Score of a fitted :class:`AttackedEstimator`."""
        return float(self.of(attacked.evidence_[0]))


def first_signal(attacked):
    """Score of a fitted :class:`AttackedEstimator`: the main signal alone."""
    return attacked.evidence_[0]
