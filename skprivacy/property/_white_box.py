"""What models hold, as numbers."""

import numpy as np

from skprivacy.property._models import inside
from skprivacy.property._parameters import read_parameters, read_preprocessing

__all__ = ["WhiteBoxReader"]


class WhiteBoxReader:
    """Reads what models hold, and lays it out alike for all of them.

    Parameters
    ----------
    kinds : tuple of str
        What to read, of "parameters", "structure".
    """

    def __init__(self, kinds):
        self.kinds = kinds

    def fit(self, models):
        """Learn which numbers there are.

        Parameters
        ----------
        models : list of fitted models
            Shadow models.

        Returns
        -------
        self : WhiteBoxReader
        """
        self.found = [self._numbers_of(model) for model in models]
        self._names = {}
        for numbers in self.found:
            for block, values in numbers.items():
                names = self._names.setdefault(block, {})
                names.update(dict.fromkeys(values))
        # A category that a model never met has no coefficient: usual is what fits it.
        rows = {block: self._rows(self.found, block) for block in self._names}
        self.usual = {
            block: np.nan_to_num(np.nanmean(values, axis=0))
            for block, values in rows.items()
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
        return self._blocks([self._numbers_of(model) for model in models])

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
                [numbers.get(block, {}).get(name, np.nan) for name in names]
                for numbers in found
            ]
        )

    def _numbers_of(self, model):
        """Numbers by block and name."""
        model = inside(model)
        numbers = {"steps": read_preprocessing(model)}
        if "parameters" in self.kinds:
            numbers["parameters"] = read_parameters(model)
        return {block: values for block, values in numbers.items() if values}
