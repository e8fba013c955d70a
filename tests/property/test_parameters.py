"""Parameters are read by columns and classes."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    VotingClassifier,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import (
    LogisticRegression,
    Ridge,
    SGDClassifier,
)
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from skprivacy.property._parameters import read_parameters

# A column of 0 and 1, of which 3 of 8 are 1, and one of whole numbers.
X = np.array([[0, 1], [0, 2], [1, 3], [0, 1], [1, 2], [1, 0], [0, 2], [0, 5]])
Y = np.array(list("nnnnyyyy"))
Y3 = np.array(list("aabbccaa"))


def test_a_linear_model():
    model = Ridge().fit(X, np.arange(8))
    numbers = read_parameters(model)
    assert numbers["coef_ x0"] == pytest.approx(model.coef_[0])
    assert numbers["intercept_"] == pytest.approx(model.intercept_)


@pytest.mark.parametrize("kind", [LogisticRegression, SGDClassifier])
def test_classes_name_their_coefficients(kind):
    model = kind().fit(X, Y3)
    numbers = read_parameters(model)
    assert numbers["coef_ x1 of b"] == pytest.approx(model.coef_[1, 1])
    assert numbers["intercept_ of c"] == pytest.approx(model.intercept_[2])


def test_coefficients_of_a_linear_machine_alone():
    linear = read_parameters(SVC(kernel="linear").fit(X, Y))
    curved = read_parameters(SVC().fit(X, Y))
    assert "coef_ x0" in linear
    assert "coef_ x0" not in curved
    assert sum(curved[f"n_support_ of {k}"] for k in "ny") == pytest.approx(1)


@pytest.mark.parametrize(
    "model",
    [
        GaussianNB(),
        BernoulliNB(),
        MultinomialNB(),
        LinearDiscriminantAnalysis(),
        QuadraticDiscriminantAnalysis(reg_param=0.1),
        KNeighborsClassifier(3),
    ],
)
def test_the_mean_of_a_column_of_two_values_is_the_share(model):
    assert read_parameters(model.fit(X, Y))["mean x0"] == pytest.approx(3 / 8)


def test_tables_of_categories():
    model = CategoricalNB().fit(X, Y)
    numbers = read_parameters(model)
    assert numbers["feature_log_prob_ x1=5 of y"] == pytest.approx(
        model.feature_log_prob_[1][1, 5]
    )


def test_counts_are_shares_whatever_the_size():
    numbers = read_parameters(BernoulliNB().fit(np.tile(X, (3, 1)), np.tile(Y, 3)))
    assert numbers["class_count_ of n"] == 0.5


def test_the_first_guess_of_boosting():
    hist = HistGradientBoostingClassifier(max_iter=1).fit(X, Y)
    assert read_parameters(hist)["_baseline_prediction"] == pytest.approx(0)
    boosted = GradientBoostingClassifier(n_estimators=1).fit(X, Y3)
    shares = [x for name, x in read_parameters(boosted).items() if "init_" in name]
    assert shares == pytest.approx([0.5, 0.25, 0.25])


def test_stored_records():
    numbers = read_parameters(GaussianProcessRegressor().fit(X, np.arange(8)))
    assert numbers["mean of the label"] == 3.5
    numbers = read_parameters(KNeighborsClassifier(1).fit(X, Y3))
    assert numbers["class share of a"] == 0.5


def test_members_are_averaged_or_keep_their_names():
    bag = BaggingClassifier(GaussianNB(), 3, random_state=0).fit(X, Y)
    thetas = [member.theta_[0, 1] for member in bag.estimators_]
    assert read_parameters(bag)["theta_ x1 of 0"] == pytest.approx(np.mean(thetas))
    both = VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression())])
    numbers = read_parameters(both.fit(X, Y))
    assert {"a theta_ x0 of 0", "b coef_ x0"} <= set(numbers)


def test_calibrators_are_read():
    model = CalibratedClassifierCV(GaussianNB(), cv=2).fit(X, Y)
    numbers = read_parameters(model)
    slopes = [part.calibrators[0].a_ for part in model.calibrated_classifiers_]
    assert numbers["calibrator 0 a_"] == pytest.approx(np.mean(slopes))
