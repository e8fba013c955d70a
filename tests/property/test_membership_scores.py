import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from skprivacy.membership import ThresholdAttack
from skprivacy.property import MembershipScores


def test_scores_are_compared_with_reference_records():
    # Answers of 1/4 for the label 1 where x is 0, and 1 where x is 1.
    X, y = np.array([[0], [0], [0], [0], [1]]), np.array([0, 0, 0, 1, 1])
    model = DecisionTreeClassifier(max_depth=1).fit(X, y)
    reference = np.array([[0, 0], [0, 1], [0, 0]])
    scores = MembershipScores(
        ThresholdAttack(None), records=np.array([[0, 1], [1, 1]]), reference=reference
    )
    # The median of the reference's log losses is that of 3/4.
    assert scores.fit([model]).transform([model]) == pytest.approx(
        np.log([[0.25 / 0.75, 1 / 0.75]])
    )


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"attack": DecisionTreeClassifier()}, TypeError, "attack must be an attack"),
        ({"records": None}, ValueError, "records must be given"),
        ({"reference": None}, ValueError, "reference must be given"),
    ],
)
def test_arguments_of_scores(options, error, message):
    records = np.array([[0.0, 0], [1, 1]])
    given = {"records": records, "reference": records} | options
    attack = given.pop("attack", ThresholdAttack(None))
    model = DecisionTreeClassifier().fit(records[:, :1], records[:, 1])
    with pytest.raises(error, match=message):
        MembershipScores(attack, **given).fit([model])
