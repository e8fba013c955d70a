"""Every membership attack of the package; with shadow models, by both engines.

The attacks are read from ``skprivacy.membership``.
"""

import inspect

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.naive_bayes import GaussianNB

from skprivacy import membership
from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox

N, N_MODELS = 1_000, 16
X, Y = make_classification(2 * N, 20, n_informative=8, flip_y=0.1, random_state=0)
RECORDS = np.column_stack([X, Y])
# One for which there is an engine, and one whose trees can be read.
BAYES = GaussianNB().fit(X[:N], Y[:N])
FOREST = RandomForestClassifier(30, random_state=0).fit(X[:N], Y[:N])


def attacks():
    """Return the public attacks by name."""
    return {
        name: getattr(membership, name)
        for name in membership.__all__
        if not name.startswith("Base")
    }


def settings():
    """Yield a name and the engines that make a difference to it."""
    for name, cls in attacks().items():
        has_shadow = "shadow" in inspect.signature(cls).parameters
        for engine in ("auto", "generic") if has_shadow else (None,):
            yield pytest.param(name, engine, id=f"{name}-{engine or 'no shadow'}")


def make(name, engine):
    """Set up an attack with its defaults, on the first target that it can attack."""
    cls = attacks()[name]
    known = inspect.signature(cls).parameters
    options = {"random_state": 0} if "random_state" in known else {}
    if "attack" in known:
        return cls(membership.ThresholdAttack(BlackBox(BAYES)), **options)
    if engine is not None:
        options["shadow"] = ShadowModels(
            n_models=N_MODELS, engine=engine, random_state=0
        )
    for target in (BlackBox(BAYES), FrozenEstimator(BAYES), FrozenEstimator(FOREST)):
        attack = cls(target, **options)
        try:
            clone(attack).fit(RECORDS[::4])
        except (TypeError, ValueError) as error:
            refusal = error
        else:
            return attack
    raise refusal


@pytest.mark.parametrize("name, engine", settings())
def bench_attack(measure, name, engine):
    attack = make(name, engine)

    def run():
        return clone(attack).fit(RECORDS).decision_function(RECORDS)

    assert len(measure(run)) == len(RECORDS)
