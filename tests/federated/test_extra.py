"""Without the extra, what needs it says what it lacks.

That the folder can be imported without is seen in tests/test_import.py.
"""

import sys

import pytest

from skprivacy.federated import _extra, new_signing_key, secure_sum, verify_key


@pytest.fixture
def without(monkeypatch):
    """Return a function that hides a package."""

    def hide(package):
        for name in [*sys.modules]:
            if name.split(".")[0] == package:
                monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.setitem(sys.modules, package, None)
        _extra.load.cache_clear()

    yield hide
    _extra.load.cache_clear()


@pytest.mark.parametrize(
    "package, call",
    [
        ("msgpack", lambda: secure_sum([[1.0], [2.0], [3.0]])),
        ("cryptography", lambda: secure_sum([[1.0], [2.0], [3.0]])),
        ("cryptography", lambda: verify_key(new_signing_key())),
    ],
    ids=["msgpack", "keys", "signatures"],
)
def test_what_is_lacking_is_named(without, package, call):
    without(package)
    with pytest.raises(
        ImportError, match=rf"needs '{package}'.*skprivacy\[federated\]"
    ):
        call()
