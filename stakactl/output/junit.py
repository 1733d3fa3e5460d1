"""JUnit XML of checks, as CI systems read it: a test case per item, a suite per area.

What is skipped or could not be found out is `<skipped>`; a warning is a passed case that says so
in its output. With `strict` both are failures.
"""

from collections import defaultdict
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from stakactl.output.stream import Sink, whole
from stakactl.output.text import clean
from stakactl.output.view import Item, View


def write_junit(view: View, sink: Sink) -> None:
    """`view.items` are those of `config validate`."""
    strict = bool(view.summary.get("strict"))
    areas: dict[str, list[Item]] = defaultdict(list)
    for item in view.items:
        areas[_text(item, "area")].append(item)
    root = Xml.Element("testsuites", name=f"stakactl {view.command}")
    for area, items in areas.items():
        root.append(_suite(area, items, view, strict=strict))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    Xml.indent(root)
    with whole(sink) as spool:
        spool.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        # ASCII with character references is right whatever encoding the stream has.
        spool.write(Xml.tostring(root, encoding="us-ascii", xml_declaration=False).decode() + "\n")


def _suite(area: str, items: Sequence[Item], view: View, *, strict: bool) -> Xml.Element:
    suite = Xml.Element("testsuite", name=area)
    cases = [_case(item, strict=strict) for item in items]
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", "0")
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    if view.started_at is not None:
        suite.set("timestamp", view.started_at.strftime("%Y-%m-%dT%H:%M:%S"))
    return suite


def _case(item: Item, *, strict: bool) -> Xml.Element:
    subject = _text(item, "subject")
    name = f"{_text(item, 'id')} {subject}".strip()
    case = Xml.Element("testcase", classname=f"stakactl.{_text(item, 'area')}", name=name)
    seen, hint, state = _text(item, "seen"), _text(item, "hint"), _text(item, "state")
    lines = [f"{subject}: {seen}" if subject else seen]
    lines += [f"Hint: {hint}"] if hint else []
    lines += [f"At: {_text(item, 'origin')}"] if item.get("origin") else []
    text = "\n".join(lines)
    is_error = item["severity"] == "error"
    if (state == "failed" and (is_error or strict)) or (state == "unknown" and strict):
        kind = _text(item, "severity") if state == "failed" else state
        Xml.SubElement(case, "failure", type=kind, message=seen).text = text
    elif state in ("skipped", "unknown"):
        Xml.SubElement(case, "skipped", message=f"{state}: {seen}")
    elif state == "failed":
        Xml.SubElement(case, "system-out").text = f"Warning: {text}"
    return case


def _text(item: Item, key: str) -> str:
    """A cell without the characters that XML cannot hold."""
    return clean(str(item.get(key) or ""))
