"""What all attribute attacks share: what is known in, the secret out."""

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.base import BaseEstimator, _fit_context
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from skprivacy._validation import as_table
from skprivacy.attribute._candidates import candidates_of
from skprivacy.attribute._completion import Completer, as_columns
from skprivacy.attribute._steps import MOST_TRIED, StepValues
from skprivacy.records import stack_tables
from skprivacy.shadow import ShadowModels, fitted_shadow
from skprivacy.signals import compute_signal, label_log_odds, residual_scale, truth_of
from skprivacy.targets import check_target

__all__ = [
    "BaseAttributeAttack",
    "BaseShadowAttack",
    "BaseTargetAttack",
    "check_secret",
]


def _tells_classes(attack):
    return attack._estimator_type_ != "regressor"


def _looks_for_a_number(attack):
    return getattr(attack, "_steps", None) is not None


class BaseAttributeAttack(BaseEstimator):
    """Infers a sensitive column from the others.

    A subclass says what it learns (``_fit``) and how likely it takes each candidate
    value of each record to be (``_log_chances``).
    """

    _parameter_constraints = {
        "sensitive": "no_validation",
        "values": "no_validation",
        "label": "no_validation",
        "label_known": ["boolean"],
    }
    _needs_target = False

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Learn from the attacker's own complete records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            The attacker's own records without the sensitive column, the label among
            their columns.

        y : array-like of shape (n_records,) or (n_records, n_secrets)
            The sensitive column, or columns, of the same records.

        Returns
        -------
        self : object
            The fitted attack.
        """
        self._box = check_target(self.target) if self._needs_target else None
        X = self._check_known(X, reset=True)
        secret = check_secret(X, y, as_columns(self.sensitive))
        secret = self._settle_secret(secret)
        self._completer = Completer(
            X,
            secret,
            as_columns(self.sensitive),
            self.label,
            self.label_known,
            self._box,
            self._takes_nan(),
            self._answer_columns(),
        )
        known = self._completer.own(X)
        self._check_label(known)
        self._show_candidates()
        self._fit(known, secret.to_numpy())
        return self

    def _settle_secret(self, secret):
        """Choose the candidates from the attacker's own records."""
        self._refuse_fractions(secret.iloc[:, 0])
        self._candidates = candidates_of(secret.to_numpy(), self.values)
        self._steps = None
        if self._candidates.numeric:
            self._steps = StepValues(secret.to_numpy(), self._candidates)
        return secret

    def _show_candidates(self):
        # Not before all is checked: an attack with candidates counts as fitted.
        if self._candidates.numeric:
            self.grid_ = self._candidates.classes.astype(float)
        else:
            self.classes_ = self._candidates.classes

    def predict(self, X):
        """Infer the secret of records.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records.

        Returns
        -------
        secret : ndarray of shape (n_records,) or (n_records, n_secrets)
            The likeliest of `classes_`; for a number its mean over what is likely,
            which comes nearest in squares. What it most likely is, is another
            question, which ``predict_posterior`` answers.
        """
        check_is_fitted(self)
        if self._candidates.numeric:
            return self.predict_posterior(X).mean()
        chances = self._chances(X)
        return self.classes_[chances.argmax(axis=1)]

    @available_if(_tells_classes)
    def predict_proba(self, X):
        """How likely each value is.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records.

        Returns
        -------
        proba : ndarray of shape (n_records, n_candidates)
            Columns in the order of `classes_`.
        """
        check_is_fitted(self)
        return self._chances(X)

    @available_if(_looks_for_a_number)
    def predict_posterior(self, X):
        """How likely each number is that was tried; once fitted to a numeric secret.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records.

        Returns
        -------
        posterior : Posterior
            Numbers and their chances. ``posterior.mean()`` is what ``predict`` returns,
            and ``posterior.likeliest(tolerance)`` the guess that is most often within a
            tolerance of the truth.
        """
        check_is_fitted(self)
        return self._posterior(self._known(X))

    def score(self, X, y, sample_weight=None):
        """Accuracy of the inferred values; for numbers their R2.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_known)
            What is known of the records.

        y : array-like of shape (n_records,) or (n_records, n_secrets)
            The truth.

        sample_weight : array-like of shape (n_records,) or None, default=None
            Weights.

        Returns
        -------
        score : float
            Of several secrets at once all must be right; of numbers the mean R2.

        Raises
        ------
        ValueError
            If a secret is missing, or there is not one for each record.
        """
        found = self.predict(X)
        secret = check_secret(X, y, as_columns(self.sensitive)).to_numpy()
        if self._estimator_type_ == "regressor":
            return float(r2_score(secret, found, sample_weight=sample_weight))
        # By position: texts beside numbers have no order, which scikit-learn asks for.
        truth, found = (
            self._candidates.encode(np.reshape(values, secret.shape))
            for values in (secret, found)
        )
        return float(accuracy_score(truth, found, sample_weight=sample_weight))

    def _chances(self, X):
        return softmax(self._log_chances(self._known(X)), axis=1)

    def _known(self, X):
        known = self._completer.known(self._check_known(X, reset=False))
        self._check_label(known)
        return known

    def _check_known(self, X, reset):
        table = as_table(X)
        if isinstance(table, pd.DataFrame) and not _has_names(table):
            table = table.to_numpy()
        ignores_label = not reset and self.label is not None and not self.label_known
        if not ignores_label:
            validate_data(self, table, reset=reset, skip_check_array=True)
        return table

    def _check_label(self, known):
        """Refuse a label that is missing; what is more, an attack checks itself."""
        if known.y is not None and pd.isna(known.y).any():
            n_missing = int(pd.isna(known.y).sum())
            raise ValueError(
                f"label: {n_missing} of {len(known.y)} records have no label (NaN)."
            )

    def _answer_columns(self):
        """Columns of ``X`` with the target's answer to the true record, if any."""
        return ()

    def _takes_nan(self):
        """Whether completed records may have holes; None: where the target may."""

    def _refuse_fractions(self, secret):
        """Refuse numbers with fractions as classes if most of them occur once.

        A few fractions, as where holes were filled, do no harm.
        """
        as_classes = isinstance(self.values, str) and self.values == "classes"
        # Texts beside numbers cannot be sorted, as the check would.
        is_number = pd.api.types.is_numeric_dtype(secret)
        if as_classes and is_number and 2 * secret.nunique() > len(secret):
            check_classification_targets(secret)

    def _is_told_classes(self):
        """Whether the secret is one of some classes by what the user said."""
        return not isinstance(self.values, str) or self.values == "classes"

    @property
    def _estimator_type_(self):
        """Classifier or regressor; None while "auto" is not settled."""
        if hasattr(self, "_candidates"):
            return "regressor" if self._candidates.numeric else "classifier"
        if self._is_told_classes():
            return "classifier"
        return "regressor" if self.values == "numeric" else None

    def __sklearn_is_fitted__(self):
        return hasattr(self, "classes_") or hasattr(self, "grid_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        kind = self._estimator_type_
        tags.estimator_type = kind
        if kind == "classifier":
            # The secret need not follow from what is known.
            tags.classifier_tags = ClassifierTags(poor_score=True)
        elif kind == "regressor":
            tags.regressor_tags = RegressorTags(poor_score=True)
        tags.target_tags.required = True
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.non_deterministic = False
        return tags


class BaseTargetAttack(BaseAttributeAttack):
    """An attribute attack that completes records and asks the target about them.

    A subclass says what is likely without the target (``_log_prior``), what the target
    says of each completion (``_read``), and how both are weighed (``_weigh``). The
    values of completions are the same for all records or, where a number is looked for
    between the steps of its grid, each record's own.
    """

    _parameter_constraints = {
        **BaseAttributeAttack._parameter_constraints,
        "target": "no_validation",
    }
    _needs_target = True
    #: Whether it learns something from answers in which the secret has no part.
    _takes_correlation = False
    #: Whether answers say nothing to it without the label to compare them with.
    _needs_label = False

    def _check_label(self, known):
        super()._check_label(known)
        if self._needs_label and (known.y is None or not self.label_known):
            raise ValueError(
                f"{type(self).__name__} compares the target's answer with the label of "
                "the records under attack, so label must name it and label_known be "
                f"True; got label={self.label!r}, label_known={self.label_known}. "
                "LearnedAttack does without."
            )
        if known.y is not None:
            truth_of(known.y, self._box)
        if not (self._completer.in_target or self._takes_correlation):
            raise ValueError(
                f"sensitive={self.sensitive!r} is no feature of the target, so that "
                "its answer is the same for all values. LearnedAttack infers from "
                "what correlates with it."
            )

    def _log_chances(self, known):
        read = self._read(known, self._candidates.values)
        return self._weigh(self._log_prior(known), read)

    def _posterior(self, known):
        """Look for a number on the grid, and then within its likeliest steps."""
        prior = self._log_prior(known)
        read = self._read(known, self._candidates.values)
        scores = self._weigh(prior, read)
        picked = self._steps.around(softmax(scores, axis=1), self._n_to_try(len(known)))
        if picked.size:
            steps = self._steps.steps_of(picked)
            own = self._steps.values[picked].T[:, :, None]
            read = np.concatenate([read, self._read(known, own)], axis=1)
            prior = np.take_along_axis(prior, steps, axis=1)
            scores = self._weigh(prior, read, steps)
        return self._steps.spread(scores, picked)

    def _n_to_try(self, n_records):
        """How many values of each record to try beside the grid: if the budget lets."""
        if not self._completer.in_target:
            return 0
        if self._box.budget is None:
            return MOST_TRIED
        return min(MOST_TRIED, (self._box.budget - self._box.n_queries_) // n_records)

    def _read(self, known, values):
        """Read off the target what speaks for each completion.

        Parameters
        ----------
        known : Known
            The records.

        values : ndarray of shape (n_candidates, n_secrets) or \
                (n_candidates, n_records, n_secrets)
            Candidate values, for all records the same or each one's own.

        Returns
        -------
        read : ndarray of shape (n_records, n_candidates, n_columns)
        """
        raise NotImplementedError

    def _weigh(self, prior, read, steps=None):
        """Log of how likely each candidate is, but for a constant of each record.

        Parameters
        ----------
        prior : ndarray of shape (n_records, n_candidates)
            Log of how likely it is without the target.

        read : ndarray of shape (n_records, n_candidates, n_columns)
            What ``_read`` returned.

        steps : ndarray of int of shape (n_records, n_candidates) or None
            Step of each candidate, where more than one stand for a step: first the
            grid, and then the others. None: each stands for its own.

        Returns
        -------
        scores : ndarray of shape (n_records, n_candidates)
        """
        raise NotImplementedError

    def _log_prior(self, known):
        """Log of how likely each of the candidates is without the target."""
        return self._imputer.log_chances(known.table())

    def _ask(self, known, values):
        """Answers to each record with each candidate value.

        Returns
        -------
        answers : ndarray of shape (n_candidates, n_records, n_columns)
        """
        if not self._completer.in_target:
            X = self._completer.complete(known.features, values[0])
            return np.stack([self._box.query(X)] * len(values))
        return np.stack([self._ask_about(known.features, value) for value in values])

    def _ask_about(self, features, value):
        X = self._completer.complete(features, value)
        try:
            return self._box.query(X)
        except ValueError as error:
            raise ValueError(
                f"the target refuses the value {_first_row(value).tolist()} of "
                f"sensitive={self.sensitive!r}; give those that it takes as values=. "
                f"It says: {error}"
            ) from error

    def _signal(self, answers, known, scale=1.0):
        """Return how well answers fit what is known; larger is more like a member.

        Parameters
        ----------
        answers : ndarray of shape (..., n_records, n_columns)
            Answers.

        known : Known
            The records.

        scale : float, default=1.0
            Standard deviation of a regressor's error.

        Returns
        -------
        signal : ndarray of shape (..., n_records)
            Log-odds of the label; without a label, of the likeliest one.
        """
        response = self._box.response_
        if known.y is None:
            return _sureness(answers, response)
        truth = truth_of(known.y, self._box)
        if response == "proba":
            return label_log_odds(answers, truth, smoothing=SMOOTHING)
        return compute_signal(_SIGNAL_OF[response], answers, truth, response, scale)

    def _error_scale(self, known, secret):
        """Spread of a regressor's errors on the attacker's own records."""
        if self._box.response_ != "value" or known.y is None:
            return 1.0
        X = self._completer.complete(known.features, secret)
        return residual_scale(self._box.query(X)[:, 0] - truth_of(known.y, self._box))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        return tags


class BaseShadowAttack(BaseTargetAttack):
    """An attribute attack that compares the target with shadow models."""

    _parameter_constraints = {
        **BaseTargetAttack._parameter_constraints,
        "shadow": "no_validation",
        "random_state": ["random_state"],
    }
    #: Whether it reads the inside of shadow models, beside asking them.
    _reads_shadow = False

    def _train_shadow(self, known, secret):
        """Shadow models on the attacker's own records."""
        if known.y is None:
            raise ValueError(
                "label must name a column of the attacker's own records: shadow models "
                "are trained on it. Where the label of the records under attack is "
                "not known, set label_known=False."
            )
        shadow = fitted_shadow(
            ShadowModels(n_models=N_SHADOW) if self.shadow is None else self.shadow,
            self._completer.records(known, secret),
            target=self.target,
            label=self._completer.record_label,
            random_state=self.random_state,
            keep_models=True,
        )
        if self._reads_shadow and not hasattr(shadow, "models_"):
            raise ValueError(
                "shadow must keep its models, as their inside is read: fit it with "
                "ShadowModels(keep_models=True)."
            )
        return shadow

    def _shadow_membership(self, known, secret):
        """Which shadow model was trained on which own record.

        Returns
        -------
        membership : ndarray of bool of shape (n_models, n_records)
        """
        return self.shadow_.query(self._completer.records(known, secret)).membership

    def _ask_shadow(self, known, values):
        """Answers of all shadow models to each record with each candidate value.

        Returns
        -------
        answers : ndarray of shape (n_models, n_candidates, n_records, n_columns)
        """
        # In one question, so that shadow models that were not kept are trained once.
        records = [self._completer.records(known, value) for value in values]
        answers = self.shadow_.query(stack_tables(records)).answers
        return answers.reshape(len(answers), len(values), len(known), -1)


#: Shadow models where none are given.
N_SHADOW = 8
#: Log-odds of 0 and 1 are finite: as far as one record in a hundred goes.
SMOOTHING = 0.01
_SIGNAL_OF = {
    "decision": "logit",
    "label": "correctness",
    "value": "gaussian_log_likelihood",
}


def _first_row(value):
    return value if value.ndim == 1 else value[0]


def _sureness(answers, response):
    if response == "proba":
        # Each answer has a likeliest label of its own.
        flat = answers.reshape(-1, answers.shape[-1])
        odds = label_log_odds(flat, flat.argmax(axis=-1), smoothing=SMOOTHING)
        return odds.reshape(answers.shape[:-1])
    if response == "decision":
        return lead_of_the_first(answers)
    # A label or a value alone is as sure of one candidate as of another.
    return np.zeros(answers.shape[:-1])


def lead_of_the_first(answers):
    """How far the largest number of each answer lies above the second."""
    top = np.sort(answers, axis=-1)
    return top[..., -1] - top[..., -2]


def _has_names(table):
    """Whether columns have names; numbers are but their positions."""
    return any(isinstance(column, str) for column in table.columns)


def check_secret(X, y, sensitive):
    """Secret as a table of its own.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_records, n_known)
        Records that it belongs to.

    y : array-like of shape (n_records,) or (n_records, n_secrets)
        The secret.

    sensitive : tuple of str or int
        Sensitive columns.

    Returns
    -------
    secret : DataFrame of shape (n_records, n_secrets)
        Columns in their own types.

    Raises
    ------
    ValueError
        If there is no secret, not one for each record, or one is missing or infinite.
    """
    if y is None:
        raise ValueError(
            "requires y to be passed, but the target y is None: y is the secret, the "
            "sensitive column of the attacker's own records."
        )
    if len(sensitive) == 1 and not isinstance(y, pd.DataFrame):
        y = y if isinstance(y, pd.Series) else column_or_1d(y, warn=True)
    if not isinstance(y, pd.DataFrame):
        y = pd.DataFrame(y)
    check_consistent_length(X, y)
    if y.shape[1] != len(sensitive):
        raise ValueError(
            f"y must have a column for each of the {len(sensitive)} sensitive columns; "
            f"got {y.shape[1]}."
        )
    missing = y.isna().to_numpy().any(axis=1)
    if missing.any():
        raise ValueError(
            f"Input y contains NaN: {int(missing.sum())} of {len(y)} records have no "
            "secret. Drop them, or give what is missing a value of its own."
        )
    numbers = y.select_dtypes("number").to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        raise ValueError("Input y contains infinity: the secret must be finite.")
    return y.reset_index(drop=True)
