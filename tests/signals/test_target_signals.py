"""The transformer from records to signals."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skprivacy.signals import TargetSignals, available_signals, check_signal
from skprivacy.targets import BlackBox

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 4))
Y = (X[:, 0] + 2 * RNG.normal(size=200) > 0).astype(float)
RECORDS = np.column_stack([X, Y])
IS_MEMBER = np.repeat([1, 0], 100)
FOREST = RandomForestClassifier(20, random_state=0).fit(X[:100], Y[:100])


@pytest.mark.parametrize(
    "box",
    [
        BlackBox(FOREST),
        FrozenEstimator(FOREST),
        BlackBox(FOREST, response="label"),
        BlackBox(LinearSVC().fit(X, Y)),
        BlackBox(RandomForestRegressor(5).fit(X, Y)),
    ],
    ids=["proba", "white box", "label", "decision", "value"],
)
def test_all_that_the_answers_offer(box):
    table = TargetSignals(box).set_output(transform="pandas").fit_transform(RECORDS)
    response = getattr(box, "response_", "proba")
    assert tuple(table.columns) == available_signals(response)
    assert np.isfinite(table.to_numpy()).all()


def test_each_signal_is_larger_for_members_of_an_overfit_forest():
    table = TargetSignals(BlackBox(FOREST)).set_output(transform="pandas")
    means = table.fit_transform(RECORDS).groupby(IS_MEMBER).mean()
    assert (means.loc[1] > means.loc[0]).all()


def test_chosen_signals_in_their_order():
    signals = TargetSignals(BlackBox(FOREST), signals=["loss", "confidence"])
    table = signals.fit_transform(RECORDS)
    assert signals.get_feature_names_out().tolist() == ["loss", "confidence"]
    np.testing.assert_allclose(np.exp(table[:, 0]), np.maximum(table[:, 1], 1e-16))


def test_frames_and_arrays_alike():
    frame = pd.DataFrame(RECORDS, columns=[*"abcd", "y"])[["y", *"abcd"]]
    from_frame = TargetSignals(BlackBox(FOREST), label="y").fit_transform(frame)
    from_array = TargetSignals(BlackBox(FOREST)).fit_transform(RECORDS)
    np.testing.assert_array_equal(from_frame, from_array)


def test_one_query_a_record_and_none_in_fit():
    box = BlackBox(FOREST)
    TargetSignals(box).fit(RECORDS).transform(RECORDS[:30])
    assert box.n_queries_ == 30


def test_in_front_of_any_classifier():
    attack = make_pipeline(
        TargetSignals(BlackBox(FOREST)), StandardScaler(), LogisticRegression()
    )
    scores = cross_val_score(attack, RECORDS, IS_MEMBER, scoring="roc_auc")
    assert scores.mean() > 0.75


def test_unknown_signal_is_named():
    signals = TargetSignals(BlackBox(FOREST), signals=["luck"])
    with pytest.raises(ValueError, match="signal='luck'.*'confidence'"):
        signals.fit(RECORDS)


def test_other_columns_are_refused():
    signals = TargetSignals(BlackBox(FOREST)).fit(RECORDS)
    with pytest.raises(ValueError, match="features"):
        signals.transform(RECORDS[:, 1:])


@pytest.mark.parametrize("response", ["x", None, 3, []])
def test_an_unknown_kind_of_answer_is_refused(response):
    with pytest.raises(ValueError, match="response must be one of"):
        available_signals(response)
    with pytest.raises(ValueError, match="response must be one of"):
        check_signal("loss", response)
