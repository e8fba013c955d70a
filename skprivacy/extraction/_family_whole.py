"""Signs of models that take whole numbers alone."""

import numpy as np

from skprivacy.extraction._family_looks import NOTHING
from skprivacy.extraction._family_probes import is_same
from skprivacy.extraction._family_signs import bend
from skprivacy.extraction._family_smooth import scores_on_lines
from skprivacy.extraction._family_steps import StepLooks
from skprivacy.extraction._links import LINKS

__all__ = ["WholeLooks"]

#: Features of the widest ranges along which answers are followed.
N_WAYS = 8
#: Whole numbers in a row at which answers are looked at.
N_NEAR = 7


class WholeLooks(StepLooks):
    """Tells what whole numbers show, which cannot be touched."""

    def tell_whole(self):
        """Tell the family by whole numbers alone, which cannot be touched."""
        is_sum = self.is_sum()
        base = self.points[0]
        width = self.space.upper - self.space.lower
        wide = np.argsort(-width, kind="stable")[:N_WAYS]
        wide = wide[width[wide] > 1]
        if is_sum and not len(wide):
            # Of two values each, all sums are linear.
            return "linear"
        curved = [self._curve(base, j) for j in wide]
        curved = [curve for curve in curved if curve is not None]
        if not curved:
            return "unknown"
        bends, twists = np.array(curved).max(axis=0)
        self.evidence.update(bend=float(bends), twist=float(twists))
        if is_sum and bends < NOTHING:
            return "linear"
        if twists < NOTHING:
            return "naive_bayes" if is_sum else "quadratic"
        if is_sum:
            return "stumps"
        # Smooth answers change with each whole number.
        j = int(wide[0])
        near = np.tile(base, (N_NEAR, 1))
        start = min(base[j], self.space.upper[j] - N_NEAR + 1)
        near[:, j] = np.maximum(start + np.arange(N_NEAR), self.space.lower[j])
        told = self.oracle.ask(near)
        self.evidence["moves"] = float((~is_same(told[1:], told[:-1])).mean())
        if self.evidence["moves"] > 0.8:
            return "unknown"
        self._note_shares()
        return self.tell_trees([self.walk()])

    def _curve(self, base, feature):
        """Bend and twist along one feature; None where it shows nothing."""
        quarter = np.floor((self.space.upper - self.space.lower)[feature] / 4)
        step = max(quarter, 1.0)
        n_points = 5 if quarter else 3
        line = np.tile(base, (n_points, 1))
        line[:, feature] = self.space.lower[feature] + step * np.arange(n_points)
        answers = self.oracle.ask(line)[None]
        if is_same(answers[0], answers[0, :1]).all():
            return None
        curves = []
        for link in LINKS[self.oracle.response]:
            scores = scores_on_lines(answers, link)
            if np.isfinite(scores).all():
                even = scores[:, :: 2 if quarter else 1]
                twist = bend(scores, 3)[0] if quarter else 0.0
                curves.append((bend(even, 2)[0], twist))
        return min(curves, default=(np.inf, np.inf))
