"""ART's shadow models, and its black-box attack by gradient boosting on what they say.

Usage: ``art_shadow.py FOLDER OUT.npz``
"""

import logging

import numpy as np
from _case import run
from art.attacks.inference.membership_inference import (
    MembershipInferenceBlackBox,
    ShadowModels,
)
from art.estimators.classification.scikitlearn import SklearnClassifier


def attack(case):
    logging.disable(logging.CRITICAL)
    target = SklearnClassifier(case.model)
    shadows = ShadowModels(
        target, num_shadow_models=case.n_shadow_models, random_state=case.seed
    )
    one_hot = np.eye(case.y.max() + 1)[case.y]
    members, others = shadows.generate_shadow_dataset(case.X, one_hot, 0.5)
    learner = MembershipInferenceBlackBox(target, attack_model_type="gb")
    learner.fit(
        x=members[0],
        y=members[1],
        pred=members[2],
        test_x=others[0],
        test_y=others[1],
        test_pred=others[2],
    )
    return learner.infer(case.X, case.y, probabilities=True)


if __name__ == "__main__":
    run(attack)
