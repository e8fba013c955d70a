"""The report as a browser shows it: wide and narrow, light and dark.

With SKPRIVACY_SCREENSHOTS=folder the pictures are kept there.
"""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from skprivacy._audit import Finding, WorstCase
from skprivacy.inspection import leak_scan

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTHS = {"desktop": 1280, "phone": 375}
#: Rules of WCAG 2, levels A and AA: contrast, names, order, language.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa"]}}


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    with playwright.sync_playwright() as driver:
        try:
            started = driver.chromium.launch(
                executable_path=path, args=["--no-sandbox"]
            )
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {error.message.splitlines()[0]}")
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(make_result, tmp_path_factory):
    """Write the report and the view of a notebook, with all that is long in them."""
    result = make_result()
    n = len(result.is_member)
    endless = "a_column_whose_name_has_no_end_" * 4
    findings = [
        Finding("identifier", severity, "word " * 60, (endless, "age"))
        for severity in ("critical", "warning", "info")
    ]
    attack = result.attacks[0]
    worst = WorstCase(attack.roc_auc, attack.tpr)
    result = replace(
        result,
        findings=(*result.findings, *findings),
        attacks=(replace(attack, worst_case=worst), *result.attacks[1:]),
        record_ids=np.array(
            [f"a-very-long-name-of-a-record-{i:030}" for i in range(n)]
        ),
        leaks=leak_scan(KNeighborsClassifier().fit([[71.5], [82.5]] * 10, [0, 1] * 10)),
    )
    folder = tmp_path_factory.mktemp("pages")
    result.to_html(folder / "report.html")
    view = f"<main><h1>A notebook</h1>{result._repr_html_()}</main>"
    head = "<!doctype html><html lang='en'><title>A notebook</title>"
    (folder / "notebook.html").write_text(head + view)
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["report", "notebook"])
def test_page(name, width, scheme, browser, pages, tmp_path):
    size = {"width": WIDTHS[width], "height": 900}
    page = browser.new_page(viewport=size, color_scheme=scheme)
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    address = (pages / f"{name}.html").as_uri()
    page.goto(address)
    for frame in page.frames:
        frame.locator("h1").wait_for()
        frame.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
    shots = Path(os.environ.get("SKPRIVACY_SCREENSHOTS") or tmp_path)
    shots.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=shots / f"{name}-{width}-{scheme}.png", full_page=True)

    assert asked == [address], "the page asks for nothing but itself"
    assert not errors
    for frame in page.frames:
        needed, given = frame.evaluate(
            "[document.documentElement.scrollWidth, innerWidth]"
        )
        assert needed <= given, "nothing sticks out of the window"
    found = axe.Axe().run(page, options=RULES).response["violations"]
    assert not [(rule["id"], rule["nodes"][0]["html"]) for rule in found]
    page.close()
