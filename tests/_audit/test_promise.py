import numpy as np
import pytest
from scipy.stats import norm
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skprivacy import audit
from skprivacy._audit._promise import audit_promise, ceilings, max_auc, max_tpr
from skprivacy._audit._promise_findings import promise_findings
from skprivacy.dp import DiffprivlibEstimator, DPGaussianNB, PrivacyGuarantee
from skprivacy.dp._promise import Promise, promise_of
from skprivacy.metrics import Interval

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(240, 3)), np.arange(240) % 2
PRIVATE = DPGaussianNB(2.0, bounds=(-4, 4), classes=[0, 1])


def test_ceilings_of_a_gaussian_release_are_known():
    one = PrivacyGuarantee.gaussian(1.0)
    assert max_tpr(one, 0.01) == pytest.approx(norm.cdf(norm.ppf(0.01) + 1))
    exact = norm.cdf(1 / np.sqrt(2))
    assert exact <= max_auc(one) < exact + 0.003
    # Leaving one out and adding one is a distance of 2.
    two = PrivacyGuarantee.gaussian(1.0, "add_remove")
    assert max_tpr(two, 0.01) == pytest.approx(norm.cdf(norm.ppf(0.01) + 2))
    assert max_auc(two) == pytest.approx(norm.cdf(np.sqrt(2)), abs=3e-3)


def test_ceiling_of_randomized_response():
    # Who tells the truth with chance e / (1 + e) reaches that at a rate of 1 / (1 + e).
    e = np.exp(1)
    pure = PrivacyGuarantee.pure(1.0)
    assert max_tpr(pure, 1 / (1 + e)) == pytest.approx(e / (1 + e))
    assert max_auc(pure) == pytest.approx(e / (1 + e), abs=3e-3)


class Reached:
    """What an attack reached, as far as ceilings look at it."""

    name, access = "An attack", "black box"

    def __init__(self, auc, tpr):
        self.roc_auc = Interval(auc, auc - 0.02, auc + 0.02, 0.95, 100, 100)
        self.tpr = {0.01: Interval(tpr, tpr - 0.02, tpr + 0.02, 0.95, 100, 100)}


@pytest.mark.parametrize(("auc", "tpr", "broken"), [(0.7, 0.05, 0), (0.9, 0.5, 2)])
def test_a_guarantee_is_refuted_by_the_low_end_alone(auc, tpr, broken):
    promise = Promise(PrivacyGuarantee.gaussian(1.0))
    table = ceilings(promise, [Reached(auc, tpr)])
    assert list(table["figure"]) == ["roc_auc", "tpr_at_fpr_0.01"]
    assert table["exceeded"].sum() == broken
    # An estimate above, of which the interval holds the ceiling, refutes nothing.
    assert not ceilings(promise, [Reached(0.77, 0.11)])["exceeded"].any()
    found = promise_findings(promise, [Reached(auc, tpr)], split_leaks=False)
    assert [one.kind for one in found] == ["guarantee_broken"] * (broken > 0)
    # A split that leaks by itself proves nothing of the model.
    assert promise_findings(promise, [Reached(auc, tpr)], split_leaks=True) == ()


def test_a_guarantee_that_allows_anything():
    promise = Promise(PrivacyGuarantee.pure(50.0), ("scaler",))
    kinds = [one.kind for one in promise_findings(promise, [Reached(0.9, 0.5)], False)]
    assert kinds == ["guarantee_incomplete", "guarantee_vacuous"]


def test_reports_show_the_ceiling(tmp_path):
    model = make_pipeline(StandardScaler(), PRIVATE).fit(X[:120], Y[:120])
    tables = X[:120], Y[:120], X[120:], Y[120:]
    result = audit(model, *tables, attacks=["ThresholdAttack"], random_state=0)
    document = result.to_dict()["guarantee"]
    assert document["uncovered"] == ["standardscaler"]
    assert document["adjacency"] == "replace"
    assert {row["figure"] for row in document["ceilings"]} >= {"roc_auc"}
    assert not result.guarantee_audit.violated
    outcomes = document["audit"]["outcomes"]
    assert [one["method"] for one in outcomes] == ["Leak scan", "Replay"]
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert "Is it true?" in page and result.guarantee_audit.summary in page
    assert "What its guarantee allows" in page and "Not covered: standardscaler" in page
    assert any(finding.kind == "guarantee_incomplete" for finding in result.findings)


def test_a_false_claim_is_found(tmp_path):
    # A tree that knows all of its records by heart.
    labels = np.random.default_rng(1).integers(0, 2, 240)
    model = DecisionTreeClassifier(random_state=0).fit(X[:120], labels[:120])
    model.privacy_guarantee_ = PrivacyGuarantee.pure(0.1)
    tables = X[:120], labels[:120], X[120:], labels[120:]
    result = audit(model, *tables, attacks=["ThresholdAttack"], random_state=0)
    assert result.ceilings()["exceeded"].any()
    assert any(finding.kind == "guarantee_broken" for finding in result.findings)
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert "the guarantee is not kept" in page


def test_a_broken_proof_is_found():
    model = DiffprivlibEstimator(
        "GaussianNB", params={"bounds": (-4, 4)}, sound="as_is"
    ).fit(X[:120], Y[:120])
    tables = X[:120], Y[:120], X[120:], Y[120:]
    result = audit(model, *tables, attacks=["ThresholdAttack"], random_state=0)
    [finding] = (f for f in result.findings if f.kind == "guarantee_refuted")
    assert finding.severity == "critical"
    assert "The proof is broken" in finding.message
    assert "Its releases spend" in finding.message


def test_a_model_of_which_no_other_can_be_trained_keeps_its_audit():
    X, y = np.random.default_rng(0).uniform(size=(20, 2)), np.arange(20) % 2
    model = DPGaussianNB(1.0, bounds=(0, 1), classes=[0, 1]).fit(X, y)
    audited = audit_promise(promise_of(model), model, X, y + 5, effort="fast")
    assert not audited.violated
    assert "can't be fitted" in audited.outcomes[0].said
    assert "nothing is known" in str(audited)
    assert audited.to_dict()["claimed_epsilon"] == pytest.approx(1.0)
