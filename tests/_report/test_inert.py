"""Names and values of a table are text in all that is written, and values are not."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

from skprivacy import audit
from skprivacy._audit import Finding
from skprivacy._cli._conditions import parse_condition
from skprivacy._report import render_junit

EVIL = (
    "<script>alert(1)</script>",
    'x" onmouseover="alert(1)',
    "</title></style><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "=cmd|' /C calc'!A0\\",
)
#: What a browser could run, if it came through as it is.
RUNS = re.compile(r"<(script|img|iframe|object|embed|link|base|form)\b", re.I)
N = 120


def table(mark):
    """Give evil names and values, and values that are found again anywhere."""
    rng = np.random.default_rng(0)
    names = dict.fromkeys(EVIL)
    names[EVIL[0]] = rng.normal(size=N) * 1e6
    names[EVIL[1]] = np.arange(N) * 7919 + 31_000_000 + 500_000 * (mark == "OUT")
    names[EVIL[2]] = rng.choice(EVIL[:2], N)
    names[EVIL[3]] = [f"MARK{mark}{i}" for i in range(N)]
    names[EVIL[4]] = rng.integers(0, 2, N)
    return pd.DataFrame(names), rng.choice(EVIL[2:4], N)


@pytest.fixture(scope="module")
def audited():
    X, y = table("IN")
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    encode = make_column_transformer(
        (encoder, list(EVIL[2:4])), remainder="passthrough"
    )
    model = make_pipeline(encode, DecisionTreeClassifier(random_state=0)).fit(X, y)
    result = audit(
        *(model, X, y, *table("OUT")),
        effort="fast",
        attacks=["RMIA"],
        groups=EVIL[2],
        random_state=0,
    )
    return X, result


@pytest.fixture(scope="module")
def written(audited, tmp_path_factory):
    """Give all that is written of an audit, by name."""
    folder, result = tmp_path_factory.mktemp("written"), audited[1]
    result.to_html(folder / "report.html")
    result.to_json(folder / "report.json")
    result.to_model_card(folder / "README.md")
    texts = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    texts["junit"] = render_junit(result, [parse_condition("auc>0.5")])
    return texts | {
        "notebook": result._repr_html_(),
        "verdict": result.verdict,
        "repr": repr(result),
        "findings": "".join(map(str, result.findings)),
    }


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    handle_startendtag = handle_starttag


def test_the_page_runs_nothing(written):
    html = written["report.html"]
    assert EVIL[0].replace("<", "&lt;").replace(">", "&gt;") in html
    assert not RUNS.search(html)
    for _, attributes in Tags(html).found:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "xlink:href", "src", "action"):
            assert attributes.get(name, "#").startswith("#")


def test_a_notebook_shows_a_frame_that_runs_nothing(written):
    ((tag, attributes),) = Tags(written["notebook"]).found
    assert (tag, attributes["sandbox"]) == ("iframe", "")
    assert set(attributes) == {"srcdoc", "sandbox", "title", "style"}


def test_a_model_card_is_text(make_result, written):
    findings = [Finding("evil", "warning", name, ()) for name in EVIL]
    for text in (written["README.md"], make_result(findings=findings).to_model_card()):
        assert not RUNS.search(text)
        assert "](" not in text.replace("\\](", "")
    assert "- warning: \\[click\\](javascript:alert(1))" in text
    assert "=cmd\\|' /C calc'!A0\\\\" in text  # no escape is left to what follows


def test_json_and_junit_are_read_again(written):
    assert json.loads(written["report.json"])["groups"][0]["column"] == EVIL[2]
    assert written["junit"].count("<testcase") == 1


def test_no_value_of_a_record_is_written(audited, written):
    X = audited[0]
    values = [*X[EVIL[3]], *(str(value) for value in X[EVIL[1]])]
    values += [f"{value:.3f}"[:8] for value in X[EVIL[0]]]
    for name, text in written.items():
        plain = text.replace(",", "")
        assert [value for value in values if value in plain] == [], name
        assert "MARKOUT" not in text
