"""What tells people: letters and their transport, alerts and what they look at."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from stakactl.config import MailTransport
from stakactl.wiring.foundation import Foundation

if TYPE_CHECKING:
    from stakactl.domain.alerts import Rule
    from stakactl.operations.ports import AlertChannel, LetterWriter, Machine, Mailer, MailPace


class MailParts(Foundation):
    """Nothing is sent by building it."""

    @cached_property
    def letters(self) -> LetterWriter:
        from stakactl.wiring.letters import open_letters

        return open_letters(self.settings, self.clock)

    @cached_property
    def mailer(self) -> Mailer:
        mail = self.settings.mail()
        mailer: Mailer
        if mail.transport is MailTransport.FOLDER:
            from stakactl.adapters.mail.folder import FolderMailer

            mailer = FolderMailer(self.settings.home / "mail")
        else:
            from stakactl.adapters.mail.smtp import SmtpMailer
            from stakactl.adapters.mail.smtp_connection import Security

            mailer = SmtpMailer(
                mail.host,
                mail.port,
                user=mail.user or "",
                password=mail.password or "",
                security=Security(str(mail.security)),
            )
        self._opened.callback(mailer.close)
        return mailer

    @cached_property
    def mail_pace(self) -> MailPace:
        from stakactl.adapters.mail.pace import TokenBucket, Unhurried

        limit = self.settings.mails_per_minute
        return Unhurried() if limit is None else TokenBucket(limit)

    @cached_property
    def machine(self) -> Machine:
        from stakactl.adapters.alerts.usage import MachineUsage

        return MachineUsage(self.settings.home)

    @cached_property
    def alert_rules(self) -> tuple[Rule, ...]:
        from stakactl.adapters.alerts.rules import load_rules

        return load_rules(self.settings.own_alert_rules)

    @cached_property
    def alert_channel(self) -> AlertChannel | None:
        from stakactl.adapters.alerts.chat import ChatWebhook

        url = self.settings.alert_webhook_url
        return None if url is None else ChatWebhook(url.get_secret_value())
