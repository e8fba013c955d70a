"""Sums of terms of the features, and points that tell their coefficients apart."""

import numpy as np

__all__ = ["FORMS", "Form", "Frame", "offsets_of"]

#: From the fewest terms to the most.
FORMS = ("linear", "diagonal", "quadratic")


class Frame:
    """Coordinates in which all features that vary have the same width.

    Parameters
    ----------
    space : QuerySpace
        What may be asked.

    center : ndarray of shape (n_features,)
        Where all coordinates are 0.
    """

    def __init__(self, space, center):
        self.center, self.free = center, space.free
        self.width = (space.upper - space.lower)[space.free]

    def __call__(self, points):
        """Coordinates of points, shape (n_points, n_free)."""
        return (points - self.center)[:, self.free] / self.width


class Form:
    """A sum of terms: the features, their squares, their products.

    Parameters
    ----------
    kind : {"linear", "diagonal", "quadratic"}
        - "linear": 1 and each feature, d + 1 terms;
        - "diagonal": their squares too, 2d + 1 terms;
        - "quadratic": all products of two, (d + 1)(d + 2) / 2 terms.

    squared : ndarray of bool of shape (n_free,)
        Features that take more than two values, and so have a square of their own.

    Examples
    --------
    >>> import numpy as np
    >>> Form("quadratic", np.array([True, True])).terms(np.array([[2.0, 3.0]]))
    array([[1., 2., 3., 4., 9., 6.]])
    """

    def __init__(self, kind, squared):
        self.kind, self.squared = kind, squared
        self.pairs = np.triu_indices(len(squared), k=1)

    @property
    def n_terms(self):
        """Number of terms, which is that of the queries needed."""
        d = len(self.squared)
        n_squares = int(self.squared.sum())
        extra = {"linear": 0, "diagonal": n_squares}
        return 1 + d + extra.get(self.kind, n_squares + len(self.pairs[0]))

    def terms(self, z):
        """Terms of points.

        Parameters
        ----------
        z : ndarray of shape (n_points, n_free)
            Coordinates.

        Returns
        -------
        terms : ndarray of shape (n_points, n_terms)
        """
        parts = [np.ones((len(z), 1)), z]
        if self.kind != "linear":
            parts.append(z[:, self.squared] ** 2)
        if self.kind == "quadratic":
            i, j = self.pairs
            parts.append(z[:, i] * z[:, j])
        return np.hstack(parts)

    def steps(self, offsets):
        """Return moves away from the center that tell all terms apart.

        Parameters
        ----------
        offsets : ndarray of shape (2, n_free)
            Two different moves of each feature.

        Returns
        -------
        moves : ndarray of shape (n_terms, n_free)
            In the order of the terms; those of a smaller form come first.
        """
        first, second = np.diag(offsets[0]), np.diag(offsets[1])
        parts = [np.zeros((1, len(first))), first]
        if self.kind != "linear":
            parts.append(second[self.squared])
        if self.kind == "quadratic":
            i, j = self.pairs
            parts.append(first[i] + first[j])
        return np.vstack(parts)


def offsets_of(space, center):
    """Return two moves of each feature that stay within the space.

    Parameters
    ----------
    space : QuerySpace
        What may be asked.

    center : ndarray of shape (n_features,)
        Where the moves begin.

    Returns
    -------
    offsets : ndarray of shape (2, n_free)
        The first to half of the wider side; the second to half of the other, where
        that has some width, and to the end of the wider side where not.

    squared : ndarray of bool of shape (n_free,)
        Whether the two differ.
    """
    down, up = ((space.lower - center), (space.upper - center))
    down, up = down[space.free], up[space.free]
    wide = np.where(up >= -down, up, down)
    narrow = np.where(up >= -down, down, up)
    whole = space.integer[space.free]
    first = np.where(whole, np.sign(wide) * np.ceil(np.abs(wide) / 2), wide / 2)
    other = np.where(whole, np.sign(narrow) * np.ceil(np.abs(narrow) / 2), narrow / 2)
    has_room = np.abs(narrow) >= np.abs(wide) / 10
    second = np.where(has_room & (other != 0), other, wide)
    return np.stack([first, second]), first != second
