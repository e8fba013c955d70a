"""The page: whole, safe, readable by everyone."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from skprivacy._audit import Finding, WorstCase
from skprivacy._audit._exposure import Exposure
from skprivacy._report import render_embedded, render_html
from skprivacy.inspection import leak_scan

VOID = {"meta", "link", "br", "img", "hr", "input"}
EVIL = "<script>alert('x')</script>\"'&"


class Page(HTMLParser):
    """Collect the tags of a page, and check that each is closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def all(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture(scope="module")
def page(make_result):
    return Page(render_html(make_result()))


def test_what_the_model_holds_has_a_section(make_result):
    leaks = leak_scan(KNeighborsClassifier().fit([[71.5], [82.5]] * 10, [0, 1] * 10))
    text = Page(render_html(make_result(leaks=leaks))).text
    assert "What the model file itself holds" in text
    assert "_fit_X 20 rows" in text
    assert "71.5" not in text


def test_a_model_behind_a_box_has_no_such_section(page):
    assert "What the model file itself holds" not in page.text


def test_nothing_is_fetched_and_nothing_runs(make_result):
    html = render_html(make_result())
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe"}
    for _, attributes in page.tags:
        assert not {"src", "srcset", "action"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "xlink:href"):
            assert attributes.get(name, "#").startswith("#")
    assert not re.search(r"url\((?!#)|@import", html)
    assert "default-src 'none'" in html


def test_verdict_and_three_numbers_are_at_the_top(page, make_result):
    result = make_result()
    best = result.best
    top = page.text[: page.text.index("How well each attack does")]
    assert result.verdict.split(". ", 1)[1] in top
    assert f"{best.roc_auc.estimate:.3f}" in top
    for rate in (0.01, 0.001):
        assert f"{100 * best.tpr[rate].estimate:.1f}%" in top
        assert f"{100 * best.tpr[rate].low:.1f}% to" in top


def test_every_section_is_there(page):
    for title in (
        "How well each attack does",
        "What the attacker sees",
        "Most exposed records",
        "Overfitting gap",
        "What the attacker is assumed to know",
        "How each number was got",
        "What would help",
        "To run it again",
    ):
        assert title in page.text


def test_a_leaking_split_gets_a_red_box(make_result, split_leaks):
    html = render_html(make_result(blind=0.7, findings=[split_leaks]))
    assert '<div class="alert"' in html
    text = Page(html).text
    assert "The split leaks by itself" in text
    assert "not the model’s fault" in text
    assert "Columns that tell most: year source" in text
    assert split_leaks.message not in text
    assert "0.700 (0.687 to 0.713; guessing gives 0.5)" in text


def test_a_sound_split_gets_none(make_result):
    html = render_html(make_result(blind=0.505))
    assert '<div class="alert"' not in html


def test_near_chance_is_said(make_result):
    assert "Near chance" in Page(render_html(make_result(effect=0))).text


def test_too_few_outsiders_are_explained(make_result):
    text = Page(render_html(make_result(n=600))).text
    assert "not measurable" in text
    assert "This needs at least 1,000 outside records; there are 600." in text


def test_everything_is_escaped(make_result):
    leak = Finding("split_leaks", "critical", EVIL, (EVIL,))
    model = make_result(n=50).model | {"repr": EVIL, "type": EVIL, "classes": [EVIL]}
    html = render_html(
        make_result(
            n=200,
            attacks={EVIL: (1.0, EVIL), "other": (0.5, "x")},
            findings=[Finding("identifier", "warning", EVIL, (EVIL,)), leak],
            blind=0.7,
            model=model,
            data={"label": EVIL, "features": [EVIL]},
            settings={"effort": EVIL, EVIL: EVIL},
            signal_name=EVIL,
            record_ids=np.full(400, EVIL, dtype=object),
        )
    )
    assert "<script" not in html
    assert EVIL.replace('"', "").split("&")[0] in Page(html).text.replace('"', "")


def test_a_dollar_sign_in_a_name_is_no_formula(make_result):
    html = render_html(make_result(n=100, signal_name="cost in $ and $"))
    assert "cost in $ and $" in html


def test_ids_are_unique_and_references_hold(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for wanted in (attributes.get("aria-labelledby") or "").split():
            assert wanted in ids
        if "xlink:href" in attributes:
            assert attributes["xlink:href"][1:] in ids


def test_headings_do_not_skip_a_level(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    steps = np.diff(levels)
    assert steps.max() <= 1


def test_table_headers_have_a_scope_and_tables_a_caption(page):
    assert all(header.get("scope") in ("col", "row") for header in page.all("th"))
    assert len(page.all("table")) == len(page.all("caption")) == 2


def test_pictures_have_words(page):
    pictures = [svg for svg in page.all("svg") if svg.get("role") == "img"]
    assert len(pictures) == len(page.all("svg")) == 3
    assert len(page.all("title")) == 1 + 3
    assert len(page.all("desc")) == 3
    assert "The dotted diagonal is guessing." in page.text


def test_the_page_says_its_language_and_fits_a_phone(page):
    assert page.all("html")[0]["lang"] == "en"
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in (
        page.all("meta")
    )


def test_ids_but_no_values_of_records(make_result):
    ids = np.array([f"patient-{number}" for number in range(400)], dtype=object)
    result = make_result(n=200, record_ids=ids)
    worst = result.record_risk()["record"][0]
    assert worst in render_html(result)
    assert "patient-" not in render_html(result, n_exposed=0)


def test_same_result_same_page(make_result):
    result = make_result(n=200)
    assert render_html(result) == render_html(result)


def test_a_report_leaves_matplotlib_as_it_was(make_result):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    render_html(make_result(n=100))
    assert dict(mpl.rcParams) == before


def test_infinite_signals_are_drawn(make_result):
    result = make_result(n=100)
    result.signal[:5] = np.inf
    result.signal[5:8] = -np.inf
    assert "Histogram of" in render_html(result)


def test_a_constant_signal_is_drawn(make_result):
    assert "Histogram of" in render_html(make_result(n=100, signal=np.zeros(200)))


def test_more_attacks_than_colors(make_result):
    attacks = {f"attack {number}": (number / 12, "x") for number in range(12)}
    text = Page(render_html(make_result(n=100, attacks=attacks))).text
    assert all(name in text for name in attacks)


def test_regressors_are_scored_in_their_own_unit(make_result):
    result = make_result(n=100, score_name="R^2", train_score=0.98, holdout_score=-0.1)
    text = Page(render_html(result)).text
    assert "R², gap 1.080" in text


def test_embedded_page_is_the_same_page(make_result):
    import html as html_module

    result = make_result(n=100)
    embedded = render_embedded(result)
    inner = re.search(r'srcdoc="([^"]*)"', embedded)[1]
    assert html_module.unescape(inner) == render_html(result)


# Contrast, by the definition of WCAG 2


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(one, other):
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes():
    css = files("skprivacy._report").joinpath("templates/report.css").read_text("utf-8")
    light, dark = css.split("prefers-color-scheme: dark", 1)
    found = [dict(re.findall(r"--([\w-]+): (#\w{6});", part)) for part in (light, dark)]
    return [found[0], found[0] | found[1]]


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_contrast_of_text_is_at_least_aa(palette):
    text = ("ink", "muted", "none", "slight", "some", "strong", "unclear")
    for name in text:
        for ground in ("paper", "panel"):
            assert contrast(palette[name], palette[ground]) >= 4.5, (name, ground)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_contrast_of_lines_is_at_least_aa(palette):
    for name in ["outside", *(f"series-{number}" for number in range(8))]:
        assert contrast(palette[name], palette["paper"]) >= 3, name


def test_pictures_take_every_color_from_the_page(make_result):
    html = render_html(make_result(n=100))
    css = files("skprivacy._report").joinpath("templates/report.css").read_text("utf-8")
    assert "#0102" not in html
    for variable in set(re.findall(r"var\((--[\w-]+)\)", html)):
        assert f"{variable}:" in css


# Access, groups, canaries, reasons


@pytest.fixture(scope="module")
def full(make_result):
    """Give a result with an attack on the file, canaries, groups and reasons."""
    n = 1200
    result = make_result(n=n)
    best, *others = result.attacks
    best = replace(
        best, access="white box", worst_case=WorstCase(best.roc_auc, best.tpr)
    )
    town = np.where(np.arange(2 * n) % 4 == 0, "Thule", "Rome").astype(object)
    town[:3] = "hermitage"
    return replace(
        result,
        attacks=(best, *others),
        records=pd.DataFrame({"town": town, "y": 0}),
        groups=("town",),
        exposure=Exposure(
            outlier=np.ones(2 * n, dtype=bool),
            rare=np.ones((2 * n, 1), dtype=bool),
            rare_columns=(EVIL,),
        ),
        data=result.data | {"n_canaries": 400},
    )


@pytest.fixture(scope="module")
def full_page(full):
    return Page(render_html(full))


def test_both_kinds_of_access_have_their_figures(full, full_page):
    text = full_page.text
    assert "Who holds the model file Strong leakage" in text
    assert "Who can only ask the model, as behind an API Strong leakage" in text
    asking = full.best_of("black box")
    assert f"Best attack: {asking.name} (black box)" in text
    assert f"{asking.roc_auc.estimate:.3f}" in text
    assert "Do not give out the model file" not in text  # it gives hardly more away


def test_one_kind_of_access_has_no_section(make_result):
    assert "Who can do this" not in Page(render_html(make_result(n=100))).text


def test_groups_canaries_and_reasons_have_their_tables(full):
    html = render_html(full)
    page = Page(html)
    assert "Who is more exposed" in page.text and "Worst-case records" in page.text
    assert "Canaries among both 400" in page.text
    assert "outlier, rare <script>" in page.text
    assert "<script" not in html
    assert len(page.all("table")) == len(page.all("caption")) == 4
    assert all(header.get("scope") in ("col", "row") for header in page.all("th"))


def test_small_groups_are_not_named(full_page):
    text = full_page.text
    assert "Rome" in text and "Thule" in text and "hermitage" not in text
    assert "1 group of fewer than 10 training records is not named here." in text


def test_no_group_is_named_unless_asked(full):
    html = render_html(replace(full, groups=()))
    assert "Rome" not in html and "Who is more exposed" not in html


def test_an_alert_is_marked(full):
    extra = 5.0 * full.is_member * (full.records["town"] == "Thule").to_numpy()
    attacks = tuple(replace(a, scores=a.scores + extra) for a in full.attacks)
    text = Page(render_html(replace(full, attacks=attacks))).text
    assert "Thule much more exposed" in text


def test_chance_is_said_beside_the_list(make_result):
    text = Page(render_html(make_result(effect=0, n=1000))).text
    assert "if nothing leaked, about 10 would seem so by chance" in text
