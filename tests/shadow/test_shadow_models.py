"""Shadow models as an estimator: same result however they are trained, and kept."""

import os
import pickle
import runpy
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skprivacy.shadow import ShadowModels
from skprivacy.targets import BlackBox


@pytest.fixture
def records():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    return np.column_stack([X, X[:, 0] + 0.5 * rng.normal(size=60) > 0])


def forest(**params):
    return RandomForestClassifier(5, **params)


def test_answers_are_those_of_clones_trained_by_hand(records):
    shadow = ShadowModels(
        LogisticRegression(), n_models=4, random_state=0, engine="generic"
    )
    shadow.fit(records)
    for i, inside in enumerate(shadow.membership_):
        by_hand = LogisticRegression().fit(records[inside, :-1], records[inside, -1])
        np.testing.assert_allclose(
            shadow.answers_[i], by_hand.predict_proba(records[:, :-1]), atol=1e-12
        )


@pytest.mark.parametrize("n_jobs, backend", [(2, "loky"), (2, "threading")])
def test_same_seed_same_result_for_any_backend(records, n_jobs, backend):
    alone = ShadowModels(forest(), n_models=4, random_state=3).fit(records)
    with joblib.parallel_config(backend):
        together = ShadowModels(forest(), n_models=4, random_state=3, n_jobs=n_jobs)
        together.fit(records)
    np.testing.assert_array_equal(alone.membership_, together.membership_)
    np.testing.assert_array_equal(alone.answers_, together.answers_)


def test_randomness_of_the_recipe_varies_across_shadows(records):
    recipe = forest(random_state=0)
    shadow = ShadowModels(recipe, n_models=4, keep_models=True, random_state=0)
    seeds = {model.random_state for model in shadow.fit(records).models_}
    assert len(seeds) == 4 and recipe.random_state == 0


def test_strangers_get_the_answers_of_the_kept_models(records):
    strangers = records.copy()
    strangers[:, 1] += 10
    mixed = np.vstack([strangers, records])
    shadow = ShadowModels(forest(), n_models=4, random_state=0).fit(records)
    kept = clone(shadow).set_params(keep_models=True).fit(records)
    result = shadow.query(mixed)
    np.testing.assert_array_equal(result.answers, kept.query(mixed).answers)
    assert not result.membership[:, :60].any()
    np.testing.assert_array_equal(result.membership[:, 60:], shadow.membership_)
    np.testing.assert_array_equal(result.answers[:, 60:], shadow.answers_)


def test_the_pool_itself_is_not_copied(records):
    shadow = ShadowModels(GaussianNB(), n_models=4, random_state=0).fit(records)
    asked = shadow.query(records)
    assert np.shares_memory(asked.answers, shadow.answers_)
    assert not asked.answers.flags.writeable
    backwards = shadow.query(records[::-1])
    np.testing.assert_array_equal(backwards.answers[:, ::-1], asked.answers)
    np.testing.assert_array_equal(backwards.membership[:, ::-1], asked.membership)


def test_transform_is_a_table_with_names(records):
    shadow = ShadowModels(forest(), n_models=2, random_state=0).fit(records)
    table = shadow.set_output(transform="pandas").transform(records)
    assert table.columns.tolist() == [
        "shadow0_0.0",
        "shadow0_1.0",
        "shadow1_0.0",
        "shadow1_1.0",
    ]
    np.testing.assert_array_equal(table["shadow1_1.0"], shadow.answers_[1, :, 1])


def test_the_recipe_is_the_whole_target(records):
    frame = pd.DataFrame(records, columns=["a", "b", "c", "y"])
    frame["c"] = np.where(frame["c"] > 0, "up", "down")
    frame["y"] = np.where(frame["y"] == 1, "yes", "no")
    texts = make_column_selector(dtype_exclude="number")
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), texts), remainder="passthrough"),
        DecisionTreeClassifier(),
    ).fit(frame[["a", "b", "c"]], frame["y"])
    shadow = ShadowModels(
        target=BlackBox(model), n_models=2, keep_models=True, random_state=0, label="y"
    ).fit(frame)
    assert [type(m).__name__ for m in shadow.models_] == ["Pipeline", "Pipeline"]
    assert shadow.classes_.tolist() == ["no", "yes"]
    inside = shadow.membership_[0]
    own = shadow.answers_[0, inside]
    # A full tree knows its own records by heart.
    np.testing.assert_array_equal(own.argmax(axis=1), shadow.truth_[inside])


@pytest.mark.parametrize("response", ["proba", "label", "decision"])
def test_shadows_answer_as_the_target_does(records, response):
    model = LogisticRegression().fit(records[:, :-1], records[:, -1])
    box = BlackBox(model, response=response, decimals=1, budget=0)
    answers = ShadowModels(target=box, n_models=2, random_state=0).fit(records).answers_
    assert answers.shape == (2, 60, 2)
    np.testing.assert_allclose(answers, np.round(answers, 1))
    assert box.n_queries_ == 0


def test_classes_are_aligned_where_a_shadow_misses_one(records):
    records[0, -1] = 7.0  # one record of its class: half of the shadows never see it
    shadow = ShadowModels(DecisionTreeClassifier(), n_models=4, random_state=0)
    shadow.fit(records)
    assert shadow.classes_.tolist() == [0.0, 1.0, 7.0]
    for i, inside in enumerate(shadow.membership_):
        assert (shadow.answers_[i, :, 2] > 0).any() == inside[0]
    np.testing.assert_allclose(shadow.answers_.sum(axis=2), 1.0)


def test_labels_that_the_target_does_not_know_get_a_column(records):
    model = DecisionTreeClassifier().fit(records[:, :-1], records[:, -1].astype(bool))
    records[:3, -1] = 5.0
    shadow = ShadowModels(target=BlackBox(model), n_models=2, random_state=0)
    assert shadow.fit(records).classes_.tolist() == [0.0, 1.0, 5.0]


def test_a_class_without_decision_values_is_never_chosen(records):
    records[0, -1] = 7.0
    shadow = ShadowModels(LinearSVC(), n_models=2, random_state=0).fit(records)
    missing = ~shadow.membership_[:, 0]
    assert np.isneginf(shadow.answers_[missing][..., 2]).all()


def test_regressors_answer_with_values(records):
    recipe = RandomForestRegressor(3)
    shadow = ShadowModels(recipe, n_models=2, random_state=0).fit(records)
    assert shadow.answers_.shape == (2, 60, 1)
    assert not hasattr(shadow, "classes_")


def test_memory_trains_each_model_once(records, tmp_path):
    shadow = ShadowModels(CountingTree(), n_models=4, random_state=0, memory=tmp_path)
    CountingTree.fits = 0
    first = shadow.fit(records).answers_
    again = clone(shadow).fit(records).answers_
    assert CountingTree.fits == 4
    np.testing.assert_array_equal(first, again)
    clone(shadow).set_params(random_state=1).fit(records)
    clone(shadow).set_params(recipe=CountingTree(max_depth=1)).fit(records)
    clone(shadow).fit(records[:-1])
    assert CountingTree.fits == 16


def test_memory_that_maps_files_maps_the_answers(records, tmp_path):
    memory = joblib.Memory(tmp_path, verbose=0, mmap_mode="r")
    params = {"n_models": 4, "random_state": 0}
    here = ShadowModels(forest(), **params).fit(records)
    mapped = ShadowModels(forest(), memory=memory, **params).fit(records)
    assert Path(mapped.answers_.filename).parent == tmp_path
    np.testing.assert_array_equal(mapped.answers_, here.answers_)
    asked = mapped.query(records[:3]).answers
    np.testing.assert_array_equal(asked, here.query(records[:3]).answers)
    kept = pickle.loads(pickle.dumps(mapped))
    np.testing.assert_array_equal(kept.answers_, here.answers_)


def test_memory_takes_a_joblib_memory(records, tmp_path):
    memory = joblib.Memory(tmp_path, verbose=0)
    CountingTree.fits = 0
    for _ in range(2):
        ShadowModels(CountingTree(), n_models=2, random_state=0, memory=memory).fit(
            records
        )
    assert CountingTree.fits == 2


def test_a_broken_file_is_computed_again_and_said(records, tmp_path):
    shadow = ShadowModels(forest(), n_models=2, random_state=0, memory=tmp_path)
    first = shadow.fit(records).answers_
    broken = next(tmp_path.rglob("*.result"))
    broken.write_bytes(broken.read_bytes()[:20])
    with pytest.warns(UserWarning, match="can't be read.*computed again"):
        again = clone(shadow).fit(records).answers_
    np.testing.assert_array_equal(first, again)


class CountingTree(DecisionTreeClassifier):
    """Counts how often it is trained."""

    fits = 0

    def fit(self, X, y):
        type(self).fits += 1
        return super().fit(X, y)


SLOW_RUN = """
    import sys, time
    import numpy as np
    from sklearn.tree import DecisionTreeClassifier
    from skprivacy.shadow import ShadowModels, report_progress

    class SlowTree(DecisionTreeClassifier):
        def fit(self, X, y):
            print("training", flush=True)
            time.sleep(float(sys.argv[2]))
            return super().fit(X, y)

    rng = np.random.default_rng(0)
    records = np.column_stack([rng.normal(size=(40, 2)), np.arange(40) % 2])
    shadow = ShadowModels(
        SlowTree(), n_models=6, random_state=0, memory=sys.argv[1]
    ).fit(records)
    print("checksum", shadow.answers_.sum(), shadow.answers_[:, 3, 1].tolist())
"""


def test_a_killed_run_resumes_with_the_missing_models(tmp_path, monkeypatch, capsys):
    script = tmp_path / "slow.py"
    script.write_text(textwrap.dedent(SLOW_RUN))
    memory = tmp_path / "memory"

    def run_here(where):
        # In another process than the one that was killed, but not in a new one each.
        monkeypatch.setattr(sys, "argv", [str(script), str(where), "0"])
        runpy.run_path(str(script), run_name="__main__")
        return capsys.readouterr().out

    killed = subprocess.Popen(
        [sys.executable, str(script), str(memory), "0.3"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    for _ in range(4):
        killed.stdout.readline()  # three models are done when the fourth begins
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    time.sleep(0.05)
    resumed, whole = run_here(memory), run_here(tmp_path / "other")
    assert resumed.count("training") == 3
    assert whole.count("training") == 6
    assert resumed.splitlines()[-1] == whole.splitlines()[-1]


@pytest.mark.parametrize(
    "params, message",
    [
        ({"n_models": 1}, "n_models"),
        ({"n_models": 3}, "even n_models; got n_models=3"),
        ({"subsample": 0.3}, "needs subsample=0.5; got subsample=0.3"),
        ({"subsample": 1.0, "paired": False}, "subsample"),
        ({"engine": "warp"}, "engine"),
        ({"recipe": None}, "recipe and target are both None"),
        ({"recipe": "ridge"}, "recipe must be an unfitted estimator; got 'ridge'"),
        ({"recipe": Ridge}, "recipe must be an unfitted estimator"),
        ({"label": "income"}, "label='income' is not a column"),
    ],
)
def test_bad_parameters_are_named(records, params, message):
    shadow = ShadowModels(LogisticRegression(), n_models=2).set_params(**params)
    with pytest.raises((ValueError, TypeError), match=message):
        shadow.fit(records)


def test_recipe_of_the_other_kind_is_refused(records):
    model = LogisticRegression().fit(records[:, :-1], records[:, -1])
    shadow = ShadowModels(Ridge(), target=BlackBox(model), n_models=2)
    with pytest.raises(ValueError, match="recipe must be a classifier"):
        shadow.fit(records)


def test_three_records_are_too_few(records):
    with pytest.raises(ValueError, match="records must be at least 4"):
        ShadowModels(LogisticRegression(), n_models=2).fit(records[:3])


def test_plain_function_needs_a_recipe(records):
    box = BlackBox(lambda X: X[:, 0])
    with pytest.raises(ValueError, match="recipe must be given"):
        ShadowModels(target=box, n_models=2).fit(records)
