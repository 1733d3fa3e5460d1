"""The mail that tells the company of a night (ADMIN_NIGHTLY_REPORT)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from stakactl.domain.findings import Finding
from stakactl.domain.letters.nightly_report import NightlyReportLetter
from stakactl.domain.mail import NewMail
from stakactl.domain.runs import Mode, Outcome
from stakactl.operations.mail import SendReport, send_at_once
from stakactl.operations.ports import Ports


def mail_report(
    ports: Ports,
    run_id: str,
    *,
    started_at: datetime,
    outcome: Outcome,
    figures: Mapping[str, int],
    remaining: Iterable[Finding],
    troubles: Mapping[str, str],
) -> SendReport:
    """Send the report of a run; where that fails it stays queued for the next one."""
    admin = ports.policy.admin
    classes = Counter(str(finding.discrepancy) for finding in remaining)
    content = NightlyReportLetter(
        language=admin.language,
        specimen=ports.policy.mode is Mode.TEST,
        run_id=run_id,
        started_at=started_at,
        finished_at=ports.clock.now(),
        outcome=outcome,
        figures=figures,
        classes=classes,
        troubles=troubles,
    )
    mail = NewMail(content.kind, run_id, admin.address, details=content.details())
    return send_at_once(ports, mail, run_id)
