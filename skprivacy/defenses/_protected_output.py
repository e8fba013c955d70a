"""A model that says less than it knows."""

import secrets
from numbers import Integral, Real

from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    MetaEstimatorMixin,
    _fit_context,
    clone,
    is_classifier,
    is_regressor,
)
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    process_routing,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skprivacy._validation import as_table
from skprivacy.defenses._told_answers import (
    METHODS,
    learn_beside,
    told_probabilities,
    told_values,
)

__all__ = ["ProtectedOutput"]


def _shows_probabilities(self):
    inner = getattr(self, "estimator_", self.estimator)
    return (
        self.method != "label"
        and is_classifier(inner)
        and hasattr(inner, "predict_proba")
    )


class ProtectedOutput(MetaEstimatorMixin, BaseEstimator):
    """A model whose answers are coarser, or noisier, than it could give.

    The model inside is trained as ever and holds all that it held: this is for models
    that are asked, not for ones that are given away. No guarantee comes with it.

    Parameters
    ----------
    estimator : estimator
        A classifier; for "round" and "noise" also a regressor.

    method : {"round", "top_k", "label", "temperature", "noise", "reverse_sigmoid", \
"memguard", "hamp"}, default="round"
        What is done to its probabilities:

        - "round": rounded to `decimals`, so that they still sum to 1;
        - "top_k": only the `top_k` largest are told, the rest is spread evenly;
        - "label": none are told;
        - "temperature": their logarithms are divided by `temperature`;
        - "noise": normal noise of standard deviation `scale` on their logarithms;
        - "reverse_sigmoid": ``beta * (sigmoid(gamma * logit(p)) - 1/2)`` is subtracted,
          and they are divided by their sum, against copying [1]_;
        - "memguard": where the bound `max_distortion` allows, they are moved to where a
          membership classifier of answers is undecided [2]_;
        - "hamp": the classes keep their order, and get the scores that the model gave
          to a random input [3]_.

        The last three, and "label", leave labels as they are. Of a regressor, "round"
        rounds the predictions to `decimals`, or to multiples of `step`, and "noise"
        adds normal noise of `scale` standard deviations of the training targets.

        Whatever is drawn is drawn from the record and a secret, so that asking again
        brings nothing new.

    decimals : int, default=2
        For "round".

    step : float or None, default=None
        For "round" of a regressor: the unit of its answers. None: as `decimals` says.

    top_k : int, default=1
        For "top_k".

    temperature : float, default=2.0
        For "temperature".

    scale : float, default=0.5
        For "noise".

    beta : float or None, default=None
        For "reverse_sigmoid". It must be below a bound under which the label stays what
        it is: ``1 / gamma`` if `gamma` is 1 or more, else ``p / sigmoid(gamma *
        logit(p))`` with ``p = 1 / n_classes``, which is 1 for two classes. None: 0.99
        of that.

    gamma : float, default=0.1
        For "reverse_sigmoid".

    max_distortion : float, default=0.5
        For "memguard": largest expected sum of the absolute differences between the
        probabilities of an answer and those that are told, from 0 to 2. It holds for
        each record, over the secret.

    cv : int, default=5
        For "memguard": parts into which the training set is divided, at most as many
        as the largest class has records. The membership classifier is trained on the
        answers of models without one part each: to that part, and to as many of the
        records that they were trained on.

    random_state : int, RandomState instance or None, default=None
        The secret of "noise", "memguard" and "hamp". None draws it from the system; a
        number that others know lets them take the noise away.

    Attributes
    ----------
    estimator_ : estimator
        The model inside.

    classes_ : ndarray of shape (n_classes,)
        Classes; of classifiers alone.

    beta_ : float
        The `beta` in force; for "reverse_sigmoid" alone.

    noise_scale_ : float or ndarray of shape (n_outputs,)
        Standard deviation of the noise on a regressor, in units of its targets; for
        "noise" alone.

    n_features_in_ : int
        Features that the model takes.

    privacy_guarantee_ : None
        There is none.

    Raises
    ------
    ValueError
        If `estimator` is neither classifier nor regressor, is a regressor and `method`
        is not for those, or has no ``predict_proba`` and `method` is not "label"; if
        `beta` is too large, or `step` is given for a classifier; for "memguard", if a
        class has a single record or the estimator is frozen.

    See Also
    --------
    skprivacy.targets.BlackBox : Rounds, and hides, answers of a model that is trained.

    Notes
    -----
    With the methods that may change labels, they are those of the largest probability
    that is shown, so that they tell nothing which probabilities do not. Rounding makes
    ties, of which the first class wins.

    Noise is drawn anew for a record that differs in the last digit of any column.
    Whoever averages the answers to many such records takes most of it away.

    **None of this stops an attacker who looks at labels.** Choquette-Choo et al. [4]_
    call defenses that change probabilities and leave labels "confidence masking", and
    find that attacks by labels alone break them. Song and Mittal [5]_ find that
    defenses are less effective than reported once the attacker knows of them. Aerni et
    al. [6]_ find 28.5% true positives at 0.1% false ones for the most vulnerable
    records behind HAMP with its training, on CIFAR-10.

    Forests of 50 trees, grown to the end on 1,000 records of ``load_credit_default``,
    attacked with these and 1,000 others through 16 shadow models with the same defense
    (one draw): :class:`~skprivacy.membership.LiRA` reaches an AUC of .91 without a
    defense, .90 behind "round" with one decimal, .91 behind "temperature", .86 behind
    "reverse_sigmoid", .83 behind "noise", and .65 to .69 behind "hamp", "memguard" and
    "label"; at 1% false positives 33% true ones without, and 14% to 17% behind the last
    three. :class:`~skprivacy.membership.LabelOnlyAttack` reaches .71 behind all of
    them, and .78 behind "noise": by how often noise changes the label of altered
    copies, it sees how sure the model was.

    Who knows `temperature`, or `beta` and `gamma`, can undo these, for
    "reverse_sigmoid" up to the pairs of answers that are told as one. "memguard" does
    nothing where its classifier finds no difference between members and others.

    References
    ----------
    .. [1] T. Lee, B. Edwards, I. Molloy, D. Su. "Defending against neural network model
       stealing attacks using deceptive perturbations". IEEE Security and Privacy
       Workshops, 2019.
    .. [2] J. Jia, A. Salem, M. Backes, Y. Zhang, N. Z. Gong. "MemGuard: defending
       against black-box membership inference attacks via adversarial examples". CCS
       2019: both phases.
    .. [3] Z. Chen, K. Pattabiraman. "Overconfidence is a dangerous thing: mitigating
       membership inference attacks by enforcing less confident prediction". NDSS 2024:
       the part at test time.
    .. [4] C. A. Choquette-Choo, F. Tramer, N. Carlini, N. Papernot. "Label-only
       membership inference attacks". ICML 2021.
    .. [5] L. Song, P. Mittal. "Systematic evaluation of privacy risks of machine
       learning models". USENIX Security 2021.
    .. [6] M. Aerni, J. Zhang, F. Tramer. "Evaluations of machine learning privacy
       defenses are misleading". CCS 2024.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skprivacy.defenses import ProtectedOutput
    >>> X, y = load_iris(return_X_y=True)
    >>> model = ProtectedOutput(LogisticRegression(max_iter=1000), decimals=1)
    >>> model.fit(X, y).predict_proba(X[[0, 70, 100]])
    array([[1. , 0. , 0. ],
           [0. , 0.4, 0.6],
           [0. , 0. , 1. ]])
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "method": [StrOptions(set(METHODS))],
        "decimals": [Interval(Integral, 0, 15, closed="both")],
        "step": [Interval(Real, 0, None, closed="neither"), None],
        "top_k": [Interval(Integral, 1, None, closed="left")],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "scale": [Interval(Real, 0, None, closed="left")],
        "beta": [Interval(Real, 0, None, closed="left"), None],
        "gamma": [Interval(Real, 0, None, closed="neither")],
        "max_distortion": [Interval(Real, 0, 2, closed="both")],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator,
        method="round",
        *,
        decimals=2,
        step=None,
        top_k=1,
        temperature=2.0,
        scale=0.5,
        beta=None,
        gamma=0.1,
        max_distortion=0.5,
        cv=5,
        random_state=None,
    ):
        self.estimator = estimator
        self.method = method
        self.decimals = decimals
        self.step = step
        self.top_k = top_k
        self.temperature = temperature
        self.scale = scale
        self.beta = beta
        self.gamma = gamma
        self.max_distortion = max_distortion
        self.cv = cv
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **fit_params):
        """Train a clone of the estimator.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            Labels, or numbers.

        **fit_params : dict
            Passed on to the estimator, `sample_weight` among them.

        Returns
        -------
        self : object
        """
        self._check_estimator()
        if get_config()["enable_metadata_routing"]:
            fit_params = process_routing(self, "fit", **fit_params).estimator.fit
        X = as_table(X)
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        self._check_probabilities()
        self._key = (
            secrets.token_bytes(32)
            if self.random_state is None
            else check_random_state(self.random_state).bytes(32)
        )
        learn_beside(self, X, y, fit_params)
        self.privacy_guarantee_ = None
        return self

    @available_if(_shows_probabilities)
    def predict_proba(self, X):
        """Probabilities of the classes, as they are told.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        proba : ndarray of shape (n_records, n_classes)
        """
        check_is_fitted(self)
        return told_probabilities(self, as_table(X), self.estimator_.predict_proba(X))

    def predict(self, X):
        """Label that is told, or number.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        Returns
        -------
        y : ndarray of shape (n_records,)
        """
        check_is_fitted(self)
        if is_regressor(self.estimator_):
            return told_values(self, as_table(X), self.estimator_.predict(X))
        if METHODS[self.method].keeps_label:
            return self.estimator_.predict(X)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def score(self, X, y, sample_weight=None):
        """Accuracy of the labels that are told, or R2 of the numbers.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Features.

        y : array-like of shape (n_records,)
            True labels, or numbers.

        sample_weight : array-like of shape (n_records,) or None, default=None
            Weights.

        Returns
        -------
        score : float
        """
        measure = r2_score if is_regressor(self) else accuracy_score
        return measure(y, self.predict(X), sample_weight=sample_weight)

    @property
    def classes_(self):
        """Classes."""
        return self.estimator_.classes_

    @property
    def n_features_in_(self):
        """Features that the model takes."""
        return self.estimator_.n_features_in_

    @property
    def feature_names_in_(self):
        """Names of the features that the model takes."""
        return self.estimator_.feature_names_in_

    def get_metadata_routing(self):
        """Say that what comes with ``fit`` is for the estimator.

        Returns
        -------
        routing : MetadataRouter
        """
        to_fit = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=self).add(
            estimator=self.estimator, method_mapping=to_fit
        )

    def _check_estimator(self):
        if is_classifier(self.estimator):
            if self.step is not None:
                raise ValueError(
                    "step is for regressors, whose numbers have a unit; probabilities "
                    f"are rounded to decimals={self.decimals}. Got step={self.step} "
                    f"with {self.estimator!r}."
                )
            return
        if not is_regressor(self.estimator):
            raise ValueError(
                "estimator must be a classifier or a regressor, whose answers can be "
                f"told less exactly; got {self.estimator!r}."
            )
        allowed = [name for name, method in METHODS.items() if method.for_regressors]
        if self.method not in allowed:
            raise ValueError(
                f"method={self.method!r} is for classifiers. What the regressor "
                f"{self.estimator!r} answers can be changed by method="
                f"{' or '.join(map(repr, allowed))}."
            )

    def _check_probabilities(self):
        if isinstance(getattr(self.estimator_, "classes_", None), list):
            raise ValueError(
                "y must have one label for each record; got "
                f"{len(self.estimator_.classes_)}."
            )
        needed = is_classifier(self.estimator_) and self.method != "label"
        if needed and not hasattr(self.estimator_, "predict_proba"):
            raise ValueError(
                f"method={self.method!r} needs an estimator with predict_proba; "
                f"{type(self.estimator_).__name__} has none. method='label' needs none."
            )

    def __sklearn_is_fitted__(self):
        return hasattr(self, "privacy_guarantee_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.estimator_type = inner.estimator_type
        tags.classifier_tags = inner.classifier_tags
        tags.regressor_tags = inner.regressor_tags
        tags.input_tags = inner.input_tags
        tags.non_deterministic = inner.non_deterministic
        tags.input_tags.sparse = False
        tags.target_tags.required = True
        tags.target_tags.multi_output = (
            is_regressor(self.estimator) and inner.target_tags.multi_output
        )
        is_drawn = self.method in METHODS and METHODS[self.method].is_drawn
        tags.non_deterministic |= is_drawn and self.random_state is None
        return tags
