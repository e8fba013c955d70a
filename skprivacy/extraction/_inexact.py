"""Coefficients from answers that are rounded or noisy."""

import numpy as np
from scipy.linalg import qr

from skprivacy.extraction._least_squares import fit_answers, slopes
from skprivacy.extraction._links import scores_of, to_answers

__all__ = ["InexactSolver", "bisect_edges", "decimals_of"]

#: Most decimals that count as rounding.
MOST_DECIMALS = 8
#: Terms that are laid out at once.
CHUNK = 20_000_000
#: Queries for a term before points are bisected.
N_BROAD = 4
#: Equations beyond those needed, which even out those that are least sure.
SPARE = 1.1
#: Pairs of points, for each equation, among which the best are chosen.
N_PAIRS = 20
#: Answers may differ from the fit by so many units of the last decimal: half of one is
#: rounding, the rest is what a few queries for each term leave open.
MOST_MISFIT = 2.0


def decimals_of(answers, response):
    """Tell to how many decimals answers are rounded.

    Parameters
    ----------
    answers : ndarray of shape (n_points, n_columns)
        Answers; some of them strictly between 0 and 1 if they are probabilities.

    response : str
        What they stand for.

    Returns
    -------
    decimals : int or None
        None where they are not rounded.

    Examples
    --------
    >>> import numpy as np
    >>> decimals_of(np.array([[0.25, 0.75], [0.1, 0.9]]), "proba")
    2
    """
    values = answers[(answers > 0) & (answers < 1)] if response == "proba" else answers
    if not values.size:
        return None
    for decimals in range(MOST_DECIMALS + 1):
        # What was rounded is the nearest number to its decimals.
        if (np.round(values, decimals) == values).all():
            return decimals
    return None


class InexactSolver:
    """Fits a form to answers that are rounded or noisy.

    Parameters
    ----------
    oracle : Oracle
        The target.

    space : QuerySpace
        What may be asked.

    frame : Frame
        Coordinates.

    points : ndarray of shape (n_points, n_features)
        What was asked already.

    answers : ndarray of shape (n_points, n_columns)
        Answers to it.

    decimals : int or None
        Decimals of the answers; None where they are noisy instead.

    n_per_term : int
        Queries for each term.

    rng : RandomState
        Where points come from.
    """

    def __init__(
        self, oracle, space, frame, points, answers, decimals, n_per_term, rng
    ):
        self.oracle, self.space, self.frame = oracle, space, frame
        self.points, self.answers = points, answers
        self.decimals, self.n_per_term, self.rng = decimals, n_per_term, rng

    def solve(self, form, link):
        """Coefficients of one form on one scale.

        Parameters
        ----------
        form : Form
            The form.

        link : str
            The scale.

        Returns
        -------
        coefficients : ndarray of shape (n_terms, n_scores) or None
            None if the form does not explain the answers.
        """
        if link == "log" and not (self.answers > 0).all():
            return None
        n_in_all = self.n_per_term * form.n_terms
        if self.n_per_term >= N_BROAD:
            # Enough to tell a wrong form, whatever was asked in vain.
            n_in_all = max(n_in_all, self.oracle.n_queries + 2 * form.n_terms)
        self.oracle.need(
            n_in_all - self.oracle.n_queries,
            f"the {form.kind} form of rounded or noisy answers with "
            f"n_per_term={self.n_per_term}",
        )
        # A line is bisected for one score; there is nothing between whole numbers.
        n_scores = scores_of(self.answers[:1], link).shape[1]
        single = n_scores == 1 or self._is_one_decision()
        bisects = self.decimals is not None and single
        bisects = bisects and not self.space.integer.any()
        n_more = N_BROAD * form.n_terms - len(self.points) if bisects else n_in_all
        n_broad = min(n_in_all, self.oracle.n_queries + max(n_more, 0))
        fit = self._fit_broad(form, link, n_broad)
        if not self._explains(form, link, fit):
            return None
        n_left = n_in_all - self.oracle.n_queries
        if bisects and n_left > form.n_terms:
            fit = self._sharpen(form, link, fit, n_left)
        return fit

    def _explains(self, form, link, fit):
        """Whether rounding explains what the fit leaves."""
        # A handful of points for each term is fitted by anything.
        if self.decimals is None or len(self.points) < 2 * form.n_terms:
            return True
        terms = form.terms(self.frame(self.points))
        error = to_answers(terms @ fit, link) - self.answers
        return np.abs(error).max() <= MOST_MISFIT * 10.0**-self.decimals

    def _is_one_decision(self):
        """Two decision values, of which the first is always 0."""
        return self.oracle.response == "decision" and self.answers.shape[1] == 2

    def _fit_broad(self, form, link, n_broad):
        """Ask where rounding costs least, a batch at a time, and fit all answers."""
        fit = None
        while True:
            terms = form.terms(self.frame(self.points))
            fit = fit_answers(terms, self.answers, link, self._unit, fit)
            n_new = min(n_broad - self.oracle.n_queries, len(self.points))
            if n_new <= 0:
                return fit
            new = self._best_points(form, link, self.points, fit, n_new)
            self.points = np.vstack([self.points, new])
            self.answers = np.vstack([self.answers, self.oracle.ask(new)])

    @property
    def _column(self):
        """Column of the answers that is bisected: the second of two."""
        return self.answers.shape[1] - 1

    @property
    def _unit(self):
        """Smallest difference between answers that are told apart."""
        return 10.0**-self.decimals if self.decimals is not None else 1e-3

    def _best_points(self, form, link, asked, fit, n_new):
        """Points at which answers say most of the coefficients."""
        n = max(n_new, min(max(8 * n_new, 200), CHUNK // form.n_terms))
        rows = self.rng.randint(len(self.space.records), size=n)
        ends = np.where(
            self.rng.uniform(size=(n, 1)) < 0.5,
            self.space.records[rows],
            self.space.uniform(n, self.rng),
        )
        # Extremes of the box say most of slopes, where answers are not saturated.
        corner = self.rng.uniform(size=(n, 1)) < 0.5
        middle = (self.space.lower + self.space.upper) / 2
        ends = np.where(
            corner, np.where(ends > middle, self.space.upper, self.space.lower), ends
        )
        share = self.rng.choice([0.1, 0.2, 0.35, 0.5, 0.75, 1.0], size=(n, 1))
        center = self.frame.center
        pool = self.space.snap(center + share * (ends - center))
        terms, known = form.terms(self.frame(pool)), form.terms(self.frame(asked))
        weight, before = slopes(terms @ fit, link), slopes(known @ fit, link)
        gain = np.zeros(n)
        for k in range(weight.shape[1]):
            rows = before[:, k : k + 1] * known
            info = rows.T @ rows
            info += 1e-6 * np.trace(info) / len(info) * np.eye(len(info)) + 1e-300
            spread = np.linalg.solve(info, (weight[:, k : k + 1] * terms).T)
            gain += (spread.T * weight[:, k : k + 1] * terms).sum(axis=1)
        n_best = n_new - n_new // 4
        best = pool[np.argsort(-gain, kind="stable")[:n_best]]
        return np.vstack([best, self._doubtful(form, link, fit, n_new - n_best)])

    def _doubtful(self, form, link, fit, n_points):
        """Points between records where the fit is least sure, to find a wrong one out.

        Near the center any smooth function is linear, and among records of which all
        are sure a wrong form may be right.
        """
        records = self.space.records
        first, second = self.rng.randint(len(records), size=(2, n_points))
        if link != "softmax":
            share = self.rng.uniform(size=(n_points, 1))
            way = records[first] + share * (records[second] - records[first])
            return self.space.snap(way)
        share = np.linspace(0, 1, 33)[:, None, None]
        ways = records[first] + share * (records[second] - records[first])
        terms = form.terms(self.frame(ways.reshape(-1, records.shape[1])))
        sure = to_answers(terms @ fit, link).max(axis=1).reshape(len(ways), -1)
        return self.space.snap(ways[sure.argmin(axis=0), np.arange(n_points)])

    def _sharpen(self, form, link, fit, n_left):
        """Bisect for points at which a rounded answer changes, and solve there."""
        n_rows = min(int(np.ceil(SPARE * form.n_terms)), n_left // 2)
        if n_rows < form.n_terms:
            return fit
        low, high, edge = self._pairs(N_PAIRS * n_rows)
        if len(low) < form.n_terms:
            return fit
        low, high = self.points[low], self.points[high]
        column, n_columns = self._column, self.answers.shape[1]
        target = scores_of(_as_answers(edge, n_columns, self.oracle.response), link)
        start, slope = _where(form, self.frame, fit, low, high, target, column)
        crossing = low + start[:, None] * (high - low)
        chosen = _independent(form.terms(self.frame(crossing)), n_rows)
        low, high, edge, start = (part[chosen] for part in (low, high, edge, start))
        target, slope = target[chosen], slope[chosen]
        score = min(column, target.shape[1] - 1)
        width = slopes(target, link)[:, score]
        width = 2 * 10.0**-self.decimals / np.maximum(width * slope, 1e-12)

        def is_above(share, rows):
            asked = low[rows] + share[:, None] * (high - low)[rows]
            return self.oracle.ask(asked)[:, column] > edge[rows]

        share, error = bisect_edges(is_above, start, width, n_left)
        found = low + share[:, None] * (high - low)
        # What is less sure of its place counts less.
        weight = 1 / (error * slope + 1e-13)
        rows = form.terms(self.frame(found))
        weight = (weight / weight.max())[:, None]
        sharp = np.linalg.lstsq(weight * rows, weight * target, rcond=None)[0]
        return sharp if np.isfinite(sharp).all() else fit

    def _pairs(self, n_pairs):
        """Pairs of points between which a rounded answer changes, and where it does."""
        values = self.answers[:, self._column]
        unit = 10.0**-self.decimals
        first, second = self.rng.randint(len(values), size=(2, n_pairs))
        swap = values[first] > values[second]
        first, second = np.where(swap, second, first), np.where(swap, first, second)
        bottom, top = values[first], values[second]
        if self.oracle.response == "proba":
            # Further out, log-odds change too much from one answer to the next.
            bottom, top = np.maximum(bottom, 0.05), np.minimum(top, 0.95)
        steps = np.round((top - bottom) / unit).astype(int)
        good = steps >= 1
        first, second, bottom, steps = (
            part[good] for part in (first, second, bottom, steps)
        )
        middle = np.floor(self.rng.uniform(size=len(steps)) * steps)
        edge = np.round(bottom / unit) * unit + (middle + 0.5) * unit
        return first, second, edge


def _as_answers(edge, n_columns, response):
    if n_columns == 1:
        return edge[:, None]
    first = 1 - edge if response == "proba" else np.zeros(len(edge))
    return np.column_stack([first, edge])


def _where(form, frame, fit, low, high, target, column):
    """Where on the way from low to high the fit has the score looked for."""
    shares = np.linspace(0, 1, 65)
    start, slope = np.empty(len(low)), np.empty(len(low))
    score = min(column, fit.shape[1] - 1)
    for i in range(len(low)):
        way = low[i] + shares[:, None] * (high[i] - low[i])
        scores = form.terms(frame(way)) @ fit[:, score] - target[i, score]
        at = int(np.abs(scores).argmin())
        sides = np.sign(scores)
        change = np.flatnonzero(sides[1:] != sides[:-1])
        if len(change):
            at = int(change[0])
            step = scores[at + 1] - scores[at]
            start[i] = shares[at] - scores[at] / step / 64
        else:
            start[i] = shares[at]
        near = min(at, 63)
        slope[i] = abs(scores[near + 1] - scores[near]) * 64
    return np.clip(start, 0, 1), slope


def _independent(rows, n_rows):
    """Choose rows that are as far from depending on each other as they come."""
    chosen, pool = [], np.arange(len(rows))
    while len(chosen) < n_rows and len(pool):
        n_more = min(n_rows - len(chosen), rows.shape[1], len(pool))
        order = qr(rows[pool].T, mode="r", pivoting=True)[1][:n_more]
        chosen.extend(pool[order])
        pool = np.delete(pool, order)
    return np.array(chosen)


def bisect_edges(is_above, start, width, n_queries):
    """Bisect for the places at which answers change, all at once.

    Parameters
    ----------
    is_above : callable
        Takes shares of the way, shape (n,), and the numbers of the places that they are
        of, shape (n,); says which answers are above the change. It is taken for false
        at 0 and true at 1.

    start : ndarray of shape (n_places,)
        Where each is expected, as a share of its way.

    width : ndarray of shape (n_places,)
        How far off that may be.

    n_queries : int
        Most questions.

    Returns
    -------
    place : ndarray of shape (n_places,)
        Where answers change.

    error : ndarray of shape (n_places,)
        How far off that may still be.

    Examples
    --------
    >>> import numpy as np
    >>> above = lambda share, rows: share > np.array([0.3, 0.7])[rows]
    >>> place, _ = bisect_edges(above, np.array([0.5, 0.7]), np.full(2, 0.1), 60)
    >>> place.round(3).tolist()
    [0.3, 0.7]
    """
    n = len(start)
    low, high = np.zeros(n), np.ones(n)
    reach = np.clip(width, 1e-12, 1.0)
    probe = start.copy()
    while n_queries > 0:
        rows = np.flatnonzero(high - low > 1e-15)[:n_queries]
        if not len(rows):
            break
        above = is_above(probe[rows], rows)
        n_queries -= len(rows)
        high[rows] = np.where(above, np.minimum(high[rows], probe[rows]), high[rows])
        low[rows] = np.where(above, low[rows], np.maximum(low[rows], probe[rows]))
        # While one end is still the way's own, it is looked for step by step.
        middle = (low + high) / 2
        ahead = np.where(low > 0, low + reach, high - reach)
        seeking = ((low <= 0) | (high >= 1)) & (ahead > low) & (ahead < high)
        probe = np.where(seeking, ahead, middle)
        reach = np.where(seeking, 4 * reach, reach)
    return (low + high) / 2, (high - low) / 2
