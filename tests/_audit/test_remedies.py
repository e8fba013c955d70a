import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy import audit
from skprivacy._audit import _remedies
from skprivacy._audit._plan import EFFORTS
from skprivacy._audit._remedies import AS_IT_IS, candidates


@pytest.fixture(autouse=True)
def few_models(monkeypatch):
    monkeypatch.setitem(EFFORTS, "thorough", 4)
    monkeypatch.setattr(_remedies, "N_MODELS", 4)
    monkeypatch.setattr(_remedies, "N_SETTINGS", 2)


def audit_of(model, tables, **options):
    X_train, X_holdout, y_train, y_holdout = tables
    options = {"attacks": ["ThresholdAttack"], "random_state": 0} | options
    model = model.fit(X_train, y_train)
    return audit(model, X_train, y_train, X_holdout, y_holdout, **options)


CANCER = train_test_split(*load_breast_cancer(return_X_y=True), random_state=0)


def test_defenses_are_ranked_by_what_is_left_of_the_leak(tmp_path):
    tree = DecisionTreeClassifier(random_state=0)
    result = audit_of(tree, CANCER, effort="thorough")
    table = result.remedies.set_index("defense")
    assert list(table.index).count(AS_IT_IS) == 1
    assert table["tpr"].is_monotonic_increasing
    # A tree of large leaves knows no record by heart.
    (large,) = (name for name in table.index if "min_samples_leaf=50" in name)
    assert table.loc[large, "auc"] < table.loc[AS_IT_IS, "auc"] - 0.02
    change = table["score"] - table.loc[AS_IT_IS, "score"]
    np.testing.assert_allclose(table["change"], change)
    assert (table["tpr_error"] > 0).all()
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert "Measured: what defenses would change" in page
    assert len(result.to_dict()["remedies"]) == len(table)


def test_regressors_are_judged_by_r2():
    tables = train_test_split(*load_diabetes(return_X_y=True), random_state=0)
    result = audit_of(make_pipeline(StandardScaler(), Ridge()), tables)
    assert len(result.remedies) == 0
    result = audit_of(
        make_pipeline(StandardScaler(), Ridge()), tables, effort="thorough"
    )
    defenses = set(result.remedies["defense"])
    assert defenses == {AS_IT_IS, "alpha=1.0", "alpha=10000.0"}


def test_a_model_of_which_no_parameter_is_known():
    known = candidates(make_pipeline(StandardScaler(), NearestCentroid()), 100)
    assert list(known)[0] == AS_IT_IS
    assert set(known) <= {AS_IT_IS, "rounded to 1 decimal", "stacked on 3 parts"}


class Refuses(DecisionTreeClassifier):
    def fit(self, X, y):
        raise ValueError("too few records")


def test_defenses_that_can_t_be_trained_are_left_out(monkeypatch):
    def two(recipe, n_records):
        return {AS_IT_IS: recipe, "refused": Refuses()}

    monkeypatch.setattr(_remedies, "candidates", two)
    tree = DecisionTreeClassifier(max_depth=3, random_state=0)
    result = audit_of(tree, CANCER, effort="thorough")
    assert list(result.remedies["defense"]) == [AS_IT_IS]
