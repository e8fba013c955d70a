"""Reports of an audit: a page for people, a document for machines."""

from skprivacy._report._card import privacy_section, put_into
from skprivacy._report._compare import (
    Change,
    compare_reports,
    differences_of_audits,
    load_report,
)
from skprivacy._report._extraction import extraction_sentences
from skprivacy._report._files import check_writable, write_atomically
from skprivacy._report._html import render_embedded, render_html
from skprivacy._report._json import (
    SCHEMA_VERSION,
    as_document,
    render_json,
    render_scan,
)
from skprivacy._report._junit import render_junit

__all__ = [
    "SCHEMA_VERSION",
    "Change",
    "as_document",
    "check_writable",
    "compare_reports",
    "differences_of_audits",
    "extraction_sentences",
    "load_report",
    "privacy_section",
    "put_into",
    "render_embedded",
    "render_html",
    "render_json",
    "render_junit",
    "render_scan",
    "write_atomically",
]
