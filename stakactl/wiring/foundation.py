"""What every part of the Container stands on: settings, clock, rules, and what was opened."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from stakactl.adapters.system import SystemClock
from stakactl.config import Settings, StripeInvoices
from stakactl.domain.runs import Mode
from stakactl.errors import Refused

if TYPE_CHECKING:
    from stakactl.demo.home import DemoHome
    from stakactl.operations.ports import Policy, Progress


class Foundation:
    """`close` releases what was opened, last opened first."""

    def __init__(
        self, settings: Settings, progress: Progress, demo: DemoHome | None = None
    ) -> None:
        self.settings = settings
        self.progress = progress
        self._demo = demo
        self._opened = ExitStack()

    def close(self) -> None:
        self._opened.close()

    @property
    def mode(self) -> Mode:
        return self.settings.mode()

    @property
    def demo(self) -> DemoHome:
        """The demo's folder. Only there with `--demo`."""
        if self._demo is None:
            raise Refused("there is no demo world outside of the demo", hint="add --demo")
        return self._demo

    @cached_property
    def clock(self) -> SystemClock:
        return SystemClock(self.settings.stakactl_time_zone)

    @cached_property
    def policy(self) -> Policy:
        from stakactl.adapters.documents.legal_texts import load_legal_texts
        from stakactl.domain.documents import LONGEST_LINK
        from stakactl.operations.ports import AdminMail, Policy

        settings = self.settings
        return Policy(
            mode=settings.mode(),
            company=settings.company(),
            company_gaps=settings.company_gaps(),
            series=settings.series(),
            credit_series=settings.credit_series(),
            legal_texts=load_legal_texts(),
            default_vat_rate=settings.tax_rate,
            invoices_since=settings.invoices_since,
            mail_since=settings.mail_since,
            nightly_max_invoices=settings.nightly_max_invoices,
            nightly_max_mails=settings.nightly_max_mails,
            adopt_stripe_invoices=settings.stripe_invoices is StripeInvoices.ADOPT,
            due_days=settings.due_days,
            year_end=settings.fiscal_year_end,
            alert_email=settings.alert_email,
            alerts_enabled=settings.stripe_monitoring_enabled,
            mail_link_seconds=min(settings.s3_signed_url_ttl or LONGEST_LINK, LONGEST_LINK),
            admin=AdminMail(
                settings.admin_email or "",
                settings.admin_language,
                payments=settings.admin_payment_notice,
                nights=settings.admin_nightly_report,
            ),
            reminders=settings.reminders(),
        )
