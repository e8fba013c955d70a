"""Signs of models whose answers are smooth: lines, parabolas, networks, kernels."""

import numpy as np

from skprivacy.extraction._family_looks import NOTHING, Looks
from skprivacy.extraction._family_signs import bend
from skprivacy.extraction._links import LINKS, link_noise, scores_of
from skprivacy.extraction._near import find_center
from skprivacy.extraction._shares import fit_shares

__all__ = ["SmoothLooks", "scores_on_lines"]

#: Log-odds that are less sure are asked nearer to the center.
MOST_NOISE = 1e-9
#: How often lines are shortened for that.
N_SHORTER = 8
#: Errors of the logarithms of shares that count as none.
SHARE_ERROR = 1e-8
#: Lines that are followed; those on which parabolas are tried.
N_WAYS, N_PARABOLAS = 8, 3
#: Length of short pieces, as a share of a line.
PIECE = 1e-3


class SmoothLooks(Looks):
    """Follows lines on which answers do not jump."""

    def tell_smooth(self):
        link = LINKS[self.oracle.response][0]
        rows = self.least_sure()
        center, answer = self.points[rows[0]], self.answers[rows[0]]
        if not np.isfinite(link_noise(answer[None], link)[0]):
            center, answer = find_center(self.oracle, self.space)
            self.points = np.vstack([center, self.points])
            self.answers = np.vstack([answer, self.answers])
            rows = np.arange(len(self.points))
        rows = np.append(rows, np.setdiff1d(np.arange(len(self.points)), rows))
        ways = self.points[rows[1:]] - center
        ways[:, self.space.integer] = 0
        ways = ways[(ways != 0).any(axis=1)][:N_WAYS]
        if not len(ways):
            return "unknown"
        ways, points, answers = self._follow(rows[0], ways)
        for link in LINKS[self.oracle.response]:
            self.evidence["bend"] = float(bend(scores_on_lines(answers, link), 2).max())
            if self.evidence["bend"] < NOTHING:
                return "linear"
        # Points on the quarters of a few lines tell parabolas.
        some = slice(0, N_PARABOLAS)
        quarters = center + np.array([0.25, 0.75])[None, :, None] * ways[some][:, None]
        told = np.stack([self.oracle.ask(part) for part in quarters])
        five = np.concatenate([answers[some], told], axis=1)[:, [0, 3, 1, 4, 2]]
        for link in LINKS[self.oracle.response]:
            self.evidence["twist"] = float(bend(scores_on_lines(five, link), 3).max())
            if self.evidence["twist"] < NOTHING:
                return (
                    "naive_bayes"
                    if self._is_sum_near(center, ways[some], link)
                    else "quadratic"
                )
        if self._is_one_vs_rest(five):
            return "one_vs_rest"
        return self._tell_pieces(ways, points, answers)

    def _is_one_vs_rest(self, answers):
        """Whether answers on lines through a point are shares of sigmoids."""
        n_lines, n_points, n_classes = answers.shape
        if self.oracle.response != "proba" or n_classes < 3 or not (answers > 0).all():
            return False
        # A slope for each line, and what all have in common.
        places = np.linspace(0, 1, n_points)
        slopes = np.kron(np.eye(n_lines), places[:, None])
        terms = np.hstack([np.ones((len(slopes), 1)), slopes])
        return fit_shares(terms, answers.reshape(-1, n_classes))[1] < SHARE_ERROR

    def _tell_pieces(self, ways, points, answers):
        """Tell networks, of which short pieces are straight, from what bends."""
        link = LINKS[self.oracle.response][0]
        # Each piece begins at a point that is known.
        starts = points[:, 1:].reshape(-1, points.shape[-1])
        known = answers[:, 1:].reshape(-1, 1, answers.shape[-1])
        aims = np.repeat(ways, 2, axis=0)
        pieces = (
            starts[:, None] - PIECE * np.arange(1, 3)[None, :, None] * aims[:, None]
        )
        told = self.oracle.ask(pieces.reshape(-1, points.shape[-1]))
        told = told.reshape(len(starts), 2, -1)
        scores = scores_on_lines(np.concatenate([known, told], axis=1), link)
        scores = scores[np.isfinite(scores).all(axis=(1, 2))]
        if not len(scores):
            return "unknown"
        share = float((bend(scores, 2) < NOTHING).mean())
        self.evidence["straight_pieces"] = share
        return "network" if share > 0.4 else "kernel"

    def _follow(self, row, ways):
        """Ask halfway and at the end of lines, shortened until log-odds are sure."""
        link = LINKS[self.oracle.response][0]
        center, answer = self.points[row], self.answers[row]
        places = np.array([0.0, 0.5, 1.0])
        points = center + places[None, :, None] * ways[:, None]
        answers = np.tile(answer, (len(ways), 3, 1))
        left = np.ones(len(ways), dtype=bool)
        for i, end in enumerate(points[:, 2]):
            # What was asked already.
            same = np.flatnonzero((self.points == end).all(axis=1))
            if len(same):
                answers[i, 2] = self.answers[same[0]]
            else:
                answers[i, 2] = self.oracle.ask(end[None])[0]
        answers[:, 1] = self.oracle.ask(points[:, 1])
        for _ in range(N_SHORTER):
            noise = np.stack([link_noise(part[1:], link).max() for part in answers])
            left = noise > MOST_NOISE
            if not left.any():
                break
            ways[left] /= 4
            points[left] = center + places[None, :, None] * ways[left][:, None]
            for place in (1, 2):
                answers[left, place] = self.oracle.ask(points[left, place])
        return ways, points, answers

    def _is_sum_near(self, center, ways, link):
        """Whether scores are sums over the features, near the center."""
        taken = self.rng.uniform(size=ways.shape) < 0.5
        parts = ways * 0, ways, np.where(taken, ways, 0), np.where(taken, 0, ways)
        scores = [scores_of(self.oracle.ask(center + part), link) for part in parts]
        rest = np.abs(scores[0] + scores[1] - scores[2] - scores[3]).max()
        spread = max(np.abs(scores[1] - scores[0]).max(), 1e-300)
        return bool(rest / spread < NOTHING)


def scores_on_lines(answers, link):
    """Scores of answers of shape (n_lines, n_points, n_columns), laid out as they."""
    flat = scores_of(answers.reshape(-1, answers.shape[-1]), link)
    return flat.reshape(*answers.shape[:2], -1)
