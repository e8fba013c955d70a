"""Quantile regression of the signal on known non-members."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import QuantileRegressor, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy.membership import PopulationAttack, QuantileAttack
from skprivacy.membership._quantile import set_quantile
from skprivacy.targets import BlackBox

QUICK = HistGradientBoostingRegressor(loss="quantile", max_iter=20)


def strangers(n, seed):
    """Records on which a function that was never trained answers with noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return np.column_stack([X, rng.integers(0, 2, n)])


def noisy_answer(X):
    """Probability that hangs on the first column, with noise that nothing explains."""
    p = 1 / (1 + np.exp(-2 * X[:, 0] - 2 * np.sin(1e4 * X[:, 1])))
    return np.column_stack([1 - p, p])


BOX = BlackBox(noisy_answer, classes=[0, 1])


class Constant(RegressorMixin, BaseEstimator):
    """Predict the quantile itself."""

    def __init__(self, quantile=0.5):
        self.quantile = quantile

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.full(len(X), self.quantile)


def test_p_value_on_a_hand_computed_case():
    # Confidences of the non-members 0.1, 0.3, 0.5, 0.7 less the quantile 0.2, beside
    # 0.9, 0.4 and 0.05 less the same: none, two and all four are at least as large.
    own = np.array([[0.1, 1.0], [0.3, 1.0], [0.5, 1.0], [0.7, 1.0]])
    box = BlackBox(lambda X: X[:, 0], classes=[0, 1])
    attack = QuantileAttack(
        box, regressor=Constant(), quantile=0.2, signal="confidence", alpha=0.3
    ).fit(own)
    np.testing.assert_allclose(attack.reference_, [-0.1, 0.1, 0.3, 0.5])
    records = np.array([[0.9, 1.0], [0.4, 1.0], [0.05, 1.0]])
    np.testing.assert_allclose(attack.p_value(records), [0.2, 0.6, 1.0])
    np.testing.assert_array_equal(attack.predict(records), [1, 0, 0])


@pytest.mark.parametrize("alpha", [0.01, 0.1])
def test_false_positive_rate_is_what_was_asked_for(alpha):
    # 1,500 records of one's own and 6,000 fresh ones of the same law: both samples
    # bring their binomial error. Four of it either side: false alarm 1 in 16,000.
    attack = QuantileAttack(BOX, regressor=QUICK, alpha=alpha, random_state=0)
    attack.fit(strangers(1_500, 0))
    rate = attack.predict(strangers(6_000, 1)).mean()
    error = np.sqrt(alpha * (1 - alpha) * (1 / 1_500 + 1 / 6_000))
    assert abs(rate - alpha) < 4 * error


@pytest.mark.parametrize("quantile", [0.05, 0.95])
def test_rate_holds_for_a_poor_regressor(quantile):
    # One split predicts next to nothing: what is left is attack P, and its level.
    stump = GradientBoostingRegressor(loss="quantile", n_estimators=1, max_depth=1)
    attack = QuantileAttack(
        BOX, regressor=stump, quantile=quantile, alpha=0.1, random_state=0
    )
    rate = attack.fit(strangers(1_000, 2)).predict(strangers(4_000, 3)).mean()
    assert abs(rate - 0.1) < 4 * np.sqrt(0.09 * (1 / 1_000 + 1 / 4_000))


def test_what_the_features_explain_is_no_sign_of_membership():
    # Both have the log-odds 2; in the second all of it is noise, at its largest.
    attack = QuantileAttack(BOX, regressor=QUICK, random_state=0)
    attack.fit(strangers(1_500, 0))
    records = np.array([[1.0, 0.0, 0.0, 1.0], [0.0, np.pi / 2e4, 0.0, 1.0]])
    easy, surprising = attack.p_value(records)
    assert surprising < 0.15 < 0.3 < easy
    population = PopulationAttack(BOX).fit(strangers(1_500, 0))
    np.testing.assert_allclose(*population.p_value(records))


def test_stronger_than_the_population_attack(overfit):
    scores = [
        attack.fit(overfit.strangers).score(overfit.records, overfit.is_member)
        for attack in (
            PopulationAttack(overfit.box),
            QuantileAttack(overfit.box, regressor=QUICK, random_state=0),
        )
    ]
    # Measured on the same records, so that their luck is in both.
    assert scores[1] > scores[0] + 0.03


def test_own_records_are_scored_as_fresh_ones():
    own = strangers(800, 4)
    attack = QuantileAttack(BOX, regressor=QUICK, random_state=0).fit(own)
    p_value = attack.p_value(own)
    # A regressor that had seen them would make the largest excesses rare. The ranks
    # of n held-out excesses among themselves are 1 / n, 2 / n, ..., 1 exactly.
    np.testing.assert_allclose(np.sort(p_value), np.arange(1, 801) / 800)


def test_equal_records_are_in_one_fold():
    own = np.vstack([strangers(60, 5)] * 3)
    attack = QuantileAttack(BOX, regressor=QUICK, random_state=0).fit(own)
    p_value = attack.p_value(own).reshape(3, 60)
    np.testing.assert_array_equal(p_value[0], p_value[1])
    assert len(attack.reference_) == 180


@pytest.mark.parametrize(
    "regressor",
    [
        GradientBoostingRegressor(loss="quantile", n_estimators=20),
        make_pipeline(SimpleImputer(), QuantileRegressor(alpha=0)),
        make_pipeline(OneHotEncoder(max_categories=3), QUICK).set_params(
            onehotencoder__sparse_output=False,
            onehotencoder__handle_unknown="infrequent_if_exist",
        ),
    ],
    ids=["boosting", "linear", "pipeline"],
)
def test_any_quantile_regressor(regressor, overfit):
    attack = QuantileAttack(overfit.box, regressor=regressor, random_state=0)
    attack.fit(overfit.strangers)
    assert attack.score(overfit.records, overfit.is_member) > 0.75


def test_the_quantile_is_set_by_whatever_name():
    quantile = set_quantile(QuantileRegressor(), 0.7)
    assert (quantile.quantile, quantile.alpha) == (0.7, 1.0)
    inside = set_quantile(make_pipeline(SimpleImputer(), QUICK), 0.7)
    assert inside[-1].quantile == 0.7


@pytest.mark.parametrize("regressor", [Ridge(), HistGradientBoostingRegressor()])
def test_regressor_of_a_mean_is_refused(regressor):
    attack = QuantileAttack(BOX, regressor=regressor)
    with pytest.raises(ValueError, match="regressor must be a quantile regressor"):
        attack.fit(strangers(50, 0))


def test_mixed_table_works_as_it_is():
    rng = np.random.default_rng(0)
    n = 900
    table = pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.1, np.nan, rng.integers(18, 90, n)),
            "city": rng.choice(["Ulm", "Bonn", None], n),
            "kind": pd.Categorical(rng.choice(["a", "b"], n)),
            "member": rng.random(n) < 0.5,
            "bought": rng.choice(["yes", "no"], n),
        }
    )
    numbers = table["age"].fillna(0).to_numpy()[:, None] + rng.random((n, 1))
    model = DecisionTreeClassifier(random_state=0)
    model.fit(numbers[:300], table["bought"][:300])
    looked_up = dict(zip(table.index, numbers, strict=True))

    def answer(X):
        return model.predict_proba(np.stack([looked_up[i] for i in X.index]))

    box = BlackBox(answer, classes=model.classes_)
    attack = QuantileAttack(box, label="bought", random_state=0).fit(table[600:])
    truth = np.repeat([1, 0], 300)
    assert attack.score(table[:600], truth) > 0.7
    new = table[:2].assign(city=["Rome", "Ulm"])
    assert np.isfinite(attack.decision_function(new)).all()


def test_signal_that_is_not_offered_is_refused():
    with pytest.raises(ValueError, match=r"signal='margins' can't be had"):
        QuantileAttack(BOX, signal="margins").fit(strangers(50, 0))


def test_one_record_many_times_is_refused():
    with pytest.raises(ValueError, match="at least 2 different"):
        QuantileAttack(BOX).fit(np.tile(strangers(1, 0), (20, 1)))
