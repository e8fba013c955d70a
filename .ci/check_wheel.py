"""Check what the wheel holds, and what it does not."""

import sys
import zipfile

MUST_HOLD = [
    "skprivacy/__init__.py",
    "skprivacy/py.typed",  # hints are for type checkers of users too
    "skprivacy/_audit/__init__.py",
    "skprivacy/_cli/__init__.py",
    "skprivacy/_report/__init__.py",
    "skprivacy/membership/__init__.py",
    "skprivacy/metrics/__init__.py",
    "skprivacy/records/__init__.py",
    "skprivacy/shadow/__init__.py",
    "skprivacy/signals/__init__.py",
    "skprivacy/targets/__init__.py",
    "skprivacy/datasets/__init__.py",
    *(
        f"skprivacy/datasets/{folder}/{name}.{suffix}"
        for name in ("adult", "default_credit", "rand_health")
        for folder, suffix in (("data", "csv.gz"), ("descr", "md"))
    ),
]
MUST_NOT_HOLD = ("tests/", "docs/", "tools/", "benchmarks/", "__pycache__", ".parquet")
LARGEST_DATA = 3_000_000


def check(path):
    """Raise an AssertionError where the wheel is not as it must be."""
    with zipfile.ZipFile(path) as wheel:
        sizes = {entry.filename: entry.file_size for entry in wheel.infolist()}
        (metadata,) = [name for name in sizes if name.endswith(".dist-info/METADATA")]
        text = wheel.read(metadata).decode()
        (scripts,) = [name for name in sizes if name.endswith("entry_points.txt")]
        assert "skprivacy = skprivacy._cli:main" in wheel.read(scripts).decode()
    missing = [name for name in MUST_HOLD if name not in sizes]
    assert not missing, f"missing: {missing}"
    extra = [name for name in sizes if any(part in name for part in MUST_NOT_HOLD)]
    assert not extra, f"must not be there: {extra}"
    top = {name.split("/")[0] for name in sizes if ".dist-info" not in name}
    assert top == {"skprivacy"}, top
    assert any(name.endswith("licenses/LICENSE") for name in sizes), "no LICENSE"
    assert any("/_report/templates/" in name for name in sizes), "no report template"
    assert "License-Expression: BSD-3-Clause" in text
    assert "Requires-Python: >=3.11" in text
    data = sum(size for name, size in sizes.items() if name.endswith(".csv.gz"))
    assert data < LARGEST_DATA, data
    print(f"{len(sizes)} files, {data:,} bytes of data")


if __name__ == "__main__":
    check(sys.argv[1])
