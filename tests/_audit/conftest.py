"""What all audits do alike is done once."""

import joblib
import pytest

from skprivacy._audit import _blind

AUDIT = "skprivacy._audit._audit.blind_scores"


@pytest.fixture(scope="module", autouse=True)
def blind_once():
    """Learn membership from the same records by the same seed once in a module."""
    known = {}

    def blind_scores(*arguments):
        key = joblib.hash(arguments)
        if key not in known:
            known[key] = _blind.blind_scores(*arguments)
        return known[key].copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AUDIT, blind_scores)
        yield
