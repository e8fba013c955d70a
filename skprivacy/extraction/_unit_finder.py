"""The planes at which units of a hidden layer switch."""

import numpy as np

from skprivacy.extraction._kinks import TooManyKinks, find_kinks, jump_at
from skprivacy.extraction._links import link_noise, scores_of, to_answers

__all__ = ["UnitFinder", "fit_units", "unit_terms"]

#: Scores that are less sure are not used.
MOST_NOISE = 1e-11
#: Answers that a copy tells to this are the target's.
SAME = 1e-8
#: A point lies on a plane if it is nearer than this share of the ranges.
ON_PLANE = 1e-5
#: Planes whose coefficients, of length 1, differ by less are the same.
SAME_PLANE = 1e-4
#: A unit that changes scores by a smaller share than this is none.
LEAST_PART = 1e-9
#: Records that are asked at first.
N_RECORDS = 100
#: Known planes must show on so many crossings in all, and be missed on this share at
#: most. Those of deeper networks are bent.
N_CROSSINGS, MOST_MISSED = 40, 0.3
#: Ways to points that the copy is wrong about.
N_REPAIRS = 30


class UnitFinder:
    """Follows lines through the space, and finds a plane at every kink.

    Parameters
    ----------
    oracle : Oracle
        The target.

    space : QuerySpace
        What may be asked.

    frame : Frame
        Coordinates, in which all that is found is told.

    link : {"softmax", "identity"}
        Scale on which the target is linear but for kinks.

    max_queries : int
        Most queries.

    rng : RandomState
        Which lines are followed.

    Attributes
    ----------
    planes : ndarray of shape (n_units, 1 + n_free)
        Where each unit switches: offset and normal of length 1.

    coefficients : ndarray of shape (1 + n_free + n_units, n_scores)
        Of the linear part, and of the distances from the planes.
    """

    def __init__(self, oracle, space, frame, link, max_queries, rng):
        self.oracle, self.space, self.frame, self.link = oracle, space, frame, link
        self.max_queries, self.rng = max_queries, rng
        self.lower, self.upper = (
            frame(space.lower[None])[0],
            frame(space.upper[None])[0],
        )
        self.planes = np.empty((0, len(space.free) + 1))
        self._z, self._scores, self._noise, self._answers = [], [], [], []
        self._n_crossings = self._n_missed = 0

    def run(self, n_lines):
        """Follow lines until none shows a new unit.

        Parameters
        ----------
        n_lines : int
            Lines in a row that must show none.
        """
        order = self.rng.permutation(len(self.space.records))[:N_RECORDS]
        self._records = self.frame(self.space.records[order])
        self.ask(self._records)
        n_quiet = n_repairs = 0
        while True:
            if n_quiet < n_lines:
                ends = self._inner(), self._inner()
            else:
                worst = self._worst()
                if worst is None:
                    break
                if n_repairs == N_REPAIRS:
                    raise self._refusal(
                        f"points remain about which {len(self.planes)} units are wrong"
                    )
                n_repairs += 1
                ends = self._inner(), worst
            is_new = self._follow(*ends)
            n_quiet = 0 if is_new else n_quiet + 1
            if is_new:
                self._fit()
        self._prune()

    def ask(self, z):
        """Ask about points.

        Parameters
        ----------
        z : ndarray of shape (n_points, n_free)
            Coordinates.

        Returns
        -------
        scores : ndarray of shape (n_points, n_scores)
        noise : ndarray of shape (n_points,)
        """
        if self.oracle.n_queries + len(z) > self.max_queries:
            raise self._refusal(
                f"max_queries={self.max_queries} do not suffice: "
                f"{len(self.planes)} units were found"
            )
        points = np.tile(self.frame.center, (len(z), 1))
        points[:, self.space.free] += z * self.frame.width
        points = np.clip(points, self.space.lower, self.space.upper)
        answers = self.oracle.ask(points)
        scores = scores_of(answers, self.link)
        size = np.abs(np.where(np.isfinite(scores), scores, 0)).max(axis=1)
        noise = link_noise(answers, self.link) + 2.0**-50 * (1 + size)
        self._z.append(self.frame(points))
        self._scores.append(scores)
        self._noise.append(noise)
        self._answers.append(answers)
        return scores, noise

    def _refusal(self, what):
        return ValueError(
            f"target: {what}, after {self.oracle.n_queries} queries. It is no network "
            "of one hidden layer of rectified linear units that answers exactly, or "
            "has more units than can be told apart. The other attacks of this family "
            "copy other models."
        )

    def _inner(self):
        """Draw a point at which no class is all but certain."""
        kind = self.rng.randint(3)
        z = self.rng.uniform(self.lower, self.upper)
        if kind == 1:
            # Lines to corners are the longest.
            z = np.where(z > (self.lower + self.upper) / 2, self.upper, self.lower)
        elif kind == 2:
            z = self._records[self.rng.randint(len(self._records))]
        for _ in range(20):
            if self.ask(z[None])[1][0] <= MOST_NOISE:
                break
            z = z / 2
        return z

    def _follow(self, low, high):
        """Find the planes of kinks on a line; whether one is new."""
        way, places = high - low, []

        def on_way(shares):
            scores, noise = self.ask(low + shares[:, None] * way)
            places.append(np.stack([shares, noise]))
            # What is not sure is left out, as where the line is straight.
            return np.where(np.isfinite(scores), scores, 0), noise

        try:
            kinks = find_kinks(on_way)
        except TooManyKinks:
            raise self._refusal("its answers are not made of straight lines") from None
        self._count_missed(low, way, kinks, np.hstack(places))
        edges, n_before = np.r_[0, kinks, 1], len(self.planes)
        for k, share in enumerate(kinks):
            point = low + share * way
            if (
                np.abs(self.planes[:, 1:] @ point + self.planes[:, 0]) < ON_PLANE
            ).any():
                continue
            gap = min(edges[k + 1] - edges[k], edges[k + 2] - edges[k + 1])
            reach = min(gap / 3, 1e-2)
            jump = jump_at(self.ask, point, way, reach, self.lower, self.upper)
            if jump is not None and np.isfinite(jump).all():
                self._add(point, jump)
        return len(self.planes) > n_before

    def _add(self, point, jump):
        """Keep the plane through a point across which the gradient jumps."""
        normals, _, _ = np.linalg.svd(jump, full_matrices=False)
        plane = np.r_[-normals[:, 0] @ point, normals[:, 0]]
        apart = [np.linalg.norm(self.planes - s * plane, axis=1) for s in (-1, 1)]
        if np.min(apart, initial=np.inf) > SAME_PLANE:
            self.planes = np.vstack([self.planes, plane])

    def _count_missed(self, low, way, kinks, places):
        """Count where known planes should have shown on a line, and did not."""
        start = self.planes[:, 1:] @ low + self.planes[:, 0]
        slope = self.planes[:, 1:] @ way
        with np.errstate(divide="ignore", invalid="ignore"):
            share = -start / slope
        share = share[(share > 0.02) & (share < 0.98)]
        # Where answers are not sure, kinks do not show.
        at, noise = places[:, np.argsort(places[0], kind="stable")]
        after = np.searchsorted(at, share)
        share = share[np.maximum(noise[after - 1], noise[after]) <= MOST_NOISE]
        apart = np.abs(share[:, None] - np.r_[kinks, np.inf]).min(axis=1)
        self._n_crossings += len(share)
        self._n_missed += int((apart > 1e-4).sum())
        if self._n_crossings > N_CROSSINGS:
            if self._n_missed > MOST_MISSED * self._n_crossings:
                raise self._refusal("the planes at which its slope changes are bent")

    def _fit(self):
        z, scores, noise = (
            np.concatenate(part) for part in (self._z, self._scores, self._noise)
        )
        good = noise <= MOST_NOISE
        # Where all answers are less sure, as of large numbers, those are used.
        if good.sum() < 2 * (1 + z.shape[1] + len(self.planes)):
            good = np.isfinite(noise)
        self.coefficients = fit_units(z[good], scores[good], noise[good], self.planes)

    def _worst(self):
        """Point that was asked about which the copy is most wrong, if it is."""
        self._fit()
        z, answers = np.concatenate(self._z), np.concatenate(self._answers)
        found = to_answers(unit_terms(z, self.planes) @ self.coefficients, self.link)
        error = np.abs(found - answers).max(axis=1)
        limit = SAME * (1.0 if self.link == "softmax" else np.abs(answers).max())
        return z[error.argmax()] if error.max() > limit else None

    def _prune(self):
        """Let go of planes at which scores do not change."""
        size = np.abs(self.coefficients[-len(self.planes) :]).max(axis=1, initial=0)
        if len(self.planes):
            self.planes = self.planes[size > LEAST_PART * size.max()]
            self._fit()


def unit_terms(z, planes):
    """Terms of points: 1, the coordinates, and the distance from each plane.

    Parameters
    ----------
    z : ndarray of shape (n_points, n_free)
        Coordinates.

    planes : ndarray of shape (n_units, 1 + n_free)
        Offset and normal of each plane.

    Returns
    -------
    terms : ndarray of shape (n_points, 1 + n_free + n_units)

    Examples
    --------
    >>> import numpy as np
    >>> unit_terms(np.array([[3.0, 5.0]]), np.array([[-7.0, 1.0, 0.0]]))
    array([[1., 3., 5., 4.]])
    """
    far = np.abs(planes[:, 0] + z @ planes[:, 1:].T)
    return np.hstack([np.ones((len(z), 1)), z, far])


def fit_units(z, scores, noise, planes):
    """Coefficients of the terms, by least squares.

    A unit is max(0, u) = (u + abs(u)) / 2: which side it is at work on is part of the
    linear terms, so that only the planes need to be known.

    Parameters
    ----------
    z : ndarray of shape (n_points, n_free)
        Coordinates.

    scores : ndarray of shape (n_points, n_scores)
        Scores.

    noise : ndarray of shape (n_points,)
        How unsure they are.

    planes : ndarray of shape (n_units, 1 + n_free)
        Offset and normal of each plane.

    Returns
    -------
    coefficients : ndarray of shape (1 + n_free + n_units, n_scores)

    Examples
    --------
    >>> import numpy as np
    >>> z = np.array([[-1.0], [0.0], [1.0], [2.0]])
    >>> planes, noise = np.array([[0.0, 1.0]]), np.ones(4)
    >>> fit_units(z, np.maximum(0, z), noise, planes)[1:].round(6).ravel()
    array([0.5, 0.5])
    """
    weight = (noise.min() / noise)[:, None]
    terms = unit_terms(z, planes)
    return np.linalg.lstsq(weight * terms, weight * scores, rcond=None)[0]
