"""What is public, in one list: whoever adds or takes away a name decides to."""

import importlib
import pkgutil
from pathlib import Path

import skprivacy

LIST = Path(__file__).with_name("public_api.txt")
#: Folders of files, not of code.
DATA = {"skprivacy.datasets.data", "skprivacy.datasets.descr"}


def public_modules():
    yield "skprivacy"
    for module in pkgutil.walk_packages(skprivacy.__path__, "skprivacy."):
        is_private = any(part.startswith("_") for part in module.name.split("."))
        if not is_private and module.name not in DATA:
            yield module.name


def test_public_names_are_those_of_the_list():
    names = {
        f"{module}.{name}"
        for module in public_modules()
        for name in importlib.import_module(module).__all__
    }
    listed = LIST.read_text().splitlines()
    assert listed == sorted(set(listed))
    assert sorted(names - set(listed)) == [], "public, and not in public_api.txt"
    assert sorted(set(listed) - names) == [], "in public_api.txt, and not public"
