"""What would help depends on what was found."""

from dataclasses import replace

import pytest

from skprivacy._audit import Finding
from skprivacy._report._advice import ANY_MODEL, advise, how_to_regularize


def titles(result):
    return [advice.title for advice in advise(result)]


def test_near_chance_says_so_and_what_it_does_not_prove(make_result):
    advice = advise(make_result(effect=0))
    assert advice[0].title == "Nothing needs to change on account of these attacks"
    assert "not a proof" in advice[0].text
    assert "thorough" in advice[1].text


def test_a_thorough_audit_is_not_told_to_be_more_thorough(make_result):
    settings = make_result(n=50).settings | {"effort": "thorough"}
    assert len(advise(make_result(effect=0, settings=settings))) == 1


def test_an_overfit_model_is_told_to_regularize_first(make_result):
    advice = advise(make_result())
    assert advice[0].title == "Let the model learn less by heart"
    assert "min_samples_leaf" in advice[0].text
    assert any("differential privacy" in item.title for item in advice)
    assert any("Answer less precisely" in item.title for item in advice)


def test_a_leak_without_overfitting_points_to_the_records(make_result):
    result = make_result(train_score=0.86, holdout_score=0.85)
    assert titles(result)[0] == "Look at the exposed records"


def test_a_leaking_split_comes_first(make_result):
    assert titles(make_result(blind=0.7))[0] == "Mend the split, then audit again"
    near_chance = titles(make_result(effect=0, blind=0.7))
    assert near_chance[0] == "Mend the split, then audit again"


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("identifier", "Drop columns that identify people"),
        ("few_non_members", "Hold out more records"),
    ],
)
def test_findings_have_their_advice(make_result, kind, title):
    finding = Finding(kind, "warning", "Something was found.")
    assert title in titles(make_result(findings=[finding]))


def test_regressors_are_not_told_of_labels(make_result):
    model = make_result(n=50).model | {"task": "regression"}
    assert "Answer less precisely" not in titles(make_result(model=model))


def test_without_shadow_models_the_strong_attacks_are_missing(make_result):
    result = make_result(n=50)
    weak = tuple(replace(attack, n_shadow_models=0) for attack in result.attacks)
    assert "Attack with shadow models" in titles(replace(result, attacks=weak))
    assert "Attack with shadow models" not in titles(result)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("RandomForestClassifier", "min_samples_leaf"),
        ("HistGradientBoostingClassifier", "early_stopping"),
        ("DecisionTreeRegressor", "ccp_alpha"),
        ("KNeighborsClassifier", "n_neighbors"),
        ("SVC", "kernel"),
        ("MLPClassifier", "epochs"),
        ("LogisticRegression", "rare categories"),
    ],
)
def test_regularizers_fit_the_model(name, word):
    assert word in how_to_regularize({"type": name})
    inside = {"type": "Pipeline", "repr": f"Pipeline(steps=[('m', {name}())])"}
    assert word in how_to_regularize(inside)


def test_an_unknown_model_gets_general_advice():
    assert how_to_regularize({"type": "Mystery", "repr": "Mystery()"}) == ANY_MODEL


def test_a_file_that_gives_more_away_than_answers_is_kept_in(make_result):
    result = make_result(n=1000, attacks={"RMIA": (1.0, "x"), "weak": (0.3, "x")})
    titles = [item.title for item in advise(result)]
    assert "Do not give out the model file" not in titles
    inside = replace(result.attacks[0], access="white box")
    other = replace(result, attacks=(inside, result.attacks[1]))
    titles = [item.title for item in advise(other)]
    assert "Do not give out the model file" in titles
