"""Results as JUnit XML, which continuous integration systems read (https://github.com/testmoapp/junitxml)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from workerd.testing.outcome import Outcome

# What XML 1.0 can hold (https://www.w3.org/TR/xml/#charsets); anything else is replaced.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ANSI = re.compile("\x1b\\[[0-9;]*[A-Za-z]")


def write(path: str, outcomes: Sequence[Outcome]) -> None:
    """Writes all outcomes to `path`, a suite for each service. Raises OSError."""
    root = ElementTree.Element("testsuites", {"name": "workerd", **_totals(outcomes)})
    for service in dict.fromkeys(outcome.service for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.service == service]
        suite = ElementTree.SubElement(root, "testsuite", {"name": _text(service), **_totals(own)})
        for outcome in own:
            _case(suite, outcome)
    ElementTree.indent(root)
    with open(path, "wb") as file:
        ElementTree.ElementTree(root).write(file, "utf-8", xml_declaration=True)


def _case(suite: ElementTree.Element, outcome: Outcome) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_text(outcome.service),
        name=_text(outcome.entrypoint),
        time=f"{outcome.seconds:.6f}",
    )
    if outcome.error is not None:
        message = outcome.error.partition("\n")[0]
        failure = ElementTree.SubElement(case, "failure", message=_text(message))
        failure.text = _text(outcome.error)
    if outcome.output:
        ElementTree.SubElement(case, "system-out").text = _text(outcome.output)


def _totals(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {
        "tests": str(len(outcomes)),
        "failures": str(sum(outcome.error is not None for outcome in outcomes)),
        "errors": "0",
        "skipped": "0",
        "time": f"{sum(outcome.seconds for outcome in outcomes):.6f}",
    }


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", _ANSI.sub("", text))
