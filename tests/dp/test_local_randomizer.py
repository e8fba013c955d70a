"""Records that each are private by themselves."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skprivacy.dp import (
    LocalRandomizer,
    PrivacyBudgetExceeded,
    PrivacyLeakError,
    PrivacyLeakWarning,
    PrivacyLedger,
)
from skprivacy.dp._gaussian import gaussian_mu

N = 200
X = pd.DataFrame(
    {
        "sex": pd.Categorical(["f", "m"] * (N // 2)),
        "age": np.linspace(20, 80, N),
        "children": np.arange(N) % 5,
    },
    index=np.arange(N) + 7,
)
Y = (X["age"] > 50).to_numpy().astype(int)
PUBLIC = {
    "bounds": {"age": (0, 100), "children": (0, 10)},
    "categories": {"sex": ["f", "m"]},
}


def randomizer(epsilon=1.0, delta=0.0, **settings):
    return LocalRandomizer(epsilon, delta, **PUBLIC | settings)


class TestGuarantee:
    def test_of_a_record_is_the_sum_over_its_columns(self):
        fitted = randomizer(3.0).fit(X)
        assert fitted.epsilons_ == {"sex": 1.0, "age": 1.0, "children": 1.0}
        guarantee = fitted.privacy_guarantee_
        assert (guarantee.epsilon(), guarantee.stated_delta) == (3.0, 0.0)
        assert guarantee.adjacency == "replace"
        assert "randomized by itself" in guarantee.assumptions[0]

    def test_of_one_epsilon_a_column(self):
        fitted = randomizer({"sex": 2.0, "age": 0.5, "children": 0.25}).fit(X)
        assert fitted.privacy_guarantee_.epsilon() == 2.75
        # Laplace noise: the bounds' width over epsilon, times the root of two.
        expected = {"age": np.sqrt(2) * 200, "children": np.sqrt(2) * 40}
        assert fitted.noise_deviations_ == pytest.approx(expected, rel=1e-5)

    def test_of_gaussian_noise_is_one_draw_for_all_numbers(self):
        columns = ["age", "children"]
        fitted = LocalRandomizer(
            2.0, 1e-6, bounds=PUBLIC["bounds"], mechanism="gaussian"
        ).fit(X[columns])
        mu = gaussian_mu(2.0, 1e-6)
        assert fitted.privacy_guarantee_.mu == mu
        assert fitted.privacy_guarantee_.epsilon() == pytest.approx(2.0)
        expected = {"age": 100 * np.sqrt(2) / mu, "children": 10 * np.sqrt(2) / mu}
        assert fitted.noise_deviations_ == pytest.approx(expected, rel=1e-5)
        # With shares of two and one, what is told of both still has the same mu.
        weighed = fitted.set_params(epsilon={"age": 1.5, "children": 0.5}).fit(
            X[columns]
        )
        inverse = [
            width / weighed.noise_deviations_[name]
            for name, width in (("age", 100), ("children", 10))
        ]
        assert np.hypot(*inverse) == pytest.approx(mu, rel=1e-5)
        assert inverse[0] == pytest.approx(3 * inverse[1], rel=1e-5)

    def test_of_both_kinds_of_columns_adds_up(self):
        guarantee = randomizer(3.0, 1e-6, mechanism="gaussian").fit(X)
        guarantee = guarantee.privacy_guarantee_
        assert guarantee.epsilon(1e-6) == pytest.approx(3.0)
        assert guarantee.delta(3.0) == pytest.approx(1e-6)

    def test_the_smaller_noise_is_chosen(self):
        few, many = np.zeros((9, 2)), np.zeros((9, 40))
        few, many = (
            LocalRandomizer(1.0, 1e-5, bounds=(0, 1)).fit(table)
            for table in (few, many)
        )
        assert few.privacy_guarantee_.mu is None
        assert many.privacy_guarantee_.mu == gaussian_mu(1.0, 1e-5)
        for fitted, other in ((few, "gaussian"), (many, "laplace")):
            worse = clone(fitted).set_params(mechanism=other)
            worse.fit(np.zeros((9, fitted.n_features_in_)))
            assert worse.noise_deviations_[0] > fitted.noise_deviations_[0]

    def test_says_what_is_no_secret(self):
        fitted = LocalRandomizer(columns=["age"], bounds=(0, 100)).fit(X)
        assert any(
            "not randomized" in one for one in fitted.privacy_guarantee_.assumptions
        )
        told = fitted.transform(X)
        pd.testing.assert_frame_equal(told.drop(columns="age"), X.drop(columns="age"))
        assert (told["age"] != X["age"]).all()


class TestLedger:
    def test_fit_is_free_and_each_transform_is_booked(self):
        ledger = PrivacyLedger(epsilon=3.5)
        fitted = randomizer(1.0, ledger=ledger).fit(X)
        assert len(ledger) == 0
        fitted.transform(X)
        fitted.fit_transform(X)
        assert ledger.epsilon_spent() == pytest.approx(2.0, rel=1e-3)
        assert ledger.to_frame()["what"].tolist() == ["LocalRandomizer.transform"]
        fitted.transform(X)
        with pytest.raises(PrivacyBudgetExceeded, match="Nothing was released"):
            fitted.transform(X)
        assert len(ledger) == 3

    def test_a_pipeline_books_what_it_predicts_too(self):
        encoder = make_column_transformer(
            (OneHotEncoder(), ["sex"]), remainder="passthrough"
        )
        pipeline = make_pipeline(
            randomizer(50.0), encoder, LogisticRegression(max_iter=1000)
        )
        with PrivacyLedger(epsilon=1e4, method="basic") as ledger:
            pipeline.fit(X, Y)
            assert len(ledger) == 1
            pipeline.predict(X)
            assert len(ledger) == 2
            # Of records as they are, and for nothing.
            assert pipeline[1:].score(X, Y) > 0.8
            assert len(ledger) == 2
            grid = {"localrandomizer__epsilon": [1.0, 100.0]}
            search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, Y)
        # Two folds of two settings, fitted and scored, and the last fit.
        assert len(ledger) == 2 + 8 + 1
        assert search.best_params_ == {"localrandomizer__epsilon": 100.0}


class TestEstimates:
    def test_of_frequencies_and_means_are_near_the_truth(self):
        table = pd.concat([X] * 50, ignore_index=True)
        table["sex"] = np.where(table["age"] < 35, "f", "m")
        told = randomizer(6.0).fit(X).transform(table)
        fitted = randomizer(6.0).fit(X)
        frequencies = fitted.estimate_frequencies(told)["sex"]
        assert frequencies.sum() == pytest.approx(1)
        # Five deviations: sqrt(.1 * .9 / 10000) / (p - q) with p - q = .76.
        assert frequencies["f"] == pytest.approx(0.25, abs=0.03)
        means = fitted.estimate_means(told)
        errors = (means["mean"] - table[["age", "children"]].mean()).abs()
        assert (errors < 5 * means["standard_error"]).all()
        assert means.loc["age", "standard_error"] == pytest.approx(
            np.sqrt(2) * 50 / 100, rel=1e-4
        )

    def test_what_is_told_is_not_what_is(self):
        told = randomizer(0.3).fit_transform(X)
        # Each says the truth with a chance of .525: 5 deviations are .18.
        assert abs((told["sex"] == X["sex"]).mean() - 0.525) < 0.18
        assert told["age"].std() > 300

    def test_each_call_draws_anew(self):
        fitted = randomizer().fit(X)
        assert not fitted.transform(X).equals(fitted.transform(X))


class TestTables:
    def test_frames_keep_their_columns_index_and_types(self):
        fitted = randomizer().fit(X)
        told = fitted.transform(X)
        assert told.index.equals(X.index)
        assert list(told.columns) == list(X.columns)
        assert told["sex"].dtype == X["sex"].dtype
        assert set(told["sex"]) == {"f", "m"}
        assert told["children"].dtype == float
        assert fitted.get_feature_names_out().tolist() == list(X.columns)
        assert X["age"].iloc[0] == 20

    def test_arrays_name_columns_by_position(self):
        table = X.to_numpy()
        fitted = LocalRandomizer(
            1e6, bounds=([0, 0], [100, 10]), categories={0: ["f", "m"]}
        ).fit(table)
        told = fitted.transform(table)
        assert (told[:, 0] == table[:, 0]).all()
        np.testing.assert_allclose(told[:, 1].astype(float), X["age"], atol=0.1)
        numbers = LocalRandomizer(1e6, bounds=(0, 100)).fit_transform(
            table[:, 1:].astype(float)
        )
        assert numbers.dtype == float

    def test_missing_values_are_a_category_where_they_are_declared(self):
        table = pd.DataFrame({"work": ["a", None, "b", np.nan] * 50})
        fitted = LocalRandomizer(60.0, categories={"work": ["a", "b", None]}).fit(table)
        told = fitted.transform(table)
        assert told["work"].isna().tolist() == table["work"].isna().tolist()
        counts = fitted.estimate_frequencies(told)["work"]
        np.testing.assert_allclose(counts, [0.25, 0.25, 0.5])

    def test_the_type_of_a_column_does_not_tell_if_a_value_was_missing(self):
        fitted = LocalRandomizer(0.1, categories={"n": [0, 1, None]})
        whole = pd.DataFrame({"n": np.zeros(200, dtype=int)})
        gaps = pd.DataFrame({"n": [np.nan] + [0.0] * 199})
        told = [fitted.fit_transform(table)["n"] for table in (whole, gaps)]
        assert told[0].dtype == told[1].dtype == float
        assert told[0].isna().any()
        # Nor do the types of single values.
        arrays = [np.array([[0], [first]] * 99, dtype=object) for first in (1, None)]
        fitted = LocalRandomizer(0.1, categories={0: [0, 1, None]})
        told = [fitted.fit_transform(table).ravel().tolist() for table in arrays]
        assert [{type(one) for one in values} for values in told] == [{float}] * 2

    def test_truth_values_need_no_categories(self):
        table = pd.DataFrame({"member": np.arange(100) % 2 == 0})
        told = LocalRandomizer(0.1).fit_transform(table)
        assert told["member"].dtype == bool
        assert told["member"].nunique() == 2

    def test_pickles_hold_no_record(self):
        fitted = randomizer().fit(X)
        again = pickle.loads(pickle.dumps(fitted))
        assert again.transform(X).shape == X.shape
        longest = max(len(pickle.dumps(value)) for value in vars(fitted).values())
        assert longest < 1000 < len(pickle.dumps(X))


class TestLeaks:
    def test_what_is_not_public_is_refused(self):
        with pytest.raises(PrivacyLeakError, match="bounds of 'children' must be"):
            randomizer(bounds={"age": (0, 100)}).fit(X)
        with pytest.raises(PrivacyLeakError, match="bounds must be given"):
            randomizer(bounds=None).fit(X)
        with pytest.raises(PrivacyLeakError, match="categories of column 'sex'"):
            randomizer(categories=None).fit(X)

    def test_or_read_and_said(self):
        with pytest.warns(PrivacyLeakWarning):
            fitted = LocalRandomizer(on_leak="warn").fit(X)
        assert fitted.bounds_["children"] == (0.0, 4.0)
        assert sorted(fitted.categories_["sex"]) == ["f", "m"]

    def test_values_outside_are_moved_and_counted(self):
        table = X.assign(age=[1000.0] * 3 + [50.0] * (N - 3))
        fitted = randomizer(1e6).fit(X)
        with pytest.warns(UserWarning, match="3 of 200 records are outside"):
            told = fitted.transform(table)
        np.testing.assert_allclose(told["age"][:3], 100, atol=0.1)

    def test_a_seed_is_told_of(self):
        with pytest.warns(UserWarning, match="random_state makes the noise"):
            one, two = (randomizer(random_state=0).fit_transform(X) for _ in range(2))
        pd.testing.assert_frame_equal(one, two)
        with pytest.warns(UserWarning, match="random_state makes the noise"):
            assert randomizer(random_state=0).fit(X).reproducible_
        assert not randomizer().fit(X).reproducible_


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epsilon": 0.0}, "'epsilon' parameter"),
        ({"epsilon": np.nan}, "epsilon"),
        ({"epsilon": np.inf}, "'epsilon' parameter"),
        ({"epsilon": {"sex": 1.0}}, r"epsilon must name each .* got \['sex'\]"),
        (
            {"epsilon": {"sex": 1.0, "age": 0.0, "children": 1.0}},
            "epsilon of 'age' must be finite and above 0",
        ),
        ({"delta": 1.0}, "'delta' parameter"),
        ({"mechanism": "gaussian"}, "needs a delta above 0"),
        ({"mechanism": "randomized_response"}, r"\['age', 'children'\] have none"),
        ({"columns": []}, "at least one column"),
        ({"columns": ["age", "age"]}, "names the column 'age' twice"),
        ({"columns": ["height"]}, "columns names the column 'height'"),
        ({"columns": ["age"]}, "categories names the column 'sex', which is not in"),
        ({"categories": {"sex": ["f", "f"]}}, "must be values that differ"),
        ({"bounds": {"age": (9, 1), "children": (0, 9)}}, "lower ends below"),
    ],
)
def test_refuses(settings, message):
    with pytest.raises(ValueError, match=message):
        LocalRandomizer(**PUBLIC | settings).fit(X)


def test_refuses_records_that_are_not_as_declared():
    ledger = PrivacyLedger()
    fitted = randomizer(ledger=ledger).fit(X)
    with pytest.raises(ValueError, match="'sex' holds 'x', which is not in"):
        fitted.transform(X.assign(sex="x"))
    with pytest.raises(ValueError, match="contains NaN"):
        fitted.transform(X.assign(age=np.nan))
    with pytest.raises(ValueError, match="column 'age' must hold numbers"):
        fitted.transform(X.assign(age="old"))
    assert len(ledger) == 0
