"""All methods on one model, what is left out, and what is kept."""

import numpy as np
import pandas as pd
import pytest
from auditing_violations import DataNormSum
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skprivacy.auditing import audit_guarantee
from skprivacy.dp import DPPCA, DiffprivlibEstimator, DPGaussianNB, PrivacyGuarantee
from skprivacy.shadow import report_progress

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2)).clip(-3, 3)
Y = np.where(X[:, 0] > 0, "yes", "no")
PRIVATE = DPGaussianNB(1.0, bounds=(-3, 3), classes=["no", "yes"])
FAST = {"effort": "fast", "random_state": 0}


def verdicts(audited):
    return audited.to_frame().set_index("method")["verdict"].to_dict()


def test_a_sound_model_passes_whether_it_is_fitted_or_not():
    table = pd.DataFrame(X, columns=["a", "b"])
    for model in (PRIVATE, clone(PRIVATE).fit(table, Y)):
        audited = audit_guarantee(model, table, Y, **FAST)
        assert not audited.violated
        assert audited.claimed_epsilon == pytest.approx(1.0)
        assert verdicts(audited) == {
            "Leak scan": "not refuted",
            "Replay": "not refuted",
        }


def test_a_broken_account_breaks_the_proof():
    model = DiffprivlibEstimator(
        "GaussianNB", params={"bounds": (-3, 3)}, sound="as_is"
    )
    audited = audit_guarantee(model, X, Y, **FAST)
    assert audited.violated and audited.worst.method == "Replay"
    assert audited.worst.epsilon > 1.2
    assert audited.epsilon_lower_bound == 0  # what is released was not looked at


@pytest.mark.power
def test_all_methods_share_the_error_and_give_a_row_each(monkeypatch):
    monkeypatch.setattr("skprivacy.auditing._audit_guarantee.LEAST_SEARCH", 1700)
    told = []
    with report_progress(lambda done, total: told.append(done / total)):
        audited = audit_guarantee(
            PRIVATE, X, Y, effort="thorough", n_runs=20, random_state=0
        )
    frame = audited.to_frame()
    assert list(frame["method"]) == [
        "Leak scan",
        "Replay",
        "Many runs on the worst pair",
        "One canary, many runs",
        "Many canaries, one run",
    ]
    assert set(frame["verdict"]) == {"not refuted"}, str(audited)
    assert frame["confidence"].dropna().to_numpy() == pytest.approx(1 - 0.05 / 3)
    assert max(told) == 1.0


@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_comes_out_is_refuted_where_noise_is_not_seen():
    audited = audit_guarantee(
        DataNormSum(random_state=0), X, effort="standard", n_runs=60, random_state=0
    )
    assert verdicts(audited)["Replay"] == "not applicable"
    assert audited.violated
    assert audited.worst.verdict == "refuted"
    assert audited.epsilon_lower_bound > audited.claimed_epsilon


def test_steps_without_a_guarantee_are_named_and_left_out():
    model = make_pipeline(StandardScaler(), clone(PRIVATE)).fit(X, Y)
    audited = audit_guarantee(model, X, Y, **FAST)
    assert audited.uncovered == ("standardscaler",)
    assert audited.model == "DPGaussianNB" and not audited.violated
    whole = make_pipeline(DPPCA(1, epsilon=0.5, data_norm=5.0), PRIVATE)
    both = audit_guarantee(whole, X, Y, **FAST)
    assert both.uncovered == () and not both.violated
    assert both.claimed_epsilon > 1.0


def test_what_was_found_is_kept(tmp_path):
    params = FAST | {"memory": tmp_path}
    first = audit_guarantee(PRIVATE, X, Y, **params)
    assert audit_guarantee(PRIVATE, X, Y, **params) == first
    # Seconds of a new run are others.
    assert audit_guarantee(PRIVATE, X + 0.01, Y, **params) != first
    with pytest.raises(ValueError, match="memory needs an int as random_state"):
        audit_guarantee(PRIVATE, X, Y, memory=tmp_path)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"model": LogisticRegression()}, "claimed must be given: LogisticRegression"),
        ({"model": "nb"}, "'model' parameter"),
        ({"effort": "huge"}, "'effort' parameter"),
        ({"claimed": -1.0}, "'claimed' parameter"),
        ({"confidence": 1.0}, "'confidence' parameter"),
        ({"n_runs": 3}, "'n_runs' parameter"),
        ({"X": X[:5]}, "inconsistent|same number"),
    ],
)
def test_bad_input_is_named(params, message):
    given = {"model": PRIVATE, "X": X, "y": Y} | FAST | params
    with pytest.raises((ValueError, TypeError), match=message):
        audit_guarantee(**given)


def test_a_claim_can_be_given():
    claim = PrivacyGuarantee.pure(0.2)
    audited = audit_guarantee(PRIVATE, X, Y, claimed=claim, **FAST)
    assert audited.guarantee == claim
    # One of a Gaussian release, at a delta of 0: nothing like it.
    assert audited.violated


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"X": X[:0], "y": Y[:0]}, "X: Found array with 0 sample"),
        ({"X": X[:, 0]}, "Expected 2D array"),
        ({"y": Y[:5]}, "inconsistent numbers of samples"),
        ({"y": None}, "can't be fitted on X without labels"),
        ({"X": np.where(X > 2, np.nan, X)}, "DPGaussianNB can't be fitted on X, so"),
        ({"memory": 5}, "memory"),
        ({"model": make_pipeline(FrozenEstimator(PRIVATE))}, "is not fitted anew"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
@pytest.mark.parametrize("is_fitted", [False, True])
def test_what_can_not_be_audited_is_refused(params, message, is_fitted):
    model = clone(PRIVATE).fit(X, Y) if is_fitted else PRIVATE
    given = {"model": model, "X": X, "y": Y} | FAST | params
    with pytest.raises(ValueError, match=message):
        audit_guarantee(**given)


def test_a_broken_proof_is_told_in_numbers():
    audited = audit_guarantee(PRIVATE, X, Y, claimed=0.1, delta=0.01, **FAST)
    assert audited.worst.verdict == "proof broken"
    assert "at a delta of 0.01, and not 0.1." in audited.summary
