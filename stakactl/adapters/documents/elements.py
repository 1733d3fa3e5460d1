"""Elements of the Factur-X XML as escaped text: customers' words never become markup."""

import re
from xml.sax.saxutils import escape

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What `text` looks at closely; most values are codes, amounts and words with none of it.
CARE = re.compile(r"[^0-9A-Za-zÀ-ÿ.,:;@/+_ -]|  |\A | \Z")


def text(value: str) -> str:
    """Customers' text on one line, without what XML cannot carry, escaped."""
    if not CARE.search(value):
        return value
    return escape(" ".join(NOT_XML.sub("", value).split()), {'"': "&quot;"})


def tag(name: str, value: str, attribute: str = "") -> str:
    """An element of one value, or nothing where there is none: the schema wants none empty."""
    clean = text(value)
    return f"<ram:{name}{attribute}>{clean}</ram:{name}>" if clean else ""


def group(name: str, content: str) -> str:
    return f"<ram:{name}>{content}</ram:{name}>" if content else ""
