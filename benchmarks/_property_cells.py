"""Models of one cell, trained once and kept as what the attacks see of them.

The models themselves are not kept: a forest's file is large, and the attacks ask all
models about the same records.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from _property_data import LABEL, PropertyTable, recipe_of
from _rows import stopwatch
from scipy.stats import uniform
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin

from skprivacy.property import DirectReadout, ModelFeatures, PropertyWorlds, flip_column

ROW = "row"


@dataclass(frozen=True)
class Setting:
    """What is attacked, and with how many models.

    Attributes
    ----------
    table : str
        Name of the table.
    target : str
        Recipe of the targets.
    ratios : tuple of float
        The worlds; of one pair of equal ones nothing can be told. ``()``: any share
        from .1 to .9.
    hold : bool
        Whether the shares of the classes are the same in all worlds.
    split : int
        Seed of the halves.
    n_shadow, n_targets : int
        Models a world.
    shadow : str or None
        Recipe of the shadow models, if another one.
    shadow_ratios : tuple of two floats or None
        Worlds of the shadow models, if others: farther apart about the same middle.
    """

    table: str
    target: str
    ratios: tuple[float, ...] = (0.3, 0.7)
    hold: bool = False
    split: int = 0
    n_shadow: int = 64
    n_targets: int = 100
    shadow: str | None = None
    shadow_ratios: tuple[float, ...] | None = None

    @property
    def is_control(self):
        """Whether worlds do not differ."""
        return len(self.ratios) == 2 and self.ratios[0] == self.ratios[1]

    def ratios_of(self, role):
        """Worlds of "shadow" or "target" models."""
        return (role == "shadow" and self.shadow_ratios) or self.ratios

    def name(self, role):
        """Name of a file for "shadow" or "target" models."""
        recipe = self.target if role == "target" else self.shadow or self.target
        n = self.n_targets if role == "target" else self.n_shadow
        ratios = "-".join(map(str, self.ratios_of(role))) or "any"
        parts = [self.table, recipe, ratios]
        parts += ["held" if self.hold else "free", f"split{self.split}", role, n]
        return "_".join(map(str, parts)).replace(" ", "").replace(",", "-")


class RecordedModel(ClassifierMixin, BaseEstimator):
    """Answers of a model to numbered records, and what was read in it.

    Parameters
    ----------
    answers : ndarray of shape (n_questions,)
        Probability of class 1.
    numbers : ndarray or None
        What :class:`RecordedNumbers` hands back.
    """

    def __init__(self, answers=None, numbers=None):
        self.answers = answers
        self.numbers = numbers
        self.classes_ = np.array([0, 1])

    def fit(self, X=None, y=None):
        """Do nothing: it is trained."""
        return self

    def predict_proba(self, X):
        """Look the answers up by the first column."""
        rows = np.asarray(X)[:, 0].astype(int)
        return np.column_stack([1 - self.answers[rows], self.answers[rows]])

    def predict(self, X):
        """Return the likelier class."""
        return self.predict_proba(X).argmax(axis=1)


class RecordedNumbers(TransformerMixin, BaseEstimator):
    """White-box numbers, as :class:`ModelFeatures` read them before.

    Parameters
    ----------
    blocks : dict of str to slice
        Columns of each kind.
    kinds : tuple of str or None
        Kinds to hand back; None: all.
    asking : ModelFeatures or None
        What asks the models besides.
    """

    def __init__(self, blocks=None, kinds=None, asking=None):
        self.blocks = blocks
        self.kinds = kinds
        self.asking = asking

    def fit(self, X, y=None):
        """Lay the kinds out one after the other."""
        self.fit_transform(X)
        return self

    def fit_transform(self, X, y=None):
        """Fit, and return the numbers of the same models."""
        parts = self._read(X)
        if self.asking is not None:
            parts |= _by_kind(self.asking.fit_transform(X), self.asking.blocks_)
        self.blocks_, start = {}, 0
        for kind, numbers in parts.items():
            self.blocks_[kind] = slice(start, start + numbers.shape[1])
            start += numbers.shape[1]
        return np.hstack(list(parts.values()))

    def transform(self, X):
        """Return the numbers of recorded models."""
        parts = self._read(X)
        if self.asking is not None:
            parts |= _by_kind(self.asking.transform(X), self.asking.blocks_)
        return np.hstack(list(parts.values()))

    def _read(self, X):
        numbers = np.array([model.numbers for model in X])
        parts = _by_kind(numbers, self.blocks)
        return {k: v for k, v in parts.items() if self.kinds is None or k in self.kinds}


def _by_kind(numbers, blocks):
    return {kind: numbers[:, columns] for kind, columns in blocks.items()}


class Cell:
    """Shadow models and targets of one setting.

    Parameters
    ----------
    setting : Setting
        What is attacked.
    table : PropertyTable
        Its table.
    folder : str or None
        Where models are kept; None: nowhere.
    """

    def __init__(self, setting: Setting, table: PropertyTable, folder=None):
        self.setting, self.table = setting, table
        self.folder = folder and Path(folder)

    @cached_property
    def shadow(self):
        """What is kept of the shadow models."""
        return self.keep(self.setting.name("shadow"), self._train_shadow)

    @cached_property
    def targets(self):
        """What is kept of the targets."""
        return self.keep(self.setting.name("target"), self._train_targets)

    @property
    def can_be_opened(self):
        """Whether numbers of shadow models and targets are of the same columns.

        Targets are kept with those that the first shadow models had.
        """
        read = self.shadow["reader"] is not None
        return read and self.targets["numbers_by"] == self.setting.name("shadow")

    @property
    def strata(self):
        """``2 * class + has_property`` of each query."""
        return self.shadow["strata"]

    @property
    def queries(self):
        """Numbers of the queries."""
        return pd.DataFrame({ROW: np.arange(len(self.strata))})

    @property
    def flipped(self):
        """Numbers of the queries with the property turned into its opposite."""
        return self.queries + len(self.strata)

    @property
    def labeled(self):
        """The queries with group and label."""
        return self.queries.assign(group=self.strata % 2, **{LABEL: self.strata // 2})

    def models(self, role):
        """Return the recorded models of "shadow" or "target"."""
        kept = self.shadow if role == "shadow" else self.targets
        numbers = kept["numbers"]
        if numbers is None:
            numbers = [None] * len(kept["answers"])
        return list(map(RecordedModel, kept["answers"].astype(float), numbers))

    def worlds(self, role):
        """Return the world of each model, 0 or 1; where any share may be, the share."""
        kept = self.shadow if role == "shadow" else self.targets
        if not self.setting.ratios:
            return kept["ratios"]
        return np.arange(len(kept["ratios"])) % 2

    def keep_scores(self, attack, make):
        """Return what is kept of an attack: its answer, and its CPU seconds."""

        def timed():
            with stopwatch() as seconds:
                answer = make()
            return answer, seconds[0]

        names = [self.setting.name(role) for role in ("shadow", "target")]
        slug = "".join(c if c.isalnum() else "-" for c in attack)
        return self.keep("_".join([*names, slug]), timed)

    def keep(self, name, make):
        """Return what is kept under a name; make it where nothing is."""
        if not self.folder:
            return make()
        path = self.folder / f"{name}.joblib"
        if path.exists():
            return joblib.load(path)
        kept = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        joblib.dump(kept, part, compress=3)
        part.rename(path)
        return kept

    def _train_shadow(self):
        setting = self.setting
        own, _ = self.table.halves(setting.split)
        worlds = self._worlds(
            "shadow",
            setting.shadow or setting.target,
            setting.n_shadow,
            paired=not setting.is_control,
            queries=self.table.n_queries,
            random_state=setting.split,
        )
        with stopwatch() as seconds:
            worlds.fit(own)
        queries = worlds.queries_
        kept = {
            "queries": queries,
            "strata": worlds.query_strata_,
            "seconds": seconds[0],
        }
        with stopwatch() as seconds:
            reader = ModelFeatures("auto")
            try:
                kept["numbers"] = reader.fit_transform(worlds.models_)
                kept["reader"] = reader
            except TypeError:
                kept["numbers"] = kept["reader"] = None
        kept["reading_seconds"] = seconds[0]
        return kept | self._seen(worlds, queries)

    def _train_targets(self):
        setting, shadow = self.setting, self.shadow
        _, theirs = self.table.halves(setting.split)
        worlds = self._worlds(
            "target",
            setting.target,
            setting.n_targets,
            paired=False,
            n_pools=1,
            random_state=setting.split + 1_000,
        ).fit(theirs)
        numbers = shadow["reader"] and shadow["reader"].transform(worlds.models_)
        read = [_read(model, *self.table.property) for model in worlds.models_]
        kept = {"numbers": numbers, "read": np.array(read)}
        kept["numbers_by"] = setting.name("shadow")
        return kept | self._seen(worlds, shadow["queries"])

    def _worlds(self, role, recipe, n_each, **settings):
        ratios = self.setting.ratios_of(role) or uniform(0.1, 0.8)
        return PropertyWorlds(
            recipe_of(recipe),
            self.table.property,
            ratios=ratios,
            n_models=2 * n_each,
            size=self.table.size,
            hold="label" if self.setting.hold else None,
            label=LABEL,
            **settings,
        )

    def _seen(self, worlds, queries):
        questions = pd.concat([queries, flip_column(queries, self.table.column)])
        models = worlds.models_
        answers = [model.predict_proba(questions)[:, 1] for model in models]
        return {
            "answers": np.array(answers, dtype=np.float32),
            "ratios": worlds.ratios_,
            "weights": [weights_of(model) for model in models],
        }


def weights_of(model):
    """Return the weights of a linear model or a network by name of the input.

    Parameters
    ----------
    model : Pipeline
        Fitted target.

    Returns
    -------
    dict or None
        ``names`` of the inputs, and ``layers``: pairs of an array of shape
        (n_inputs, n_outputs) and one of shape (n_outputs,).
    """
    last = model[-1]
    if hasattr(last, "coefs_"):
        layers = list(zip(last.coefs_, last.intercepts_, strict=True))
    elif hasattr(last, "coef_"):
        layers = [(last.coef_.T, last.intercept_)]
    else:
        return None
    return {"names": list(model[:-1].get_feature_names_out()), "layers": layers}


def _read(model, column, value):
    """Return the share that is read without shadow models; NaN if it is not told."""
    try:
        return float(DirectReadout(column, value).fit().predict([model])[0])
    except (ValueError, TypeError):
        return np.nan
