"""Models that are linear inside, copied by solving for their coefficients."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skprivacy.extraction._answer_store import MEMORY
from skprivacy.extraction._base import BaseExtractionAttack
from skprivacy.extraction._design_space import (
    DesignSpace,
    missing_numbers,
    text_columns,
)
from skprivacy.extraction._forms import FORMS, Form, Frame, offsets_of
from skprivacy.extraction._inexact import InexactSolver, decimals_of
from skprivacy.extraction._links import LINKS, link_noise, scores_of, to_answers
from skprivacy.extraction._near import MOST_NOISE, ask_near, find_center
from skprivacy.extraction._shares import fit_shares, log_shares
from skprivacy.extraction._table_space import TableSpace

__all__ = ["EquationSolvingAttack"]

#: Terms that are laid out at once.
CHUNK = 10_000_000
#: Points on a line that tell whether answers are shares of sigmoids.
N_ON_LINE = 4
#: Equations for each unknown, where they are.
PER_UNKNOWN = 1.5
#: Errors of logarithms of shares on a line, and of all, that count as none.
LINE_ERROR, SHARE_ERROR = 1e-9, 1e-8
#: Answers that differ by less, as a share of their spread, are the same.
SAME = 1e-6


class EquationSolvingAttack(BaseExtractionAttack):
    """Solves for the coefficients of a model that is linear, or quadratic, inside.

    Each answer of such a model is an equation in its coefficients, so that as many
    answers as there are coefficients give them all, scalers before the model included.
    The copy then answers as the target does, to the accuracy of floating-point numbers:
    linear and logistic regression of any penalty and number of classes, discriminant
    analysis, linear support vector machines by their decision values, naive Bayes,
    regression with a logarithm as its link, one-vs-rest models whose probabilities are
    sigmoids divided by their sum.

    Parameters
    ----------
    target : BlackBox or FrozenEstimator
        The model under attack; it must answer with probabilities, decision values or
        numbers. :class:`LowdMeekAttack` copies linear models that tell labels alone.

    form : {"auto", "linear", "diagonal", "quadratic"}, default="auto"
        What the answers, or their log-odds, are sums of:

        - "linear": the features, which takes d + 1 queries, whatever the number of
          classes; of one-vs-rest models of k > 2 classes, 1.5 k / (k - 1) times as
          many;
        - "diagonal": their squares too, as in Gaussian naive Bayes, 2d + 1;
        - "quadratic": all products of two, as in quadratic discriminant analysis,
          (d + 1)(d + 2) / 2.

        "auto" takes the first that holds on the records it is checked on.

    n_check : int, default=3
        Records that are asked besides, to see whether the equations hold. 0: they are
        taken on trust, and "auto" is "linear".

    n_per_term : int, default=20
        Queries for each of the d + 1 (or more) terms where answers are rounded or
        noisy; as many as have just been named suffice where they are not.

    memory : str, path-like or None, default=None
        Folder in which answers are kept as soon as they are there. Where the target
        goes down, `fit` with the same `random_state`, a number, goes on where it ended,
        and pays for nothing twice. One folder a target, for any attacks.

    bounds : array-like of shape (n_features, 2) or None, default=None
        Lower and upper end of each feature, between which points are crafted. None: the
        range in the ``X`` of `fit`.

    random_state : int, RandomState instance or None, default=None
        Which points are tried where answers are rounded or noisy.

    Attributes
    ----------
    form_ : {"linear", "diagonal", "quadratic"}
        The form that held.

    link_ : {"softmax", "identity", "log", "one_vs_rest"}
        The scale on which it held: log-odds, the answers or their logarithms; or
        probabilities that are shares of sigmoids, one a class.

    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Of the linear form: coefficients, of log-odds or of answers. Of two classes one
        row, of more a row each, which sum to zero for log-odds. Where the table has
        texts, a column for each value of a text beside one, as `coef_names_` says.

    coef_names_ : list of str
        Only where the table has texts: "age", or "color=red" for one value against that
        value of the column which is not listed.
        row, of more a row each, which sum to zero for log-odds. One-vs-rest: of what
        the sigmoids are of.

    intercept_ : ndarray of shape (1,) or (n_classes,)
        Of the linear form: intercepts.

    decimals_ : int or None
        Decimals to which the target rounds; None where it does not.

    is_exact_ : bool
        Whether answers were neither rounded nor noisy.

    is_deterministic_ : bool or None
        True where equations hold, False where three points got other answers when they
        did not and were asked again; None where answers are rounded.

    classes_ : ndarray of shape (n_classes,)
        The target's classes; only where it is a classifier.

    n_queries_ : int
        Points that were asked; without those whose answers `memory` had.

    n_features_in_ : int
        Features that the target takes.

    Warns
    -----
    UserWarning
        If the target answers differently each time it is asked.

    See Also
    --------
    LowdMeekAttack : The same where the target tells labels alone.
    PathFindingAttack : For decision trees.

    Notes
    -----
    Columns of texts and categories, in a DataFrame, count as one column for each value,
    as behind a one-hot encoder, and are asked with values that the table has. A record
    with another value is refused by the copy.

    Features that do not vary within the bounds count as part of the intercept: the copy
    knows nothing of other values.

    Rounded answers: coefficients that fit a few queries for each term come first. Of
    two classes, and of numbers, the attack then bisects for points at which the
    rounded answer changes, where the unrounded one is known exactly, so that every
    further query for a term halves its error. Of more classes it fits all answers by
    least squares, at points where rounding costs least.

    References
    ----------
    F. Tramèr, F. Zhang, A. Juels, M. K. Reiter, T. Ristenpart. "Stealing machine
    learning models via prediction APIs". USENIX Security 2016. The bisection of
    rounded answers is an addition of this package.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skprivacy.extraction import EquationSolvingAttack
    >>> from skprivacy.targets import BlackBox
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    >>> copy = EquationSolvingAttack(BlackBox(model, budget=1000)).fit(X[:100])
    >>> bool(abs(copy.predict_proba(X) - model.predict_proba(X)).max() < 1e-9)
    True
    >>> copy.n_queries_
    34
    """

    _parameter_constraints: dict = {
        **BaseExtractionAttack._parameter_constraints,
        "memory": MEMORY,
        "form": [StrOptions({"auto", *FORMS})],
        "n_check": [Interval(Integral, 0, None, closed="left")],
        "n_per_term": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        target,
        *,
        form="auto",
        n_check=3,
        n_per_term=20,
        memory=None,
        bounds=None,
        random_state=None,
    ):
        self.target = target
        self.form = form
        self.n_check = n_check
        self.n_per_term = n_per_term
        self.memory = memory
        self.bounds = bounds
        self.random_state = random_state

    def _fit(self, oracle, space):
        self._refuse(
            oracle,
            tuple(LINKS),
            "LowdMeekAttack copies linear models by their labels.",
        )
        constant = space.constant
        if len(constant):
            warnings.warn(
                f"{len(constant)} of {self.n_features_in_} features do not vary in X "
                f"(at positions {constant.tolist()[:10]}), so that the copy does not "
                "know what they do. bounds= says how far they may be moved.",
                UserWarning,
                stacklevel=4,
            )
        first = Form(self._forms()[0], np.ones(len(space.free), dtype=bool))
        oracle.need(
            first.n_terms + self.n_check,
            f"the {first.kind} form of {len(space.free)} features, with "
            f"n_check={self.n_check},",
        )
        center, answer = find_center(oracle, space)
        if self._design is not None:
            # Else a move to one value of a text would leave the center's own in place.
            space, center = space.around(center)
            oracle.space = self._design = space
        self._frame = Frame(space, center)
        offsets, squared = offsets_of(space, center)
        points, answers = center[None], answer
        checked = None
        for kind in self._forms():
            form = Form(kind, squared)
            n_new = form.n_terms - len(points)
            oracle.need(n_new, f"the {kind} form of {len(space.free)} features")
            moves = form.steps(offsets)[len(points) :]
            most = max(MOST_NOISE, link_noise(answer, LINKS[oracle.response][0])[0])
            new, told = ask_near(oracle, space, center, moves, most)
            points, answers = np.vstack([points, new]), np.vstack([answers, told])
            if checked is None:
                checked = self._ask_checks(
                    oracle, space, center, answers.shape[1], max(SAME, most)
                )
            everything = np.vstack([answers, checked[1]])
            self.decimals_ = decimals_of(everything, oracle.response)
            # Numbers may be whole by themselves; probabilities that differ are not.
            is_rounded = self.decimals_ is not None and oracle.response == "proba"
            is_rounded &= bool((everything != everything[0]).any())
            for link in LINKS[oracle.response]:
                if is_rounded or not self._solve(form, link, points, answers):
                    continue
                if self._holds(*checked):
                    self._show(answers, space, exact=True)
                    return
            if self.decimals_ is not None:
                break
            if kind == "linear" and self._are_shares(oracle, space, center, answer):
                self._fit_shares(oracle, space, form, points, answers, checked)
                return
        if self.decimals_ is None and not self._is_noisy(oracle, points, answers):
            raise ValueError(
                f"target: its answers are no {' or '.join(self._forms())} form of the "
                "features, nor are their logarithms or log-odds. The other attacks of "
                "this family copy other models."
            )
        points = np.vstack([points, checked[0]])
        answers = np.vstack([answers, checked[1]])
        self._fit_inexact(oracle, space, points, answers, squared)

    def _space_of(self, table):
        self._design = None
        if not text_columns(table):
            return super()._space_of(table)
        if self.form == "quadratic":
            raise ValueError(
                "form='quadratic' needs numbers in all columns of X; these hold "
                f"others: {text_columns(table)}."
            )
        self._design = DesignSpace(TableSpace(table, self.bounds))
        return self._design

    def _check_table(self, X, reset):
        if not text_columns(X) and (reset or self._design is None):
            return super()._check_table(X, reset)
        validate_data(self, X, reset=reset, skip_check_array=True)
        if reset and len(X) < 2:
            raise ValueError(
                f"X: Found array with {len(X)} sample(s) (shape={X.shape}) while a "
                "minimum of 2 is required, to see which values texts have."
            )
        bad = missing_numbers(X)
        if bad:
            raise ValueError(
                f"X: numbers are missing, or infinite, in the columns {bad}. No "
                "equation holds for them; SurrogateAttack copies models of such tables."
            )
        return X

    def _checked(self, X):
        check_is_fitted(self)
        if self._design is None:
            return super()._checked(X)
        return self._design.encode_table(self._check_table(X, reset=False))

    def _forms(self):
        if self.form != "auto":
            return (self.form,)
        if not self.n_check:
            return FORMS[:1]
        # A text has one value at a time, so that products of two of them are nothing.
        return FORMS if self._design is None else FORMS[:2]

    def _ask_checks(self, oracle, space, center, n_columns, most_noise):
        """Ask about records that no equation is made of, spread over the table."""
        if not self.n_check:
            return space.records[:0], np.empty((0, n_columns))
        # A feature that is as at the center says nothing of its products with others.
        n_moved = (space.records != center).sum(axis=1)
        first = np.argsort(-n_moved, kind="stable")[: max(len(n_moved) // 3, 1)]
        rows = first[np.linspace(0, len(first) - 1, self.n_check).astype(int)]
        moves = (space.records[rows] - center)[:, space.free]
        # As sure as they must be to tell a wrong form.
        return ask_near(oracle, space, center, moves, most_noise)

    def _solve(self, form, link, points, answers):
        scores = scores_of(answers, link)
        if not np.isfinite(scores).all():
            return False
        self._set(form, link, solve_terms(form.terms(self._frame(points)), scores))
        return True

    def _set(self, form, link, coefficients):
        self._form, self.link_, self._coefficients = form, link, coefficients

    def _are_shares(self, oracle, space, center, answer):
        """Whether answers along a line are shares of sigmoids, one a class."""
        if oracle.response != "proba" or answer.shape[1] < 3 or not self.n_check:
            return False
        oracle.need(N_ON_LINE, "a look along a line")
        share = np.arange(1, N_ON_LINE + 1)[:, None] / N_ON_LINE
        far = np.argmax(np.abs(self._frame(space.records)).sum(axis=1))
        moves = share * (space.records[far] - center)[space.free]
        points, answers = ask_near(oracle, space, center, moves, SAME)
        points, answers = np.vstack([center, points]), np.vstack([answer, answers])
        if not (answers > 0).all():
            return False
        way = self._frame(points)
        along = way @ way[-1] / (way[-1] @ way[-1] + 1e-300)
        terms = np.column_stack([np.ones(len(along)), along])
        return fit_shares(terms, answers)[1] < LINE_ERROR

    def _fit_shares(self, oracle, space, form, points, answers, checked):
        """Solve for sigmoids of which only their shares of the sum are seen."""
        n_classes = answers.shape[1]
        n_new = int(np.ceil(PER_UNKNOWN * n_classes * form.n_terms / (n_classes - 1)))
        n_new = max(n_new - len(points), 0)
        oracle.need(n_new, f"the one-vs-rest form of {len(space.free)} features")
        rng = check_random_state(self.random_state)
        rows = rng.randint(len(space.records), size=n_new)
        ends = (space.records[rows] + space.uniform(n_new, rng)) / 2
        moves = (ends - self._frame.center)[:, space.free]
        new, told = ask_near(oracle, space, self._frame.center, moves, SAME)
        points, answers = np.vstack([points, new]), np.vstack([answers, told])
        found, error = fit_shares(form.terms(self._frame(points)), answers)
        self._set(form, "one_vs_rest", found)
        if not (error < SHARE_ERROR and self._holds(*checked)):
            raise ValueError(
                "target: on a line its answers are shares of sigmoids, one a class, "
                f"but {len(points)} equations did not tell their coefficients."
            )
        self._show(answers, space, exact=True)

    def _holds(self, points, answers):
        """Whether the equations tell the answers to records they were not made of."""
        if not len(points):
            return True
        scores = self._scores(points)
        found = to_answers(scores, self.link_)
        if self.link_ == "one_vs_rest":
            return bool(np.abs(found - answers).max() <= SAME)
        size = 1.0 if self.link_ == "softmax" else np.abs(answers).max() + 1e-300
        if not np.abs(found - answers).max() <= SAME * size:
            return False
        # Where probabilities are all but 0 and 1, log-odds still tell models apart.
        known = link_noise(answers, self.link_) < SAME
        truth = scores_of(answers[known], self.link_)
        return bool((np.abs(scores[known] - truth) <= SAME * (1 + np.abs(truth))).all())

    def _is_noisy(self, oracle, points, answers):
        """Whether the target contradicts itself."""
        n_again = min(3, len(points))
        gap = oracle.repeat(points[:n_again], answers[:n_again])
        self.is_deterministic_ = gap == 0
        if gap == 0:
            return False
        warnings.warn(
            "the target does not answer the same question the same way twice; its "
            f"answers are averaged over {self.n_per_term} queries for each term.",
            UserWarning,
            stacklevel=5,
        )
        return True

    def _fit_inexact(self, oracle, space, points, answers, squared):
        """Fit rounded or noisy answers, with more queries than there are terms."""
        solver = InexactSolver(
            oracle,
            space,
            self._frame,
            points,
            answers,
            self.decimals_,
            self.n_per_term,
            check_random_state(self.random_state),
        )
        for kind in self._forms():
            form = Form(kind, squared)
            for link in LINKS[oracle.response]:
                found = solver.solve(form, link)
                if found is not None:
                    self._set(form, link, found)
                    self._show(answers, space, exact=False)
                    return
        raise ValueError(
            f"target: its answers, rounded to {self.decimals_} decimals, are no "
            f"{' or '.join(self._forms())} form of the features within what rounding "
            "explains. The other attacks of this family copy other models."
        )

    def _show(self, answers, space, exact):
        """Name what was found, in the features' own units."""
        self.form_ = self._form.kind
        self.is_exact_ = exact
        if exact:
            self.decimals_ = None
            # What contradicts itself is no solution of equations.
            self.is_deterministic_ = True
        if self.form_ != "linear":
            return
        inner = self._coefficients[1:] / self._frame.width[:, None]
        outer = self._coefficients[0] - self._frame.center[space.free] @ inner
        coef = np.zeros((inner.shape[1], space.n_features))
        coef[:, space.free] = inner.T
        if self.link_ == "softmax" and answers.shape[1] == 2:
            # Scores are of the first class against the last.
            coef, outer = -coef, -outer
        elif self.link_ == "softmax":
            coef = np.vstack([coef, np.zeros(space.n_features)])
            outer = np.append(outer, 0.0)
            coef, outer = coef - coef.mean(axis=0), outer - outer.mean()
        elif len(coef) == 2 and self._shown == "decision":
            coef, outer = coef[1:], outer[1:]
        self.coef_, self.intercept_ = coef, outer
        if self._design is not None:
            self.coef_names_ = self._design.names

    def _scores(self, X):
        z, size = self._frame(X), max(CHUNK // self._form.n_terms, 1)
        parts = [z[start : start + size] for start in range(0, len(z), size)]
        return np.vstack(
            [self._form.terms(part) @ self._coefficients for part in parts]
        )

    def _answers(self, X):
        return to_answers(self._scores(X), self.link_)

    @available_if(lambda attack: attack._response_of_copy() in ("proba", "decision"))
    def decision_function(self, X):
        """Decision values; of a target that gives probabilities, log-odds.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_records, n_features)
            Records.

        Returns
        -------
        decision : ndarray of shape (n_records,) or (n_records, n_classes)
            One number a record where there are two classes; log-odds of more sum to
            zero.
        """
        check_is_fitted(self)
        scores = self._scores(self._checked(X))
        if self.link_ == "one_vs_rest":
            logs = log_shares(scores)
            return logs - logs.mean(axis=1, keepdims=True)
        if self._shown == "decision":
            return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores
        if scores.shape[1] == 1:
            return -scores[:, 0]
        scores = np.hstack([scores, np.zeros((len(scores), 1))])
        return scores - scores.mean(axis=1, keepdims=True)


def solve_terms(terms, scores):
    """Coefficients of which scores are the sums.

    Parameters
    ----------
    terms : ndarray of shape (n_points, n_terms)
        Terms of the points, at least as many points as terms.

    scores : ndarray of shape (n_points, n_scores)
        Scores of the points.

    Returns
    -------
    coefficients : ndarray of shape (n_terms, n_scores)

    Examples
    --------
    >>> import numpy as np
    >>> solve_terms(np.array([[1.0, 0.0], [1.0, 2.0]]), np.array([[1.0], [7.0]]))
    array([[1.],
           [3.]])
    """
    # As small moves stand for steep slopes, each equation is brought to the same size.
    size = np.abs(terms[:, 1:]).max(axis=0, initial=0) + 1e-300
    scale = np.r_[1.0, size]
    # From the first point's score on, so that what is constant stays so exactly.
    base = scores[:1]
    if terms.shape[0] == terms.shape[1]:
        # With thousands of terms, by far the quicker of the two.
        found = np.linalg.solve(terms / scale, scores - base)
    else:
        found = np.linalg.lstsq(terms / scale, scores - base, rcond=None)[0]
    found /= scale[:, None]
    found[0] += base[0]
    return found
