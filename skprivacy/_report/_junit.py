"""What a build server shows: conditions as test cases, in the form of JUnit."""

import re
from xml.etree import ElementTree

__all__ = ["render_junit"]

#: Characters that names may hold, and XML may not.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(result, conditions) -> str:
    """Return the conditions of an audit as test cases.

    Parameters
    ----------
    result : AuditResult
        The audit.

    conditions : sequence
        With `text` and ``holds(result)``: what must not be so.

    Returns
    -------
    xml : str
        One test suite. A condition that holds is a failure, whose text is the verdict.
    """
    held = [condition.holds(result) for condition in conditions]
    suite = ElementTree.Element(
        "testsuite",
        name="skprivacy audit",
        tests=str(len(held)),
        failures=str(sum(held)),
        errors="0",
        time=f"{result.settings['seconds']:.1f}",
        timestamp=str(result.settings["created"])[:19],
    )
    for condition, holds in zip(conditions, held, strict=True):
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname="skprivacy.audit",
            name=condition.text,
            time="0",
        )
        if holds:
            failure = ElementTree.SubElement(
                case, "failure", message=f"{condition.text} holds"
            )
            failure.text = _NOT_XML.sub("?", result.verdict)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
