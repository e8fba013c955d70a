import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from skprivacy.property import SizeAttack
from skprivacy.shadow import fit_on_subsets


def make_models(seed, n_models):
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(1200, 3))
    y = (X[:, 0] + rng.normal(size=1200) > 0).astype(int)
    sizes = rng.permutation(np.geomspace(60, 1000, n_models).astype(int))
    subsets = [rng.permutation(1200)[:size] for size in sizes]
    recipe = DecisionTreeClassifier(min_samples_leaf=5)
    return list(fit_on_subsets(recipe, X, y, subsets, range(n_models))), sizes


def count_leaves(models):
    return np.log([[model.get_n_leaves()] for model in models])


def test_size_is_told_by_leaves():
    models, sizes = make_models(0, 30)
    others, truth = make_models(1, 30)
    attack = SizeAttack(FunctionTransformer(count_leaves)).fit(models, sizes)
    # A guess of the middle is off by .7 on this scale.
    errors = np.abs(np.log(attack.predict(others) / truth))
    assert errors.mean() < 0.2
    assert np.corrcoef(np.log(truth), np.log(attack.predict(others)))[0, 1] > 0.9
    low, high = attack.predict_interval(others).T
    # 30 models at 95 percent: fewer than 24 with a probability of 1e-4.
    assert ((low <= truth) & (truth <= high)).sum() >= 24


def test_the_logarithm_is_learned():
    sizes = np.array([10, 20, 40, 80, 160, 320])
    numbers = np.log2(sizes)[:, None]
    attack = SizeAttack(final_estimator=LinearRegression(), clip=False)
    attack.fit(numbers, sizes)
    assert attack.predict([[np.log2(640)]]) == pytest.approx([640])
    assert attack.typical_factor_ == pytest.approx(1)
    assert attack.predict_interval([[3.0]]) == pytest.approx(np.array([[8, 8]]))


def test_answers_stay_within_the_sizes_that_were_seen():
    numbers = np.log([[10], [20], [40]])
    attack = SizeAttack(final_estimator=LinearRegression()).fit(numbers, [10, 20, 40])
    assert attack.predict([[50.0], [-50.0]]) == pytest.approx([40, 10])
    assert attack.predict_interval([[50.0]]) == pytest.approx(np.array([[40, 40]]))


def test_sizes_are_positive():
    with pytest.raises(ValueError, match="larger than 0"):
        SizeAttack().fit(np.ones((3, 1)), [1, 0, 5])
