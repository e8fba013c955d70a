"""Reports of an audit: a page for people, a document for machines."""

from skprivacy._report._extraction import extraction_sentences
from skprivacy._report._files import check_writable, write_atomically
from skprivacy._report._html import render_embedded, render_html
from skprivacy._report._json import (
    SCHEMA_VERSION,
    as_document,
    render_json,
    render_scan,
)

__all__ = [
    "SCHEMA_VERSION",
    "as_document",
    "check_writable",
    "extraction_sentences",
    "render_embedded",
    "render_html",
    "render_json",
    "render_scan",
    "write_atomically",
]
