"""The privacy section of a model card."""

import pytest
from sklearn.linear_model import LogisticRegression
from skops.card import Card


def test_it_holds_the_verdict_and_the_figures(make_result):
    result = make_result()
    section = result.to_model_card()
    assert result.judgment.headline in section
    best = result.best
    assert f"| {best.name} | {best.access} | {best.roc_auc.estimate:.3f} (" in section
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + len(result.attacks)
    assert len({row.count("|") for row in rows}) == 1


def test_a_readme_keeps_what_else_it_says(make_result, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("---\nlicense: mit\n---\n# Model\n\nUse it.\n")
    leaky, tight = make_result(), make_result(effect=0.0)
    assert leaky.to_model_card(readme) == readme
    first = readme.read_text()
    assert first.startswith("---\nlicense: mit\n---\n# Model\n\nUse it.\n\n<!--")
    readme.write_text(first + "\n## Contact\n")
    tight.to_model_card(str(readme))
    second = readme.read_text()
    assert second.count("## Privacy") == 1
    assert tight.judgment.text in second and leaky.judgment.text not in second
    assert second.endswith("\n## Contact\n")


def test_a_readme_is_made(make_result, tmp_path):
    path = make_result().to_model_card(tmp_path / "README.md")
    assert path.read_text().count("## Privacy") == 1


def test_a_card_of_skops_gets_a_section(make_result):
    card = Card(LogisticRegression(), model_diagram=False)
    result = make_result()
    assert result.to_model_card(card) is card
    assert result.judgment.headline in card.select("Privacy").content


def test_names_that_hold_markup_stay_text(make_result):
    attacks = {"<script>alert(1)</script> | x": (0.5, "A & B 2020")}
    section = make_result(attacks=attacks).to_model_card()
    assert "<script" not in section
    assert "&lt;script>alert(1)&lt;/script> \\| x" in section


@pytest.mark.parametrize("card", [3, [], object()])
def test_what_is_no_card(make_result, card):
    with pytest.raises(TypeError, match="card must be"):
        make_result().to_model_card(card)
