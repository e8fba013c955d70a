"""The documentation names what is public."""

import importlib
import re
import warnings
from pathlib import Path

import matplotlib
import pandas as pd
import pytest
from markdown_code import python_blocks, run_python_blocks
from membership_scenes import Scene
from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeClassifier

from skprivacy._audit import _plan, _property
from skprivacy.membership import ThresholdAttack
from skprivacy.property import _property_reading
from skprivacy.targets import BlackBox

DOCS = Path(__file__).resolve().parents[1] / "docs"
FOLDERS = [
    "skprivacy",
    "skprivacy.attribute",
    "skprivacy.auditing",
    "skprivacy.datasets",
    "skprivacy.defenses",
    "skprivacy.dp",
    "skprivacy.extraction",
    "skprivacy.federated",
    "skprivacy.federated.attacks",
    "skprivacy.federated.flower",
    "skprivacy.inspection",
    "skprivacy.membership",
    "skprivacy.metrics",
    "skprivacy.model_selection",
    "skprivacy.property",
    "skprivacy.records",
    "skprivacy.shadow",
    "skprivacy.shadow.engines",
    "skprivacy.signals",
    "skprivacy.targets",
]
FEATURES = [*"abcdef"]


def public_names(folder):
    names = importlib.import_module(folder).__all__
    return [name for name in names if not name.startswith("_")]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_public_name_is_in_the_api_page(folder):
    page = (DOCS / "api.rst").read_text("utf-8").split()
    assert [name for name in public_names(folder) if name not in page] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_public_name_is_in_the_guide(folder):
    pages = [DOCS / "getting_started.md", *(DOCS / "user_guide").rglob("*.md")]
    words = set(re.findall(r"\w+", " ".join(page.read_text("utf-8") for page in pages)))
    assert [name for name in public_names(folder) if name not in words] == []


@pytest.mark.parametrize(
    "family", ["attribute", "extraction", "membership", "property"]
)
def test_every_attack_has_a_page_of_its_name(family):
    pages = (DOCS / "user_guide" / family).glob("*.md")
    # A page may be of two that belong together: "# One and Other".
    firsts = [re.match(r"# (.+)\n", page.read_text("utf-8"))[1] for page in pages]
    titles = [name for first in firsts for name in first.split(" and ")]
    module = importlib.import_module(f"skprivacy.{family}")
    attacks = [
        name
        for name in module.__all__
        if isinstance(getattr(module, name), type)
        and issubclass(getattr(module, name), BaseEstimator)
        and name[:4] != "Base"
    ]
    assert set(attacks) == set(titles)


@pytest.fixture
def case(tmp_path, monkeypatch):
    """Give what the pages take for granted: a model, tables, records, an attack."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(_plan.EFFORTS, "fast", 8)
    monkeypatch.setitem(_property.N_MODELS, "fast", 16)
    monkeypatch.setattr(_property_reading, "N_FOLDS", 2)
    matplotlib.use("agg")
    scene = Scene(DecisionTreeClassifier(random_state=0))
    records = pd.DataFrame(scene.records, columns=[*FEATURES, "income"])
    train, holdout = records[:300], records[300:]
    model = DecisionTreeClassifier(random_state=0)
    model.fit(train[FEATURES], train["income"])
    return {
        "model": model,
        "X_train": train[FEATURES],
        "y_train": train["income"],
        "X_holdout": holdout[FEATURES],
        "y_holdout": holdout["income"],
        "records": records,
        "is_member": scene.is_member,
        "attack": ThresholdAttack(BlackBox(model), label="income").fit(records),
    }


# "Getting started" audits 8,000 records, as the README does with fewer.
PAGES = [DOCS / "index.md", *sorted((DOCS / "user_guide").rglob("*.md"))]


# They call what no other test does, so they are run on the oldest releases too.
ALONE = ["extending", "training_values"]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page, id=page.stem, marks=() if page.stem in ALONE else pytest.mark.prose
        )
        for page in PAGES
        if python_blocks(page)
    ],
)
@pytest.mark.usefixtures("few_trees", "few_rounds", "few_steps")
def test_the_code_of_a_page_runs_in_order(page, case):
    # The pages are written for more non-members than these.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        left = run_python_blocks(page, case)
    assert left["attack"].score(case["records"], case["is_member"]) > 0.6
