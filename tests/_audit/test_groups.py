"""Who is more exposed than others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skprivacy._audit._findings import exposed_groups
from skprivacy.metrics import roc_auc_interval, tpr_at_fpr_interval

N = 3000


@pytest.fixture
def grouped(make_result):
    """A model that gives away a tenth of its records, those of the town "x"."""
    rng = np.random.default_rng(0)
    result = make_result(n=N, effect=0)
    town = rng.choice(["a", "x"], 2 * N, p=[0.9, 0.1])
    records = pd.DataFrame({"town": town, "age": rng.integers(18, 90, 2 * N), "y": 0})
    attacks = tuple(
        replace(a, scores=a.scores + 3.0 * result.is_member * (town == "x"))
        for a in result.attacks
    )
    return replace(result, attacks=attacks, records=records)


def test_every_group_is_judged_by_its_own_records(grouped):
    table = grouped.group_risk("town", attack="RMIA")
    assert table["group"].tolist() == ["(all)", "a", "x"]
    attack = next(a for a in grouped.attacks if a.name == "RMIA")
    mask = (grouped.records["town"] == "x").to_numpy()
    # Three intervals for each of three rows, of one attack.
    judged = {"confidence": 0.95, "n_comparisons": 9}
    own = grouped.is_member[mask], attack.scores[mask]
    auc, rate = (
        roc_auc_interval(*own, **judged),
        tpr_at_fpr_interval(*own, 0.01, **judged),
    )
    row = table.iloc[2]
    assert (row["roc_auc"], row["roc_auc_low"]) == (auc.estimate, auc.low)
    assert row["tpr_at_fpr_0.01_high"] == rate.high
    assert row["n_members"] == grouped.is_member[mask].sum()


def test_the_pooled_rate_has_the_threshold_of_all(grouped):
    table = grouped.group_risk("town", attack="RMIA")
    attack = next(a for a in grouped.attacks if a.name == "RMIA")
    outside = np.sort(attack.scores[grouped.is_member == 0])
    # 30 of 3,000 are above the 31st largest.
    threshold = outside[-31]
    mask = (grouped.records["town"] == "x").to_numpy() & (grouped.is_member == 1)
    expected = np.mean(attack.scores[mask] > threshold)
    assert table["pooled_tpr_at_fpr_0.01"][2] == pytest.approx(expected)


def test_what_is_much_more_exposed_is_alerted(grouped):
    table = grouped.group_risk("town")
    assert table["alert"].tolist() == [False, False, True]
    [finding] = exposed_groups(replace(grouped, groups=("town",)))
    assert finding.kind == "exposed_group" and finding.columns == ("town",)
    assert "with town = x are much more exposed than the whole" in finding.message
    assert exposed_groups(grouped) == ()


def test_intervals_pay_for_the_choice_of_the_best(grouped):
    chosen = grouped.group_risk("town")
    named = grouped.group_risk("town", attack=chosen.attrs["attack"])
    assert chosen.attrs["attack"] == grouped.best.name
    width = chosen["roc_auc_high"] - chosen["roc_auc_low"]
    assert (width > named["roc_auc_high"] - named["roc_auc_low"]).all()


def test_groups_that_are_alike_raise_no_alert(make_result):
    # 20 columns of 5 random groups. All intervals of a column hold at once with 95%,
    # and an alert needs two of them to miss: not one is expected.
    result = make_result(n=1000)
    for seed in range(20):
        groups = np.random.default_rng(seed).integers(0, 5, 2000)
        assert not result.group_risk(groups)["alert"].any()


def test_small_groups_have_no_figures_of_their_own(make_result):
    result = make_result(n=500)
    groups = np.array(["big"] * 1000, dtype=object)
    groups[:5] = "five"  # members alone
    groups[500:560] = "outside"  # non-members alone
    groups[10] = None
    table = result.group_risk(groups).set_index("group")
    assert table.index.tolist() == ["(all)", "big", "five", "outside"]
    assert table.loc["five", "n_members"] == 5
    assert np.isnan(table.loc["five", "roc_auc"])
    assert 0 <= table.loc["five", "pooled_tpr_at_fpr_0.01_low"]
    assert np.isnan(table.loc["outside", "pooled_tpr_at_fpr_0.01"])
    assert table["n_members"][["big", "five"]].sum() == 499


def test_numbers_are_cut_at_their_quartiles(grouped):
    table = grouped.group_risk("age")
    names = table["group"].tolist()
    assert names[1].startswith("up to") and names[4].startswith("above")
    assert table["n_members"][1:].sum() == N
    assert (table["n_members"][1:] > N / 5).all()
    # Neither the youngest nor the oldest person is named.
    assert "18" not in " ".join(names) and "89" not in " ".join(names)


def test_groups_of_both_tables(grouped):
    result = replace(grouped, rows=np.r_[np.arange(N), np.arange(N) + 2])
    town = grouped.records["town"].to_numpy()
    holdout = np.r_[["?", "?"], town[N:]]
    pd.testing.assert_frame_equal(
        result.group_risk((town[:N], holdout)), result.group_risk("town")
    )
    pd.testing.assert_frame_equal(result.group_risk(town), result.group_risk("town"))


def test_columns_of_arrays_are_positions(make_result):
    is_second = np.tile([0.0, 1.0], 200)
    records = np.column_stack([is_second, np.zeros(400)])
    table = make_result(n=200, records=records).group_risk(0)
    assert table["group"].tolist() == ["(all)", 0.0, 1.0]


@pytest.mark.parametrize(
    "column, message",
    [
        ("height", "column='height' is not a column of the records"),
        (np.zeros(7), "one group for each of the 6000 records"),
        ((np.zeros(7),), "a pair of arrays"),
    ],
)
def test_bad_columns_are_named(grouped, column, message):
    with pytest.raises(ValueError, match=message):
        grouped.group_risk(column)


def test_bad_groups_of_tables_are_named(grouped):
    result = replace(grouped, rows=np.r_[np.arange(N), np.arange(N)])
    with pytest.raises(ValueError, match="one group for each row of X_train"):
        result.group_risk((np.zeros(N - 1), np.zeros(N)))


def test_bad_positions_and_attacks_are_named(make_result):
    result = make_result(n=50, records=np.zeros((100, 2)))
    with pytest.raises(ValueError, match="must be a position below 2"):
        result.group_risk("age")
    with pytest.raises(ValueError, match="attack must be one of"):
        result.group_risk(0, attack="Luck")
    with pytest.raises(ValueError, match="holds no records"):
        make_result(n=50).group_risk("age")


def test_where_the_file_names_everybody_groups_of_an_api_are_shown_too(grouped):
    inside = replace(
        grouped.attacks[0],
        name="inside",
        access="white box",
        scores=grouped.is_member.astype(float),
        roc_auc=roc_auc_interval(grouped.is_member, grouped.is_member),
        tpr={0.01: tpr_at_fpr_interval(grouped.is_member, grouped.is_member, 0.01)},
    )
    result = replace(grouped, attacks=(*grouped.attacks, inside), groups=("town",))
    tables = result.group_tables()
    asking = result.best_of("black box").name
    assert [table.attrs["attack"] for table in tables] == ["inside", asking]
    assert [table["alert"].any() for table in tables] == [False, True]
    [finding] = exposed_groups(result)
    assert finding.message.endswith(f"({asking}).")
    with pytest.raises(ValueError, match="access='white box': no attack"):
        grouped.group_risk("town", access="white box")


def test_where_the_file_names_everybody_the_answers_decide_who_is_first(grouped):
    inside = replace(
        grouped.attacks[0],
        name="inside",
        access="white box",
        scores=grouped.is_member.astype(float),
        tpr={0.01: tpr_at_fpr_interval(grouped.is_member, grouped.is_member, 0.01)},
    )
    result = replace(grouped, attacks=(*grouped.attacks, inside))
    risk = result.record_risk()
    assert result.best.name == "inside" and risk["risk"].nunique() == 1
    assert risk[f"p_{result.best_of('black box').name}"].is_monotonic_increasing
