"""Sphinx configuration. The build needs no network."""

from importlib.metadata import version as installed_version

import matplotlib

project = "skprivacy"
author = "The skprivacy developers"
copyright = "The skprivacy developers"
version = release = installed_version("skprivacy")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx-mathjax-offline",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build", "sg_execution_times.rst", "Thumbs.db", ".DS_Store"]
templates_path = ["_templates"]

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's Parameters say it with shapes
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3

matplotlib.use("agg")
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "reset_modules": ("matplotlib",),
    "capture_repr": ("_repr_html_", "__repr__"),
    "doc_module": ("skprivacy",),
    "backreferences_dir": "auto_examples/backreferences",
    "inspect_global_variables": False,
    "min_reported_time": 1,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"skprivacy {version}"
html_static_path = ["_static"]
html_theme_options = {
    "show_prev_next": False,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"changelog": [], "references": []}


def skip_generated_methods(app, what, name, obj, skip, options):
    """Leave out scikit-learn's metadata routing: it refers to its own guide."""
    if name.startswith("set_") and name.endswith("_request"):
        return True
    return skip


def setup(app):
    """Connect the hook."""
    app.connect("autodoc-skip-member", skip_generated_methods)
