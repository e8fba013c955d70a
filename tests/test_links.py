"""Every link of the documentation leads somewhere. No network is asked.

Sphinx with ``-W`` follows links among pages and their anchors. It says nothing of a
``{func}`` or ``{class}`` that leads nowhere, and does not see README.md. Here all of
them are followed, without a build.
"""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(DOCS.glob("*.md")),
    *sorted((DOCS / "user_guide").rglob("*.md")),
    *sorted((ROOT / "benchmarks").glob("*.md")),
]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
API = (DOCS / "api.rst").read_text("utf-8").split()


def prose(page):
    """Return the text of a page without its code."""
    return re.sub(r"(?ms)^(`{3,}|~{3,})(?!\{).*?^\1", "", page.read_text("utf-8"))


def anchors(page):
    """Return the names that a link to a part of the page may have."""
    text = prose(page)
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    # As GitHub and MyST name a heading: words in small letters, joined by hyphens.
    slugs = [re.sub(r"[^\w\- ]", "", title.lower()) for title in headings]
    return {slug.strip().replace(" ", "-") for slug in slugs} | set(labels(text))


def labels(text):
    return re.findall(r"(?m)^\(([\w-]+)\)=$", text)


def links(page):
    """Return the links of a page that stay within the project."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    found = re.findall(r"\]\(<?([^)\s>]+)", text)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    file = (page.parent / path) if path else page
    if not file.exists():
        return False
    return not anchor or (file.suffix == ".md" and anchor in anchors(file))


def roles(page, *kinds):
    """Return what the roles of these kinds refer to."""
    found = re.findall(
        rf"\{{(?:{'|'.join(kinds)})\}}`([^`]+)`", page.read_text("utf-8")
    )
    return [re.sub(r"^.*<(.+)>$", r"\1", text, flags=re.DOTALL) for text in found]


def exists(name):
    """Tell whether a full name is a public object, or a part of one."""
    parts = name.split(".")
    for n_module in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:n_module]))
        except ImportError:
            continue
        for part in parts[n_module:]:
            found = getattr(found, part, None)
        return found is not None
    return False


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_files_and_headings(name):
    page = ROOT / name
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


@pytest.mark.parametrize("name", NAMES)
def test_references_to_pages_lead_to_pages(name):
    page = ROOT / name
    targets = {
        target: (
            DOCS / target[1:] if target[0] == "/" else page.parent / target
        ).resolve()
        for target in roles(page, "doc")
    }
    lost = [
        target
        for target, path in targets.items()
        if not any(path.with_name(path.name + end).exists() for end in (".md", ".rst"))
    ]
    assert lost == []


@pytest.mark.parametrize("name", NAMES)
def test_references_to_labels_lead_to_labels(name):
    known = {label for page in PAGES for label in labels(page.read_text("utf-8"))}
    assert set(roles(ROOT / name, "ref")) <= known


@pytest.mark.parametrize("name", NAMES)
def test_references_to_objects_lead_to_public_ones(name):
    targets = {
        target.lstrip("~")
        for target in roles(ROOT / name, "func", "class", "meth", "attr", "exc", "mod")
    }
    assert [target for target in sorted(targets) if not exists(target)] == []
    private = [target for target in targets if re.search(r"\._(?!_)", target)]
    assert private == []


def test_references_to_terms_lead_to_the_glossary():
    glossary = (DOCS / "glossary.md").read_text("utf-8").casefold()
    terms = {term for name in NAMES for term in roles(ROOT / name, "term")}
    assert [term for term in terms if f"\n{term.casefold()}" not in glossary] == []


def test_public_names_are_in_the_api_page_and_in_the_guide():
    listed = (ROOT / "tests" / "public_api.txt").read_text("utf-8").split()
    names = {name.rsplit(".", 1)[1] for name in listed} - {"__version__"}
    pages = [DOCS / "getting_started.md", *(DOCS / "user_guide").rglob("*.md")]
    guide = re.findall(r"\w+", " ".join(page.read_text("utf-8") for page in pages))
    assert sorted(names - set(guide)) == []
    api = {word.rsplit(".", 1)[-1] for word in API}
    assert sorted(names - api) == []


def entries():
    """Return the names and the year of each reference."""
    text = (DOCS / "references.md").read_text("utf-8")
    one_line = [re.sub(r"\s+", " ", entry) for entry in re.split(r"(?m)^- ", text)[1:]]
    parted = [re.match(r"(.+?) \((\d{4}[a-z]?)\)\. (.+?)[.?]", e) for e in one_line]
    return [(match[1], match[2], match[3].casefold()) for match in parted]


def test_references_are_listed_once():
    listed = entries()
    assert [entry for entry in set(listed) if listed.count(entry) > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_citations_are_among_the_references(name):
    cited = re.findall(r"\[([A-Z][^\]\[]*?)\s(\d{4}[a-z]?)\](?!\()", prose(ROOT / name))
    listed = entries()
    lost = [
        (who, year)
        for who, year in cited
        if not any(
            year == there
            and authors.startswith(re.split(r",| et\s| and\s", who)[0].strip())
            for authors, there, _ in listed
        )
    ]
    assert lost == []


@pytest.mark.parametrize("name", NAMES)
def test_a_heading_stands_once_below_the_same_one(name):
    headings = re.findall(r"(?m)^#+ .+$", prose(ROOT / name))
    assert [a for a, b in zip(headings, headings[1:], strict=False) if a == b] == []


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    text = (
        "# One, and two\n(a-label)=\n[a](page.md#one-and-two) [b](#a-label) [c](no.md)"
    )
    page.write_text(f"{text} [d](#three) [e](https://x.org)\n```\n[f](g.md)\n```\n")
    lost = [link for link in links(page) if not leads_somewhere(page, link)]
    assert lost == ["no.md", "#three"]
    assert exists("skprivacy.audit")
    assert not exists("skprivacy.membership.LiRAs")
