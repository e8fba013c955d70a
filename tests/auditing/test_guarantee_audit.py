"""The result of an audit of a guarantee: which outcome counts, and what is said."""

import json

import pytest

from skprivacy.auditing import GuaranteeAudit, MethodOutcome
from skprivacy.dp import PrivacyGuarantee

PASSED = MethodOutcome("Replay", "not refuted", 0.8, n_fits=50)
BOUNDED = MethodOutcome("Runs", "not refuted", 0.4, 0.98, "flip", 1000, 2.0)
REFUTED = MethodOutcome("Runs", "refuted", 1.5, 0.98, "flip", 1000, said="As told.")
BROKEN = MethodOutcome("Replay", "proof broken", float("inf"), None, "remove", 50)
SKIPPED = MethodOutcome("Canary", "not applicable", said="It needs labels.")


def audited(*outcomes, **more):
    claim = PrivacyGuarantee.pure(1.0)
    return GuaranteeAudit("A model", claim, 0.0, outcomes, 0.95, **more)


@pytest.mark.parametrize(
    ("outcomes", "violated", "words"),
    [
        ([PASSED, BOUNDED], False, "Nothing refutes that A model keeps epsilon=1"),
        ([PASSED, REFUTED], True, "Refuted: A model does not keep epsilon=1"),
        ([BROKEN, BOUNDED], True, "The proof is broken that A model keeps epsilon=1"),
        ([BROKEN, REFUTED], True, "Refuted"),
        ([SKIPPED], False, "No method could be run on A model: nothing is known."),
    ],
)
def test_the_gravest_outcome_speaks(outcomes, violated, words):
    result = audited(*outcomes)
    assert result.violated is violated
    assert result.summary.startswith(words)
    assert result.summary in str(result)


def test_a_pass_says_what_it_is_not():
    assert "does not prove it: an audit can only refute" in audited(PASSED).summary


def test_a_replay_gives_no_bound_of_what_is_released():
    assert audited(PASSED, BOUNDED).epsilon_lower_bound == 0.4
    assert audited(PASSED).epsilon_lower_bound == 0.0
    assert audited(PASSED, BOUNDED).n_fits == 1050


def test_the_table_is_whole_and_json_is_strict():
    result = audited(BROKEN, SKIPPED, uncovered=("scaler",))
    frame = result.to_frame()
    assert list(frame["method"]) == ["Replay", "Canary"]
    document = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert document["outcomes"][0]["epsilon"] == "inf"
    assert document["uncovered"] == ["scaler"] and document["violated"]


def test_a_notebook_shows_texts_and_no_markup_of_others():
    html = audited(MethodOutcome("<b>", "not refuted", said="<i>"))._repr_html_()
    assert "<b>" not in html and "<i>" not in html
