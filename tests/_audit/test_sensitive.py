"""Sensitive columns in an audit."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skprivacy import audit
from skprivacy._audit import _sensitive
from skprivacy._audit._sensitive_catalog import SENSITIVE_PLAN
from skprivacy.targets import BlackBox

pytestmark = pytest.mark.usefixtures("few_rounds")
N = 300


def people(seed=0, n=2 * N):
    """Records whose label and sex hang on nothing, and whose town is known by sex."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, 4)).round(3), columns=[*"abcd"])
    table["sex"] = rng.choice(["f", "m"], size=n)
    table["is_f"] = (table["sex"] == "f").astype(int)
    table["region"] = rng.choice(["north", "south"], size=n)
    label = pd.Series(rng.choice(["no", "yes"], size=n), name="income")
    return table, label


def numbers(table):
    return table.assign(
        sex=(table["sex"] == "m").astype(int),
        region=(table["region"] == "south").astype(int),
    )


def run(model, table, label, sensitive, **options):
    sides = table[:N], label[:N], table[N:], label[N:]
    options = {"effort": "fast", "attacks": ["ThresholdAttack"], **options}
    return audit(model, *sides, sensitive=sensitive, random_state=0, **options)


@pytest.fixture
def asked_only(monkeypatch):
    """Leave out attacks with shadow models, where the figures do not matter."""
    plan = [p for p in SENSITIVE_PLAN if not p.needs_shadow]
    monkeypatch.setattr(_sensitive, "SENSITIVE_PLAN", plan)


@pytest.fixture(scope="module")
def case():
    table, label = people()
    table = numbers(table).drop(columns="is_f")
    model = RandomForestClassifier(20, bootstrap=False, max_features=2, random_state=0)
    return model.fit(table[:N], label[:N]), table, label


@pytest.fixture(scope="module")
def result(case):
    return run(*case, "sex", groups="region")


def test_an_overfit_forest_gives_the_secret_of_members_away(result):
    (studied,) = result.sensitive
    assert studied.column == "sex"
    assert studied.verdict.level == "breach"
    assert studied.best.result.member_gap_.low > 0
    assert {a.name for a in studied.attacks} == {"Confidence", "Learned", "Trees"}
    assert studied.n_own == N // 2
    assert 0 < studied.influence <= 1
    kinds = [finding.kind for finding in result.findings]
    assert "attribute_breach" in kinds and "redundant_columns" not in kinds


def test_leaves_are_solved_for_a_pool_that_does_not_mark_members(case, monkeypatch):
    (plan,) = [p for p in SENSITIVE_PLAN if p.needs_pool]
    monkeypatch.setattr(_sensitive, "SENSITIVE_PLAN", [plan])
    # It takes long to measure what else a thorough audit tells.
    monkeypatch.setattr(
        "skprivacy._audit._audit.measure_remedies", lambda *_, **__: pd.DataFrame()
    )
    model, table, label = case
    assert not plan.in_effort.count("fast")
    (studied,) = run(model, table, label, "sex", effort="thorough").sensitive
    assert studied.best.name == "Leaf equations"
    assert studied.best.result.member_gap_.low > 0
    forest = RandomForestClassifier(2, random_state=0).fit(table[:N], label[:N])
    assert plan.applies(SimpleNamespace(held=model))
    assert not plan.applies(SimpleNamespace(held=forest))


def test_imputation_of_what_hangs_on_nothing_is_a_coin_toss(result):
    gain = result.sensitive[0].best.result.gains_[0]
    assert gain.imputation_score.low < 0.5 < gain.imputation_score.high


def test_summary_has_a_row_for_each_attack_and_measure(result):
    table = result.sensitive[0].summary()
    assert list(table["measure"].unique()) == ["accuracy", "balanced accuracy"]
    assert len(table) == 2 * len(result.sensitive[0].attacks)


def test_record_risk_names_what_is_inferred(result):
    risk = result.record_risk()
    best = result.sensitive[0].best.result
    assert set(risk["inferred"]) == {"", "sex"}
    assert (risk["inferred"] == "sex").sum() == best.inferred_.sum()


def test_gains_are_told_by_group(result):
    ((table,),) = result.sensitive_group_tables()
    assert table.attrs["column"] == "region"
    assert table["n_members"].sum() == N and table["n_others"].sum() == N // 2


def test_reports_hold_the_figures(result, tmp_path):
    document = json.loads(result.to_json(tmp_path / "r.json").read_text("utf-8"))
    (told,) = document["sensitive"]
    best = result.sensitive[0].best
    assert told["best_attack"] == best.name
    (of_best,) = [a for a in told["attacks"] if a["name"] == best.name]
    gain = best.result.gains_[0]
    advantage = of_best["measures"][0]["advantage"]
    assert advantage["low"] == gain.advantage.low
    assert [row["value"] for row in told["values"]] == ["0", "1"]
    html = result.to_html(tmp_path / "r.html").read_text("utf-8")
    assert "Can a sensitive column be read off the model?" in html
    assert f"{gain.advantage.estimate:.3f}" in html
    assert 'id="gain0-' in html


def test_behind_a_box_nothing_is_read_off_trees(case):
    model, table, label = case
    result = run(BlackBox(model), table, label, ["sex"])
    accesses = {attack.access for attack in result.sensitive[0].attacks}
    assert accesses == {"black box"}


def test_a_model_without_a_recipe_is_asked_alone(case):
    model, table, label = case
    box = BlackBox(lambda X: model.predict_proba(X), classes=model.classes_)
    result = run(box, table, label, ["sex"])
    assert [a.name for a in result.sensitive[0].attacks] == ["Confidence"]


@pytest.mark.power
def test_logistic_regression_gives_nothing_away_of_members():
    table, label = people()
    table = numbers(table).drop(columns="is_f")
    model = LogisticRegression().fit(table[:N], label[:N])
    studied = run(model, table, label, "sex", effort="standard").sensitive[0]
    for attack in studied.attacks:
        # All intervals hold at once: a false alarm in 1 of 20 cases at most.
        assert attack.result.verdict.level != "breach"


def test_a_column_that_settles_the_secret_is_named(asked_only):
    table, label = people()
    table = numbers(table)
    model = LogisticRegression().fit(table[:N], label[:N])
    result = run(model, table, label, "sex")
    (found,) = [f for f in result.findings if f.kind == "redundant_columns"]
    assert found.columns == ("is_f",)


def test_a_secret_that_the_model_does_not_use_is_named(asked_only):
    table, label = people()
    table = numbers(table).drop(columns="is_f")
    model = RandomForestClassifier(5, max_depth=2, random_state=0)
    model.fit(table[:N].assign(sex=0), label[:N])
    result = run(model, table, label, "sex")
    assert result.sensitive[0].influence == 0
    assert "unused_secret" in [f.kind for f in result.findings]


def test_arrays_by_position(case, asked_only):
    _, table, label = case
    X, y = table.to_numpy(), label.to_numpy()
    model = RandomForestClassifier(5, random_state=0).fit(X[:N], y[:N])
    result = run(model, X, y, [4])
    assert [s.column for s in result.sensitive] == ["column 4"]


def test_records_without_a_secret_are_left_out(asked_only):
    table, label = people()
    table = numbers(table).drop(columns="is_f")
    table.loc[:9, "sex"] = np.nan
    model = RandomForestClassifier(5, random_state=0).fit(table[:N], label[:N])
    result = run(model, table, label, "sex")
    assert len(result.sensitive[0].rows) == N - 10
    (found,) = [f for f in result.findings if f.kind == "missing_secret"]
    assert "10 records" in found.message


@pytest.mark.parametrize(
    ("sensitive", "message"),
    [
        ("wealth", r"'wealth' is no feature"),
        ("income", r"'income' is the label"),
        (["sex", "sex"], "names a column twice"),
        ([0], "0 is no feature"),
    ],
)
def test_what_is_no_feature_is_refused(case, sensitive, message):
    with pytest.raises(ValueError, match=message):
        run(*case, sensitive)


def test_a_secret_of_one_value_is_refused_by_name(case):
    model, table, label = case
    with pytest.raises(ValueError, match="sensitive='sex': .* at least two values"):
        run(model, table.assign(sex=1), label, "sex")
