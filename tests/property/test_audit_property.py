"""The whole attack on one model."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta
from sklearn.compose import make_column_transformer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.property import (
    ModelFeatures,
    PropertyInferenceResult,
    _property_reading,
    audit_property,
)
from skprivacy.property._attacker_pool import AttackerPool
from skprivacy.property._audit_property import prior_on
from skprivacy.property._property_reading import ShareReader
from skprivacy.targets import BlackBox


def people(n, share, seed):
    """People of whom a share is of group 1, and these buy more often."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.arange(n) < round(share * n)).astype(int)
    x = rng.normal(size=(n, 2))
    bought = x[:, 0] + 1.5 * group + rng.normal(size=n) > 0.75
    table = pd.DataFrame({"group": group, "x0": x[:, 0], "x1": x[:, 1]})
    return table, pd.Series(bought.astype(int), name="bought")


POOL = people(1200, 0.5, seed=1)
FEW = {"n_models": 16, "hold": None, "black_box": True, "random_state": 0}


def target(share=0.3, n=300, seed=2, model=None):
    return (GaussianNB() if model is None else model).fit(*people(n, share, seed))


@pytest.fixture(scope="module", autouse=True)
def few_folds():
    """Read shadow models in two parts: to read them takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_property_reading, "N_FOLDS", 2)
        yield


@pytest.fixture(scope="module")
def result():
    return audit_property(
        target(), *POOL, property="group == 1", n_models=32, true_ratio=0.3,
        random_state=0,
    )  # fmt: skip


def test_the_share_is_found(result):
    assert isinstance(result, PropertyInferenceResult)
    assert result.interval_.low <= 0.3 <= result.interval_.high
    assert abs(result.ratio_ - 0.3) < 0.15
    assert result.base_rate == 0.5
    assert result.best.grid[[0, -1]].tolist() == [0.2, 0.8]


def test_all_four_readings_are_there(result):
    kinds = [(r.access, r.hold) for r in result.readings]
    assert kinds == [
        ("black box", None),
        ("white box", None),
        ("black box", "label"),
        ("white box", "label"),
    ]
    assert result.best.hold is None


def test_worlds_are_told_apart_and_their_error_is_small(result):
    for reading in result.readings:
        assert reading.roc_auc.estimate > 0.9
    assert result.best.error < result.best.error_of_guess / 2


def test_the_share_stands_in_naive_bayes_itself(result):
    assert result.readout.exact
    assert result.readout.share == pytest.approx(0.3)
    assert result.verdict.level == "strong"
    assert "holds the share of group == 1 itself, 30%" in result.verdict.text


def test_whoever_can_only_ask_reads_nothing_inside():
    found = audit_property(target(), *POOL, property="group == 1", **FEW)
    assert [r.access for r in found.readings] == ["black box"]
    assert found.readout is None


def test_a_box_is_not_opened():
    options = FEW | {"black_box": False}
    found = audit_property(
        BlackBox(target(), response="label"), *POOL, property="group == 1", **options
    )
    assert [r.access for r in found.readings] == ["black box"]
    assert found.readout is None


def test_the_same_seed_gives_the_same_result():
    one, two = (
        audit_property(FrozenEstimator(target()), *POOL, property=("group", 1), **FEW)
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one.summary(), two.summary())


def test_worlds_of_equal_models_say_nothing():
    # Labels that hang on nothing, and a model that does not see the group.
    rng = np.random.default_rng(0)
    X, _ = POOL
    y = pd.Series(rng.integers(2, size=len(X)))

    blind = make_column_transformer(("passthrough", ["x1"]))
    model = make_pipeline(blind, GaussianNB()).fit(X[:300], y[:300])
    found = audit_property(model, X, y, property="group == 1", **FEW | {"n_models": 48})
    assert found.verdict.level == "none"
    assert found.interval_.high - found.interval_.low > 0.4


def test_arrays_and_a_function_do():
    X, y = POOL[0].to_numpy(), POOL[1].to_numpy()
    model = GaussianNB().fit(X[:200], y[:200])
    for asked in ((0, 1), lambda records: records[:, 0] == 1):
        found = audit_property(model, X, y, property=asked, ratios=(0.3, 0.7), **FEW)
        assert found.best.grid[[0, -1]].tolist() == [0.3, 0.7]


def test_a_regressor_has_no_label_to_hold():
    model = LinearRegression().fit(*people(200, 0.4, 5))
    options = FEW | {"hold": "both"}
    found = audit_property(model, *POOL, property="group == 1", **options)
    assert [r.hold for r in found.readings] == [None]
    assert found.notes == ()


def test_the_label_as_the_property_can_not_be_held():
    options = FEW | {"hold": "both"}
    with pytest.warns(UserWarning, match="could not be held"):
        found = audit_property(target(), *POOL, property="bought == 1", **options)
    assert [r.hold for r in found.readings] == [None]
    assert len(found.notes) == 1


def test_a_prior_moves_the_posterior():
    options = FEW | {"ratios": (0.2, 0.8)}
    low, high = (
        audit_property(target(), *POOL, property="group == 1", prior=prior, **options)
        for prior in (beta(2, 12), beta(12, 2))
    )
    assert low.ratio_ < high.ratio_
    assert low.baseline_.high < high.baseline_.high


def test_a_density_that_is_infinite_at_an_end():
    found = prior_on(np.linspace(0, 1, 11), beta(0.5, 0.5))
    assert np.isfinite(found).all() and found.sum() == pytest.approx(1)


# Sizes


def test_the_size_of_the_target_is_taken_where_it_can_be():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = audit_property(
            target(n=150), *POOL, property="group == 1", target_size=150, **FEW
        )
    assert found.best.size == 150


def test_a_larger_target_is_carried_on_to_with_a_warning():
    options = FEW | {"n_models": 24}
    with pytest.warns(UserWarning, match="the model on 2,000: the pool has no more"):
        found = audit_property(
            target(n=2000), *POOL, property="group == 1", target_size=2000, **options
        )
    assert found.best.size < 400
    assert found.best.law.offset < 0
    assert "trend over smaller sizes" in found.notes[0]


# Calibration


@pytest.mark.power
def test_intervals_cover_as_often_as_they_say(monkeypatch):
    monkeypatch.setattr(_property_reading, "N_FOLDS", 5)
    # 200 targets of other people, read by one attack. The pool is forty times as large
    # as a training set, so that its own error moves all targets alike by a sixth of
    # their deviation, which doubles the variance of the count at most: 0.9 +- 4 times
    # 0.0212 * sqrt(2) is left in about 1 of 10,000 runs.
    rng = np.random.RandomState(0)
    pool = AttackerPool(*people(4800, 0.5, seed=3), "group == 1", GaussianNB(), rng)
    grid = np.linspace(0.2, 0.8, 301)
    shadows = pool.train(None, (0.2, 0.8), [100], 96, grid, rng)
    shares = np.round(rng.uniform(0.2, 0.8, size=200), 2)
    targets = [target(share, 100, 1000 + i) for i, share in enumerate(shares)]
    asked = ModelFeatures("queries", queries=pool.queries[:100])
    numbers = asked.fit_transform(shadows.models)
    reader = ShareReader(
        numbers, asked.blocks_, shadows.ratios, shadows.sizes, size=100, grid=grid,
        prior=np.full(301, 1 / 301), factor=shadows.factor, access="black box",
        hold=None, confidence=0.9,
    )  # fmt: skip
    covered, widths = [], []
    for share, read in zip(shares, asked.transform(targets), strict=True):
        interval = reader.read(read).interval
        covered.append(interval.low <= share <= interval.high)
        widths.append(interval.high - interval.low)
    assert np.mean(covered) == pytest.approx(0.9, abs=4 * 0.0212 * np.sqrt(2))
    assert np.mean(widths) < 0.5  # of 0.54 without the model


# Bad input


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"property": "group == 7"}, "none of the 1200 records"),
        ({"property": "x0 > 2.6"}, "records with it; at least 20"),
        ({"ratios": (0.5, 0.5)}, "two different shares"),
        ({"ratios": (0.0, 1.0), "hold": "label", "size": 1100}, "can't provide"),
        ({"n_models": 4}, "n_models"),
        ({"hold": "free"}, "hold"),
        ({"prior": beta(2, 2, loc=5)}, "positive density"),
        ({"true_ratio": 1.5}, "true_ratio"),
    ],
)
def test_bad_input_is_refused(changes, message):
    options = FEW | {"property": "group == 1"} | changes
    with pytest.raises(ValueError, match=message):
        audit_property(target(), *POOL, **options)


def test_a_prior_must_be_a_distribution():
    with pytest.raises(TypeError, match="prior must be a distribution"):
        audit_property(target(), *POOL, property="group == 1", prior=0.5, **FEW)


def test_a_plain_function_needs_a_recipe():
    def answer(X):
        return np.full((len(X), 2), 0.5)

    box = BlackBox(answer, response="proba", classes=[0, 1])
    with pytest.raises(ValueError, match="recipe must be given"):
        audit_property(box, *POOL, property="group == 1", **FEW)


@pytest.mark.parametrize(
    "model", [KNeighborsClassifier(), make_pipeline(StandardScaler(), GaussianNB())]
)
def test_other_models_are_read_too(model):
    options = FEW | {"black_box": False}
    found = audit_property(target(model=model), *POOL, property="group == 1", **options)
    assert 0.2 <= found.ratio_ <= 0.8
