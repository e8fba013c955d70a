"""What the audit says of the model itself."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from skprivacy import audit
from skprivacy._audit._inside import look_inside, values_finding
from skprivacy.targets import BlackBox

X, Y = load_breast_cancer(return_X_y=True)


@pytest.fixture(scope="module")
def tree():
    return DecisionTreeClassifier(random_state=0).fit(X[:300], Y[:300])


def test_the_audit_scans_a_bare_model(tree, tmp_path):
    result = audit(
        tree, X[:300], Y[:300], X[300:], Y[300:], attacks=["ThresholdAttack"]
    )
    assert "tree_.threshold" in result.leaks["where"].tolist()
    kinds = [finding.kind for finding in result.findings]
    assert kinds.count("structural") == 1
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert "What the model file itself holds" in page
    assert "tree_.threshold" in page
    assert result.to_dict()["leaks"][0]["n_objects"] == 1


def test_behind_a_box_nothing_is_looked_into(tree):
    leaks, findings = look_inside(BlackBox(tree), tree, X[:300], Y[:300])
    assert leaks.empty
    assert findings == ()


def test_a_frozen_model_is_looked_into(tree):
    leaks, findings = look_inside(FrozenEstimator(tree), tree, X[:300], Y[:300])
    assert not leaks.empty
    assert "leaves with fewer than 9 others" in findings[0].message
    assert "a class is ruled out" in findings[0].message


def test_a_linear_model_breaks_no_rule_of_groups():
    model = LogisticRegression(max_iter=10_000).fit(X[:300], Y[:300])
    leaks, findings = look_inside(model, model, X[:300], Y[:300])
    assert leaks.empty
    assert findings == ()


def test_too_many_parameters_are_a_finding():
    few = np.random.default_rng(0).normal(size=(20, 30))
    model = LogisticRegression().fit(few, np.arange(20) % 2)
    _, findings = look_inside(model, model, few, np.arange(20) % 2)
    assert "31 parameters for 20 records" in findings[0].message


def test_values_that_the_trees_certify_are_counted_and_not_shown():
    rng = np.random.default_rng(0)
    codes = rng.integers(71_000, 71_060, size=(300, 2)).astype(float)
    labels = rng.integers(0, 2, 300)
    model = DecisionTreeClassifier(random_state=0).fit(codes, labels)
    _, findings = look_inside(model, model, codes, labels)
    finding = findings[-1]
    assert finding.kind == "training_values"
    assert "different values in its numeric columns" in finding.message
    shown = finding.message.replace(",", "") + repr(finding.columns)
    assert not any(str(int(value)) in shown for value in np.unique(codes))
    assert "." not in "".join(finding.columns)


def test_only_some_of_many_trees_are_read():
    counts = pd.DataFrame(
        [["age", 60, 40, 55]],
        columns=["feature", "n_values", "n_from_file", "n_from_list"],
    )
    counts.attrs["n_trees"] = 3
    assert "(3 of 9 trees were read.)" in values_finding(counts, 9).message
    counts[["n_from_file", "n_from_list"]] = 0
    assert values_finding(counts, 9) is None
