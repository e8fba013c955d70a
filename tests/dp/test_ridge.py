import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import minmax_scale

from skprivacy.dp import (
    DPRidge,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLedger,
)
from skprivacy.dp._ridge import (
    regression_moments,
    regression_sensitivity,
    solve_lifted,
)

X, Y = load_diabetes(return_X_y=True)
X = minmax_scale(X, (-1, 1))
PUBLIC = {"data_norm": 2.4, "y_bounds": (25, 346)}


def ends_and_between(n, rng):
    """Records of a length from 0 to 1, many at the ends, in two columns."""
    angles = np.append(rng.uniform(0, 2 * np.pi, n - 25), np.linspace(0, 2 * np.pi, 25))
    lengths = np.where(rng.uniform(size=n) < 0.3, rng.uniform(size=n), 1.0)
    lengths[-25:] = 1.0
    records = lengths[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    return records, rng.choice([-1.0, 1.0, 0.3], size=n)


@pytest.mark.parametrize("constant", [True, False])
def test_no_neighbors_are_farther_apart(constant):
    records, y = ends_and_between(500, np.random.RandomState(0))
    each = np.array(
        [
            regression_moments(record[None], np.array([one]), constant)
            for record, one in zip(records, y, strict=True)
        ]
    )
    apart = np.linalg.norm(each[:, None] - each[None], axis=2).max()
    largest = regression_sensitivity(constant)
    assert apart <= largest + 1e-9
    # It is reached, but for the angle: the noise is no larger than it must be.
    assert apart == pytest.approx(largest, rel=0.01)


def test_moments_by_hand():
    records, y = np.array([[0.6, 0.8], [1.0, 0.0]]), np.array([1.0, -0.5])
    root = np.sqrt(2)
    expected = [1.36, 0.48 * root, 1.6 * root, 0.64, 0.8 * root, 0.1, 0.8, 0.5]
    np.testing.assert_allclose(regression_moments(records, y, True), expected)


def test_eigenvalues_below_the_noise_are_lifted_and_others_left():
    rotation = np.linalg.qr(np.random.RandomState(0).normal(size=(3, 3)))[0]
    matrix = rotation @ np.diag([10.0, 1.0, -2.0]) @ rotation.T
    found = solve_lifted(matrix, rotation @ np.array([5.0, 4.0, 4.0]), 4.0)
    np.testing.assert_allclose(found, rotation @ np.array([0.5, 1.0, 1.0]))


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_with_next_to_no_noise_it_is_least_squares(fit_intercept):
    # Columns that are not nearly the same, and the middle of the bounds at 0.
    few, y = X[:, :4], Y - 185.5
    settings = {"data_norm": 2.4, "y_bounds": (-161, 161)}
    model = DPRidge(1e6, 0.5, fit_intercept=fit_intercept, **settings).fit(few, y)
    plain = LinearRegression(fit_intercept=fit_intercept).fit(few, y)
    fitted = np.clip(plain.predict(few), -161, 161)
    np.testing.assert_allclose(model.predict(few), fitted, atol=2.0)
    assert model.intercept_ == pytest.approx(plain.intercept_, abs=2.0)


def test_a_promise_is_kept_and_no_better_one_made():
    guarantee = DPRidge(0.7, 1e-6, **PUBLIC).fit(X, Y).privacy_guarantee_
    assert guarantee.epsilon(1e-6) == pytest.approx(0.7, rel=1e-6)
    assert guarantee.adjacency == "replace"


def test_learns():
    scores = [DPRidge(10.0, **PUBLIC).fit(X, Y).score(X, Y) for _ in range(5)]
    # Without noise .52; with it .47 with a deviation of .02.
    assert np.mean(scores) > 0.38


def test_a_small_budget_gives_small_weights():
    # What is a millionth of a record's worth says that nothing is known.
    model = DPRidge(1e-3, **PUBLIC).fit(X, Y)
    assert np.linalg.norm(model.coef_ * 2.4 / 160.5) < 1.5
    assert np.isfinite(model.predict(X)).all()


def test_predictions_are_within_the_bounds():
    model = DPRidge(1.0, **PUBLIC).fit(X, Y)
    predicted = model.predict(100 * X)
    assert predicted.min() >= 25
    assert predicted.max() <= 346


def test_columns_twice():
    twice = np.column_stack([X[:, :2], X[:, :2]])
    model = DPRidge(1e4, 0.1, data_norm=3.0, y_bounds=(25, 346)).fit(twice, Y)
    assert model.score(twice, Y) == pytest.approx(
        LinearRegression().fit(twice, Y).score(twice, Y), abs=0.02
    )


def test_what_is_not_public_is_refused():
    with pytest.raises(PrivacyLeakError, match="data_norm must be given"):
        DPRidge(y_bounds=(25, 346)).fit(X, Y)
    with pytest.raises(PrivacyLeakError, match="y_bounds must be given"):
        DPRidge(data_norm=2.4).fit(X, Y)


def test_holds_nothing_but_what_was_released():
    model = DPRidge(**PUBLIC).fit(X, Y)
    fitted = {name for name in vars(model) if name.endswith("_")}
    public = {"n_features_in_", "privacy_guarantee_", "reproducible_", "y_bounds_"}
    assert fitted - public == {"coef_", "intercept_"}


def test_nothing_is_released_without_budget():
    ledger = PrivacyLedger(epsilon=0.5, delta=1e-5)
    model = DPRidge(ledger=ledger, **PUBLIC)
    with pytest.raises(PrivacyBudgetExceeded, match=r"DPRidge\.fit"):
        model.fit(X, Y)
    assert len(ledger) == 0
    assert not hasattr(model, "coef_")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"data_norm": 0.0}, "data_norm"),
        ({"y_bounds": (346, 25)}, "y_bounds must have lower ends below upper"),
        ({"y_bounds": 25}, "y_bounds must be a pair"),
        ({"y_bounds": (0, np.inf)}, "y_bounds must be finite"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        DPRidge(**PUBLIC | settings).fit(X, Y)


def test_texts_are_no_numbers():
    with pytest.raises(ValueError, match="y must hold numbers; got values of type"):
        DPRidge(on_leak="warn").fit([[0.0], [1.0]], ["no", "yes"])
