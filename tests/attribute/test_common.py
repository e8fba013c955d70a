"""The package's own contract, kept by every attribute attack."""

import numpy as np
import pytest
from attribute_scenes import LABEL, SECRET, TRIALS, baseline, fitted, known, scene
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

NAMES = list(TRIALS)
REGRESSORS = [n for n, trial in TRIALS.items() if trial.regressor_gain is not None]


def gain(attack, records, regression=False):
    return attack.score(*known(records)) - baseline(regression).score(*known(records))


def who_asks(attack):
    """Return what holds the target: the attack, or the membership attack inside."""
    return getattr(attack, "membership_attack", attack)


@pytest.mark.parametrize("name", NAMES)
def test_an_overfit_model_gives_its_members_away(name):
    assert gain(fitted(name), scene().members) > TRIALS[name].gain


@pytest.mark.parametrize("name", REGRESSORS)
def test_an_overfit_regressor_gives_its_members_away(name):
    attack = fitted(name, regression=True)
    least = TRIALS[name].regressor_gain
    assert gain(attack, scene(True).members, regression=True) > least


@pytest.mark.power
@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_given_away_by_a_model_of_others(name):
    # Against 300 people who are in no training set, as the "members" are here. The
    # difference of two shares of 300 has a standard error of at most 0.0408; four of
    # them: a false alarm in 1 of 16,000.
    where = scene(nobody=True)
    attack = fitted(name, nobody=True)
    members, others = (attack.score(*known(r)) for r in (where.members, where.others))
    assert abs(members - others) < 4 * 0.0408


@pytest.mark.parametrize("name", NAMES)
def test_proba_and_predict_agree(name):
    attack = fitted(name)
    X, _ = known(scene().members)
    proba = attack.predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert proba.shape == (len(X), 2) and attack.classes_.tolist() == [0, 1]
    np.testing.assert_array_equal(
        attack.predict(X), attack.classes_[proba.argmax(axis=1)]
    )


@pytest.mark.parametrize("name", NAMES)
def test_answer_does_not_depend_on_record_order_or_company(name):
    attack = fitted(name)
    X, _ = known(scene().members)
    order = np.random.default_rng(0).permutation(len(X))[:40]
    np.testing.assert_allclose(
        attack.predict_proba(X)[order], attack.predict_proba(X.iloc[order]), rtol=1e-9
    )


@pytest.mark.parametrize("name", NAMES)
def test_target_is_never_refitted(name):
    target = clone(fitted(name)).target
    inner = target.estimator if isinstance(target, FrozenEstimator) else target.model
    assert inner is scene().model


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_answer(name):
    X, _ = known(scene().members)
    again = TRIALS[name].make(scene()).fit(*known(scene().own))
    np.testing.assert_array_equal(again.predict_proba(X), fitted(name).predict_proba(X))


@pytest.mark.parametrize("name", NAMES)
def test_arrays_are_attacked_like_frames(name):
    where = scene()
    attack = clone(fitted(name))
    model = clone(where.recipe).fit(
        where.members.drop(columns=LABEL).to_numpy(), where.members[LABEL].to_numpy()
    )
    asks = who_asks(attack)
    if isinstance(asks.target, FrozenEstimator):
        asks.set_params(target=FrozenEstimator(model))
    else:
        asks.set_params(target=type(asks.target)(model))
    if "shadow" in asks.get_params(deep=False):
        shadow = clone(where.shadow.estimator).set_params(target=None, label=None)
        asks.set_params(shadow=shadow)
    # The secret is the target's second feature; the label is the last column.
    asks.set_params(label=-1)
    attack.set_params(sensitive=1, label=-1)
    X, secret = known(where.own)
    attack.fit(X.to_numpy(), secret.to_numpy())
    X, _ = known(where.members)
    np.testing.assert_allclose(
        attack.predict_proba(X.to_numpy()), fitted(name).predict_proba(X), rtol=1e-9
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_secret_must_not_be_among_what_is_known(name):
    with pytest.raises(ValueError, match=r"X must come without.*\['sex'\]"):
        clone(fitted(name)).fit(scene().own, scene().own[SECRET])


@pytest.mark.parametrize("name", NAMES)
def test_one_value_is_no_secret(name):
    X, secret = known(scene().own)
    with pytest.raises(ValueError, match="at least two values"):
        clone(fitted(name)).fit(X, secret * 0)


@pytest.mark.parametrize("name", NAMES)
def test_a_secret_with_holes_is_refused(name):
    X, secret = known(scene().own)
    secret = secret.astype(float)
    secret.iloc[3] = np.nan
    with pytest.raises(ValueError, match="1 of 300 records have no secret"):
        clone(fitted(name)).fit(X, secret)


@pytest.mark.parametrize("name", NAMES)
def test_the_label_is_no_secret(name):
    X, secret = known(scene().own)
    with pytest.raises(ValueError, match="is the label"):
        clone(fitted(name)).set_params(sensitive=LABEL).fit(X, secret)
