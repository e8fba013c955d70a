"""Check that a demo's HTML report exists, stands alone and holds the JSON's numbers."""

import json
import re
import sys
from pathlib import Path


def shown_percentages(text):
    """Percentages in a text, each with half of its last digit, as shares."""
    for match in re.finditer(r"(\d+(?:\.(\d+))?)\s*(?:&nbsp;)?%", text):
        yield float(match[1]) / 100, 0.5 * 10 ** -len(match[2] or "") / 100


def check(folder):
    """Raise an AssertionError where a number of the JSON file is not in the page."""
    (html_path,) = folder.glob("*.html")
    (json_path,) = folder.glob("*.json")
    html = html_path.read_text(encoding="utf-8")
    report = json.loads(json_path.read_text(encoding="utf-8"))

    outside = re.findall(r"""(?:src|href)\s*=\s*["'](?:https?:)?//[^"']*""", html)
    assert not [link for link in outside if link.startswith("src")], outside
    assert not re.search(r"<link[^>]+https?://|@import|url\(\s*['\"]?http", html)

    text = re.sub(r"<[^>]+>", " ", html)
    percentages = list(shown_percentages(text))
    assert report["attacks"], "the report holds no attack"
    for attack in report["attacks"]:
        name, auc = attack["name"], attack["roc_auc"]["estimate"]
        assert 0 <= auc <= 1, (name, auc)
        assert name in text, name
        assert f"{auc:.3f}" in text, (name, "AUC", auc)
        for rate in attack["tpr_at_fpr"]:
            value = rate["estimate"]
            if value is not None:
                assert any(abs(p - value) <= half + 1e-9 for p, half in percentages), (
                    name,
                    rate["fpr"],
                    value,
                )
    (best,) = [a for a in report["attacks"] if a["name"] == report["best_attack"]]
    # An overfit forest leaks: a demo that finds nothing is broken.
    assert best["roc_auc"]["low"] > 0.6, best["roc_auc"]
    print(
        f"{html_path.name}: {len(html):,} characters, {len(report['attacks'])} attacks"
    )
    print(f"best {best['name']} with AUC {best['roc_auc']['estimate']:.3f}")


if __name__ == "__main__":
    check(Path(sys.argv[1]))
