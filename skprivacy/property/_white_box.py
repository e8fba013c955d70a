"""What models hold, as numbers."""

import numpy as np

from skprivacy.property._models import inside
from skprivacy.property._parameters import read_parameters
from skprivacy.property._preprocessing import PRESENCE, read_preprocessing
from skprivacy.property._structure import read_structure
from skprivacy.targets import BlackBox

__all__ = ["WhiteBoxReader"]


class WhiteBoxReader:
    """Reads what models hold, and lays it out alike for all of them.

    Parameters
    ----------
    kinds : tuple of str
        What to read, of "parameters", "structure".

    optional : bool, default=False
        Whether a model of which nothing can be read is left to others, who ask it.
    """

    def __init__(self, kinds, optional=False):
        self.kinds = kinds
        self.optional = optional

    def fit(self, models):
        """Learn which numbers there are.

        Parameters
        ----------
        models : list of fitted models
            Shadow models.

        Returns
        -------
        self : WhiteBoxReader

        Raises
        ------
        TypeError
            If nothing can be read in any of the models.
        """
        self.found = [self._numbers_of(model) for model in models]
        if not any(self.found) and not self.optional:
            raise TypeError(_unreadable(models[0], self.kinds))
        self._names = {}
        for numbers in self.found:
            for block, values in numbers.items():
                names = self._names.setdefault(block, {})
                names.update(dict.fromkeys(values))
        # A category that a model never met has no coefficient: usual is what fits it.
        self.usual = {
            block: np.nanmean(self._rows(self.found, block), axis=0)
            for block in self._names
        }
        return self

    def of_fitted(self) -> dict:
        """Numbers of the models that it was fitted on.

        Returns
        -------
        blocks : dict of str to ndarray of shape (n_models, n_columns)
        """
        return self._blocks(self.found)

    def read(self, models) -> dict:
        """Numbers of other models.

        Parameters
        ----------
        models : list of fitted models
            Models.

        Returns
        -------
        blocks : dict of str to ndarray of shape (n_models, n_columns)
        """
        found = [self._numbers_of(model) for model in models]
        for model, numbers in zip(models, found, strict=True):
            # To take it for the usual one would be an answer out of thin air.
            if self._names and not numbers:
                raise TypeError(_unreadable(model, self.kinds))
        return self._blocks(found)

    def names(self) -> dict:
        """Names of the columns of each block.

        Returns
        -------
        names : dict of str to list of str
        """
        return {block: list(names) for block, names in self._names.items()}

    def _blocks(self, found):
        blocks = {}
        for block, usual in self.usual.items():
            rows = self._rows(found, block)
            blocks[block] = np.where(np.isnan(rows), usual, rows)
        return blocks

    def _rows(self, found, block):
        names = self._names[block]
        return np.array(
            [
                [numbers.get(block, {}).get(name, _absent(name)) for name in names]
                for numbers in found
            ]
        )

    def _numbers_of(self, model):
        """Numbers by block and name."""
        if self.optional and isinstance(model, BlackBox):
            return {}
        model = inside(model)
        numbers = {"steps": read_preprocessing(model)}
        if "parameters" in self.kinds:
            numbers["parameters"] = read_parameters(model)
        if "structure" in self.kinds:
            numbers["structure"] = read_structure(model)
        return {block: values for block, values in numbers.items() if values}


def _absent(name):
    """Return what stands for a name that a model does not have."""
    return 0.0 if name.startswith(PRESENCE) else np.nan


def _unreadable(model, kinds):
    return (
        f"nothing of the kind {' or '.join(map(repr, kinds))} can be read in "
        f"{type(model).__name__}: read are coefficients, priors, means and networks of "
        "scikit-learn, trees that skprivacy.inspection.read_trees takes, and the steps "
        'of pipelines before them. Give queries, and kind="queries" or "auto", to ask '
        "the model instead."
    )
