"""The documentation names what is public."""

import importlib
import re
from pathlib import Path

import pandas as pd
import pytest
from membership_scenes import Scene
from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeClassifier

DOCS = Path(__file__).resolve().parents[1] / "docs"
FOLDERS = [
    "skprivacy",
    "skprivacy.datasets",
    "skprivacy.membership",
    "skprivacy.metrics",
    "skprivacy.records",
    "skprivacy.shadow",
    "skprivacy.signals",
    "skprivacy.targets",
]


def public_names(folder):
    names = importlib.import_module(folder).__all__
    return [name for name in names if not name.startswith("_")]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_public_name_is_in_the_api_page(folder):
    page = (DOCS / "api.rst").read_text("utf-8").split()
    assert [name for name in public_names(folder) if name not in page] == []


def test_every_attack_has_a_section_of_its_name():
    page = (DOCS / "user_guide" / "membership.md").read_text("utf-8")
    sections = re.findall(r"^## (\w+)$", page, re.M)
    module = importlib.import_module("skprivacy.membership")
    attacks = [
        name
        for name in module.__all__
        if issubclass(getattr(module, name), BaseEstimator) and name[:4] != "Base"
    ]
    assert set(attacks) <= set(sections)


def test_the_code_of_the_guide_to_new_attacks_runs():
    page = (DOCS / "user_guide" / "extending.md").read_text("utf-8")
    scene = Scene(DecisionTreeClassifier(random_state=0))
    columns = [*"abcdef", "income"]
    records = pd.DataFrame(scene.records, columns=columns)
    train, holdout = records[:300], records[300:]
    features = columns[:-1]
    namespace = {
        "model": DecisionTreeClassifier().fit(train[features], train["income"]),
        "records": records,
        "is_member": scene.is_member,
        "X_train": train[features],
        "y_train": train["income"],
        "X_holdout": holdout[features],
        "y_holdout": holdout["income"],
    }
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    assert len(blocks) >= 3
    for block in blocks:
        exec(compile(block, "extending.md", "exec"), namespace)
        if "attack" in namespace:
            auc = namespace["attack"].score(records, scene.is_member)
            assert auc > 0.6
