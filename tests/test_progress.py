"""Who is told how far the training has got."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from skprivacy._sklearn_compat import HAS_CALLBACKS
from skprivacy.shadow import ShadowModels, report_progress


@pytest.fixture
def records():
    return np.random.default_rng(0).random((20, 3))


def test_each_model_is_told_and_only_within_the_block(records):
    told = []
    shadow = ShadowModels(Ridge(), n_models=4, random_state=0)
    with report_progress(lambda done, total: told.append((done, total))):
        shadow.fit(records)
    shadow.fit(records)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.skipif(not HAS_CALLBACKS, reason="scikit-learn before 1.9 has none")
def test_scikit_learn_callbacks_see_each_model(records):
    class Recorder:
        def __init__(self):
            self.tasks = []

        def setup(self, estimator, context):
            self.tasks.append("setup")

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context):
            self.tasks.append(context.task_name)

        def teardown(self, estimator, context):
            self.tasks.append("teardown")

    recorder = Recorder()
    ShadowModels(Ridge(), n_models=2).set_callbacks(recorder).fit(records)
    assert recorder.tasks == [
        "setup",
        "shadow model",
        "shadow model",
        "fit",
        "teardown",
    ]


@pytest.mark.skipif(not HAS_CALLBACKS, reason="scikit-learn before 1.9 has none")
def test_scikit_learn_progress_bar_runs(records, capsys):
    from sklearn.callback import ProgressBar

    shadow = ShadowModels(Ridge(), n_models=4, random_state=0)
    shadow.set_callbacks(ProgressBar()).fit(records)
    assert "ShadowModels" in capsys.readouterr().out
