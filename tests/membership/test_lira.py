"""The likelihood ratio attack."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV

from skprivacy.membership import LiRA
from skprivacy.metrics import tpr_at_fpr_scorer
from skprivacy.shadow import ShadowModels, TransductiveKFold


def plain_lira(scene, smoothing):
    """Algorithm 1 record by record, in plain steps."""
    shadow = scene.shadow.estimator
    label = scene.records[:, -1].astype(int)
    target = scene.model.predict_proba(scene.records[:, :-1])
    scores = []
    for j, c in enumerate(label):

        def log_odds(proba, c=c):
            return np.log(proba[..., c] + smoothing) - np.log(
                proba[..., 1 - c] + smoothing
            )

        signals, inside = log_odds(shadow.answers_[:, j]), shadow.membership_[:, j]
        own = log_odds(target[j])
        scores.append(
            norm.logpdf(own, signals[inside].mean(), signals[inside].std(ddof=1))
            - norm.logpdf(own, signals[~inside].mean(), signals[~inside].std(ddof=1))
        )
    return np.array(scores)


def test_equals_the_plain_algorithm(overfit):
    attack = LiRA(
        overfit.box,
        shadow=overfit.shadow,
        variance="record",
        fix_small=False,
        smoothing=0.01,
    ).fit(overfit.records)
    np.testing.assert_allclose(
        attack.decision_function(overfit.records), plain_lira(overfit, 0.01), rtol=1e-6
    )


def test_probability_is_that_of_the_decision(overfit):
    attack = LiRA(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    proba = attack.predict_proba(overfit.records)
    decision = attack.decision_function(overfit.records)
    np.testing.assert_allclose(proba[:, 1], 1 / (1 + np.exp(-decision)))
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_online_where_covered_and_offline_elsewhere(overfit):
    attack = LiRA(overfit.box, shadow=overfit.shadow)
    both = np.vstack([overfit.records[:20], overfit.strangers[:20]])
    auto, online, offline = (
        clone(attack).set_params(mode=mode).fit(overfit.records)
        for mode in ("auto", "online", "offline")
    )
    decision = auto.decision_function(both)
    np.testing.assert_allclose(decision[:20], online.decision_function(both[:20]))
    np.testing.assert_allclose(decision[20:], offline.decision_function(both[20:]))
    with pytest.raises(ValueError, match="mode='online'.*20 of 40 are not in it"):
        online.decision_function(both)


def test_offline_records_outside_the_pool_can_be_told(overfit):
    shadow = ShadowModels(target=overfit.box, n_models=16, random_state=0)
    shadow.set_params(keep_models=True).fit(overfit.strangers)
    attack = LiRA(overfit.box, shadow=FrozenEstimator(shadow)).fit(overfit.records)
    assert attack.score(overfit.records, overfit.is_member) > 0.85


@pytest.mark.parametrize(
    "n_models, expected", [(2, "global"), (6, "global"), (8, "shrunk"), (16, "shrunk")]
)
def test_variance_is_chosen_by_the_number_of_shadow_models(steady, n_models, expected):
    shadow = ShadowModels(n_models=n_models)
    attack = LiRA(steady.box, shadow=shadow, random_state=0).fit(steady.records)
    assert attack.variance_ == expected


def test_smoothing_is_chosen_and_helps_on_coarse_probabilities(overfit):
    chosen = LiRA(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    none = LiRA(overfit.box, shadow=overfit.shadow, smoothing=1e-16)
    none.fit(overfit.records)
    truth = overfit.is_member
    assert chosen.smoothing_ > 1e-4
    assert chosen.score(overfit.records, truth) > none.score(overfit.records, truth)


def test_grid_search_over_records(overfit):
    search = GridSearchCV(
        LiRA(overfit.box, shadow=overfit.shadow),
        {"variance": ["global", "record", "shrunk"]},
        cv=TransductiveKFold(3),
        scoring=tpr_at_fpr_scorer(0.05),
    ).fit(overfit.records, overfit.is_member)
    assert search.best_params_["variance"] in ("global", "record", "shrunk")
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_score_ > 0.3


def test_several_queries_are_averaged_with_the_membership_of_the_record(overfit):
    attack = LiRA(overfit.box, shadow=overfit.shadow, queries=3, random_state=0)
    attack.fit(overfit.records)
    part = overfit.records[:6]
    copies = attack._perturber.copies(part, 2, share=0.1, scale=0.1)
    plain = LiRA(overfit.box, shadow=overfit.shadow).fit(overfit.records)
    scores = [plain.decision_function(part)]
    inside = overfit.shadow.estimator.membership_[:, :6]
    for c in (copies[::2], copies[1::2]):
        answers = attack.shadow_.query(c)
        assert not answers.membership.any()
        known = answers._replace(membership=inside)
        scores.append(plain._compare(plain._ask(c), known))
    np.testing.assert_allclose(attack.decision_function(part), np.mean(scores, axis=0))


def test_queries_must_be_positive(overfit):
    with pytest.raises(ValueError, match="'queries' parameter"):
        LiRA(overfit.box, shadow=overfit.shadow, queries=0).fit(overfit.records)
