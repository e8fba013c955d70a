"""scikit-learn's own checks, on every attack on federated learning.

Most are fitted on what a server saw, of which there is no table of numbers to be made:
their tags say so, and the checks of parameters, clones and tags are left.
"""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from skprivacy.federated.attacks import (
    DenseNetwork,
    DifferencingAttack,
    GradientInversionAttack,
    GradientMatchingAttack,
    ImprintAttack,
    SybilAttack,
    UpdateMembershipAttack,
    UpdatePropertyAttack,
)

NETWORK = DenseNetwork((3, 4, 2))
ON_VIEWS = [
    DifferencingAttack(),
    GradientInversionAttack(NETWORK),
    GradientMatchingAttack(NETWORK, n_records=2),
    ImprintAttack(NETWORK),
    SybilAttack({}),
    UpdateMembershipAttack(NETWORK),
]


@parametrize_with_checks(
    [*ON_VIEWS, UpdatePropertyAttack(), UpdatePropertyAttack(LogisticRegression())]
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("attack", ON_VIEWS, ids=lambda attack: type(attack).__name__)
def test_what_they_are_fitted_on_is_no_table(attack):
    tags = attack.__sklearn_tags__()
    assert not tags.input_tags.two_d_array and not tags.target_tags.required
    reference = [[[0.0] * 3]] if isinstance(attack, GradientMatchingAttack) else []
    with pytest.raises(TypeError, match="must be a ServerView; got list"):
        attack.fit([[1.0, 2.0]], *reference)
