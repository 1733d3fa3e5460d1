"""Mail addresses: exactly one, as the wire wants it."""

import re

from stakactl.errors import MailRefused

#: RFC 5321: 64 before the @, 255 for the domain, 254 in all (erratum 1690 of RFC 3696).
MAX_LOCAL, MAX_ADDRESS, MAX_LABEL = 64, 254, 63

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")


def wire_address(address: str) -> str:
    """`address` in ASCII, its domain in `xn--` form; MailRefused when it cannot be mailed to.

    Quoted local parts, comments, groups and address literals are legal in the RFC, unknown among
    customers and the usual way to smuggle something in: they are refused.
    """
    trimmed = address.strip(" ")
    if not trimmed:
        raise _refused(address, "it is empty")
    if len(trimmed) > MAX_ADDRESS:
        raise _refused(address, f"it is longer than {MAX_ADDRESS} characters")
    if any(not char.isprintable() or char.isspace() for char in trimmed):
        raise _refused(address, "it contains a space, a line break or a control character")
    if any(char in trimmed for char in ',;<>"()[]\\:'):
        raise _refused(address, "it is not one plain address such as name@example.com")
    local, at, domain = trimmed.partition("@")
    if not at or "@" in domain:
        raise _refused(address, "it does not have exactly one @")
    if "=?" in local:
        raise _refused(address, "it contains an encoded word")
    if not local.isascii():
        raise _refused(address, "letters with accents before the @ are not supported")
    if len(local) > MAX_LOCAL or not _LOCAL.fullmatch(local):
        raise _refused(address, "what stands before the @ is not allowed")
    result = f"{local}@{_domain(address, domain)}"
    if len(result) > MAX_ADDRESS:
        raise _refused(address, f"it is longer than {MAX_ADDRESS} characters")
    return result


def _domain(address: str, domain: str) -> str:
    labels = [_label(address, label) for label in domain.split(".")]
    if len(labels) < 2:
        raise _refused(address, "its domain has no dot")
    if labels[-1].isdigit():
        raise _refused(address, "its domain is a number")
    return ".".join(labels)


def _label(address: str, label: str) -> str:
    """One part of the domain in ASCII.

    Python's codec follows IDNA 2003, which turns `straße` into `strasse`: another domain today,
    perhaps another owner. Only what comes back unchanged is taken.
    """
    ascii_label = label.lower()
    if not label.isascii():
        try:
            ascii_label = label.encode("idna").decode("ascii")
            same = ascii_label.encode("ascii").decode("idna") == label.lower()
        except UnicodeError:
            same = False
        if not same:
            raise _refused(address, "write its domain in the form that begins with xn--")
    if len(ascii_label) > MAX_LABEL or not _LABEL.fullmatch(ascii_label):
        raise _refused(address, "its domain is not a name")
    return ascii_label


def _refused(address: str, reason: str) -> MailRefused:
    return MailRefused(
        f"no mail can be sent to {address[:80]!a}: {reason}",
        hint="correct the customer's address in the order and import it again",
    )
