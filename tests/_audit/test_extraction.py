"""Copies of the model in an audit."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skprivacy import audit
from skprivacy._audit import _extraction
from skprivacy._audit._extraction import queries_for
from skprivacy._cli._console import print_result
from skprivacy.targets import BlackBox

N = 200


@pytest.fixture(scope="module", autouse=True)
def quick_copies():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_extraction, "ESTIMATOR", DecisionTreeRegressor(max_depth=4))
        yield


def people(number=False):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(2 * N, 4)), columns=[*"abcd"])
    label = table["a"] + table["b"] + 0.3 * rng.normal(size=2 * N)
    return table, label if number else (label > 0).astype(int)


def run(model, extraction=60, number=False, **options):
    table, label = people(number)
    if hasattr(model, "fit") and not isinstance(model, BlackBox):
        model.fit(table[:N], label[:N])
    sides = table[:N], label[:N], table[N:], label[N:]
    options = {"attacks": ["ThresholdAttack"], "effort": "fast"} | options
    return audit(model, *sides, extraction=extraction, random_state=0, **options)


@pytest.fixture(scope="module")
def exact():
    return run(LogisticRegression(), extraction=True)


@pytest.fixture(scope="module")
def partial():
    return run(RandomForestClassifier(n_estimators=10, random_state=0), extraction=80)


class TestQueriesFor:
    def test_lies_half_way_between_two_points_on_a_scale_of_logarithms(self):
        assert queries_for([10, 1000], [0.8, 1.0], 0.9) == pytest.approx(100)

    def test_is_the_first_point_where_that_reaches_it(self):
        assert queries_for([10, 1000], [0.95, 1.0], 0.9) == 10

    def test_takes_the_first_crossing_of_a_curve_that_falls_again(self):
        assert queries_for([10, 20, 40], [0.8, 0.9, 0.85], 0.9) == pytest.approx(20)

    def test_does_not_stop_half_way_to_an_exact_copy(self):
        assert queries_for([10, 1000], [0.8, 1.0], 0.9, jumps=True) == 1000

    def test_is_unknown_where_it_was_not_reached(self):
        assert math.isnan(queries_for([10, 1000], [0.8, 0.85], 0.9))


def test_a_linear_model_is_copied_exactly_for_a_few_queries(exact):
    study = exact.extraction
    assert study.exact and study.attack == "EquationSolvingAttack"
    assert study.budget == 1000
    # Five coefficients, and the records that they are checked on.
    assert study.n_queries[-1] <= 5 + 3 + _extraction.N_CHECKS
    assert study.fidelity[-1] == 1.0
    # None of n wrong: Wilson's interval begins at n / (n + 1.96 ** 2).
    n = study.n_judges
    assert study.low == pytest.approx(n / (n + 1.959964**2))
    assert study.high == pytest.approx(1)
    (found,) = [f for f in exact.findings if f.kind == "extraction_exact"]
    assert found.severity == "warning"
    assert found.message.startswith("A copy at 99% costs ")


def test_a_monitor_looks_at_the_queries(exact, partial):
    watch = exact.extraction.watch
    # A sixth of the training set, and half of that before the first look.
    assert (watch.n_stream, watch.least) == (N // 6, N // 12)
    assert watch.n_watched == exact.extraction.n_queries[-1]
    # Few are crafted, and most are the records that the copy was checked on.
    assert watch.first_alarm is None
    # 100 streams at a rate of about 1 in 100; the records are few.
    assert watch.false_alarms.estimate < 0.3
    assert watch.false_alarms.n_members == 100
    (found,) = [f for f in exact.findings if f.kind == "extraction_exact"]
    assert f"noticed nothing in the first {watch.n_watched} queries" in found.message
    assert partial.extraction.watch.n_watched == N // 6


def test_cost_is_the_price_of_the_queries(exact):
    study = exact.extraction
    n = study.queries_for(0.99)
    assert study.cost_of(0.99, price=20) == pytest.approx(20 * n / 1000)


def test_what_is_not_reached_is_said(partial):
    study = partial.extraction
    assert not study.exact
    # An eighth, a third, and all of them.
    assert study.n_queries.tolist() == [10, 26, 80]
    assert study.n_pool == study.n_judges == N // 2
    assert 0.6 < study.best < 0.99
    assert math.isnan(study.queries_for()) and math.isnan(study.cost_of())
    (found,) = [f for f in partial.findings if f.kind == "extraction_partial"]
    assert found.severity == "info"
    assert "costs more than the 80 queries that were tried" in found.message


def test_the_reports_tell_it(exact, tmp_path, capsys):
    document = json.loads(exact.to_json(tmp_path / "x.json").read_text("utf-8"))
    assert document["schema_version"] == "1.7"
    told = document["extraction"]
    assert told["exact"] is True and told["measure"] == "agreement"
    assert told["curve"][-1] == {
        "n_queries": int(exact.extraction.n_queries[-1]),
        "fidelity": 1.0,
    }
    assert [cost["fidelity"] for cost in told["costs"]] == [0.9, 0.95, 0.99]
    page = exact.to_html(tmp_path / "x.html").read_text("utf-8")
    assert "What a copy of the model costs" in page
    assert 'id="fidelity-title"' in page
    assert "Make copies of the model cost more" in page
    print_result(exact)
    assert "Fidelity of a copy" in capsys.readouterr().out


def test_unknown_costs_are_null(partial, tmp_path):
    document = json.loads(partial.to_json(tmp_path / "x.json").read_text("utf-8"))
    assert document["extraction"]["costs"][-1]["n_queries"] is None
    page = partial.to_html(tmp_path / "x.html").read_text("utf-8")
    assert "more than 80" in page


def test_without_it_nothing_is_said(tmp_path):
    result = run(LogisticRegression(), extraction=False)
    assert result.extraction is None
    assert result.to_dict()["extraction"] is None
    page = result.to_html(tmp_path / "x.html").read_text("utf-8")
    assert "copy of the model costs" not in page


def test_a_regressor_is_judged_by_r2():
    study = run(LinearRegression(), number=True).extraction
    assert study.measure == "r2" and study.exact
    assert study.fidelity[-1] == pytest.approx(1)
    assert math.isnan(study.low)


def test_labels_alone_are_learned_from():
    table, label = people()
    model = LogisticRegression().fit(table[:N], label[:N])
    study = run(BlackBox(model, response="label")).extraction
    assert study.response == "label" and not study.exact
    assert study.fidelity[-1] > 0.7


def test_the_budget_of_the_target_is_kept():
    table, label = people()
    model = LogisticRegression().fit(table[:N], label[:N])
    # The other attacks ask about all 400 records.
    box = BlackBox(model, budget=2 * N + 50, response="label")
    assert run(box, extraction=1000).extraction.budget == 50
    assert box.n_queries_ <= 2 * N + 50
    assert run(BlackBox(model, budget=2 * N + 30)).extraction is None


@pytest.mark.parametrize(
    ("extraction", "error", "message"),
    [
        (39, ValueError, "at least 40 queries; got 39"),
        ("many", TypeError, "number of queries; got 'many'"),
        (1e3, TypeError, "number of queries; got 1000.0"),
    ],
)
def test_senseless_budgets_are_refused(extraction, error, message):
    with pytest.raises(error, match=message):
        run(LogisticRegression(), extraction=extraction)


def test_a_small_holdout_is_refused():
    table, label = people()
    model = LogisticRegression().fit(table[:N], label[:N])
    sides = table[:N], label[:N], table[-30:], label[-30:]
    with pytest.raises(ValueError, match=r"at least 40 records .* has 30"):
        audit(model, *sides, extraction=True, attacks=["ThresholdAttack"])


def test_missing_values_are_asked_of_a_model_that_takes_them():
    table, label = people()
    holes = table.where(np.random.default_rng(1).random(table.shape) > 0.1).to_numpy()
    model = DecisionTreeClassifier(max_depth=3, random_state=0)
    model.fit(holes[:N], label[:N])
    sides = holes[:N], label[:N], holes[N:], label[N:]
    study = audit(
        model, *sides, effort="fast", extraction=60, random_state=0
    ).extraction
    assert study.fidelity[-1] > 0.6
