"""An audit of planted records, beside the others."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from skprivacy import audit
from skprivacy.records import make_canaries

N, N_CANARIES = 300, 60
HALF = N_CANARIES // 2


def planted(frame=True):
    """Plant half of the canaries in the training set, and hold out the others."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(3 * N, 4)), columns=[*"abcd"])
    X["town"] = rng.choice([*"xyz"], 3 * N)
    X["town"] = X["town"].map({"x": 0, "y": 1, "z": 2})
    y = pd.Series((X["a"] + 0.3 * rng.normal(size=3 * N) > 0).astype(int), name="ill")
    X_canaries, y_canaries = make_canaries(
        X[2 * N :], y[2 * N :], n=N_CANARIES, random_state=0
    )
    inside = np.arange(N_CANARIES) < HALF
    tables = []
    for part, kept in ((slice(N), inside), (slice(N, 2 * N), ~inside)):
        tables.append(pd.concat([X[part], X_canaries[kept]], ignore_index=True))
        tables.append(pd.concat([y[part], y_canaries[kept]], ignore_index=True))
    return tables if frame else [table.to_numpy() for table in tables]


MASKS = (np.arange(N + HALF) >= N,) * 2
ROWS = (np.arange(N, N + HALF),) * 2


@pytest.fixture(scope="module")
def model():
    tables = planted()
    return RandomForestClassifier(20, random_state=0).fit(*tables[:2])


@pytest.fixture(scope="module")
def result(model):
    return audit(model, *planted(), effort="fast", canaries=MASKS, random_state=0)


def test_canaries_are_judged_on_their_own(result):
    worst = result.worst_case()
    assert worst["n_members"].tolist() == worst["n_non_members"].tolist()
    assert set(worst["n_members"]) == {HALF}
    assert worst["attack"].tolist() == result.summary()["attack"].tolist()
    # Who only asks: the file of a fully grown forest gives everybody away.
    best = result.best_of("black box")
    assert best.worst_case.roc_auc.estimate > best.roc_auc.estimate + 0.1
    assert best.worst_case.roc_auc.estimate > 0.95
    assert worst["tpr_at_fpr_0.01"].isna().all()  # 30 are too few


def test_no_other_figure_counts_them(result, model):
    assert set(result.summary()["n_members"]) == {N}
    assert len(result.record_risk()) == N
    assert result.record_risk()["record"].max() == N - 1
    assert len(result.records) == len(result.is_member) == len(result.signal) == 2 * N
    assert result.data["n_canaries"] == N_CANARIES
    X_train, y_train, *_ = planted()
    assert result.train_score == model.score(X_train[:N], y_train[:N])


def test_intervals_pay_for_both_populations(result):
    # Three figures on two populations for each attack, and the blind baseline.
    assert result.settings["n_comparisons"] == 6 * len(result.attacks) + 1


def test_row_numbers_say_the_same_as_masks(model):
    options = {"attacks": ["ThresholdAttack"], "random_state": 0}
    one, two = (
        audit(model, *planted(), canaries=canaries, **options).worst_case()
        for canaries in (MASKS, ROWS)
    )
    pd.testing.assert_frame_equal(one, two)


def test_without_canaries_there_is_no_worst_case(model):
    result = audit(model, *planted(), attacks=["ThresholdAttack"], random_state=0)
    assert len(result.worst_case()) == 0
    assert set(result.summary()["n_members"]) == {N + HALF}


def test_groups_are_of_the_others_and_arrays_work():
    tables = planted(frame=False)
    model = RandomForestClassifier(20, random_state=0).fit(*tables[:2])
    result = audit(
        model,
        *tables,
        attacks=["ThresholdAttack"],
        canaries=MASKS,
        groups=4,
        random_state=0,
    )
    table = result.group_risk(4)
    assert table["n_members"].tolist()[0] == N == table["n_members"][1:].sum()
    assert result.groups == (4,)
    town = tables[0][:, 4], tables[2][:, 4]
    pd.testing.assert_frame_equal(result.group_risk(town), table)


@pytest.mark.parametrize(
    "canaries, message",
    [
        (MASKS[0], "canaries must be a pair"),
        ((MASKS[0], MASKS[0][:-1]), "for X_holdout, a mask of 330 truth values"),
        ((np.arange(320, 331), ROWS[1]), "for X_train, .* row numbers below 330"),
        ((MASKS[0], []), "X_holdout has 0 canaries"),
        ((~MASKS[0], np.arange(330)), "X_holdout has 0 other records"),
    ],
)
def test_bad_canaries_are_named(model, canaries, message):
    with pytest.raises(ValueError, match=message):
        audit(model, *planted(), attacks=["ThresholdAttack"], canaries=canaries)


def test_bad_groups_are_named(model):
    with pytest.raises(ValueError, match="groups: column='height' is not a column"):
        audit(model, *planted(), attacks=["ThresholdAttack"], groups="height")
