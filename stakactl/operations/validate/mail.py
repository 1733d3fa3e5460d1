"""`smtp.*`, `mail.*`: the way to the mail server, and in whose name mails go."""

from stakactl.domain.certificates import judge_end
from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped, unknown
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.inspection.mail import (
    MailAccess,
    MailExpectations,
    MailHurdle,
    MailInspector,
)
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading


def _mail(inspection: Inspection) -> MailInspector:
    if inspection.mail is None:
        raise NotWanted("no mail server is set: mails become .eml files in STAKACTL_HOME")
    return inspection.mail


EXPECTED: Reading[MailExpectations] = Reading(
    "how mails go out", lambda inspection, found: _mail(inspection).expectations, local=True
)
ACCESS: Reading[MailAccess] = Reading(
    "the mail server", lambda inspection, found: _mail(inspection).access()
)


def _stopped(access: MailAccess, at: MailHurdle) -> Verdict | None:
    """The verdict when the connection ended at this hurdle, or before it."""
    if access.hurdle is None:
        return None
    order = list(MailHurdle)
    if order.index(access.hurdle) > order.index(at):
        return None
    tell = failed if access.hurdle is at else unknown
    return tell(access.message, access.hint)


def _reachable(found: Found) -> Verdict:
    stopped = _stopped(found[ACCESS], MailHurdle.NETWORK)
    return stopped or passed(f"{found[EXPECTED].place} answers")


def _tls(found: Found) -> Verdict:
    access, expected = found[ACCESS], found[EXPECTED]
    if not expected.encrypted:
        return skipped("SMTP_SECURITY is none (smtp.encryption)")
    protocol = f", {access.protocol}" if access.protocol else ""
    return _stopped(access, MailHurdle.TLS) or passed(f"the certificate was verified{protocol}")


def _certificate(found: Found) -> Verdict:
    access, expected = found[ACCESS], found[EXPECTED]
    if not expected.encrypted:
        return skipped("SMTP_SECURITY is none (smtp.encryption)")
    if access.certificate_ends_at is None:
        return unknown(access.message, access.hint)
    hint = "have it renewed: no mail is sent once it has ended"
    return judge_end(access.certificate_ends_at, access.seen_at, hint)


def _encryption(found: Found) -> Verdict:
    expected = found[EXPECTED]
    if expected.encrypted:
        return passed("mails travel encrypted")
    if expected.is_local:
        return passed("unencrypted, but nothing leaves this machine")
    return failed(
        f"invoices and addresses travel unencrypted to {expected.place}",
        "set SMTP_SECURITY=starttls (port 587) or SMTP_SECURITY=tls (port 465)",
    )


def _login(found: Found) -> Verdict:
    stopped = _stopped(found[ACCESS], MailHurdle.LOGIN)
    if stopped is not None:
        return stopped
    if not found[EXPECTED].has_user:
        return skipped("SMTP_USER is not set: nobody logs in")
    return passed("the server takes user and password")


def _sender(found: Found) -> Verdict:
    sender = found[EXPECTED].sender
    if not sender:
        return failed("no sender is set", "set INVOICE_EMAIL_FROM=name@example.com, or FROM_EMAIL")
    if "." not in sender.rpartition("@")[2]:
        return failed(
            f"{sender} is no address of a domain: servers refuse it",
            "set INVOICE_EMAIL_FROM to an address of the company's domain",
        )
    return passed(sender)


CHECKS: tuple[Check, ...] = (
    Check(
        "smtp.reachable",
        "The mail server answers",
        _reachable,
        (ACCESS, EXPECTED),
        answers_for=ACCESS,
    ),
    Check("smtp.tls", "Its certificate is valid", _tls, (ACCESS, EXPECTED)),
    Check(
        "smtp.certificate",
        "Its certificate is not about to end",
        _certificate,
        (ACCESS, EXPECTED),
        Severity.WARNING,
    ),
    Check("smtp.encryption", "Mails travel encrypted", _encryption, (EXPECTED,), Severity.WARNING),
    Check("smtp.login", "The server takes the login", _login, (ACCESS, EXPECTED)),
    Check("mail.sender", "Mails have a sender", _sender, (EXPECTED,)),
)
