"""The Python of a Markdown page, which several test modules run."""

import re
from pathlib import Path


def python_blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def run_python_blocks(page: Path, namespace: dict) -> dict:
    """Run the blocks of a page in their order; return what they leave behind."""
    namespace = {"__name__": "__main__", **namespace}
    for number, block in enumerate(python_blocks(page), start=1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), namespace)
    return namespace
