"""The inspector of the mail server and its fake keep the same promises; no mail is sent."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from stakactl.operations.ports.inspection.mail import MailExpectations
from tests.contracts.mail_inspector import MailInspectorContract, OpenMail, Server
from tests.fakes_inspection import FakeMailInspector
from tests.mail_inspection import PASSWORD, MailServers

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServers]:
    servers = MailServers(tmp_path_factory.mktemp("mail"))
    yield servers
    servers.close()


class TestSmtpInspector(MailInspectorContract):
    @pytest.fixture
    def open_mail(self, servers: MailServers) -> OpenMail:
        return lambda server: servers.open(server)[0]


class TestFakeMailInspector(MailInspectorContract):
    @pytest.fixture
    def open_mail(self) -> OpenMail:
        expected = MailExpectations("localhost:25", "a@example.com", True, True, True)
        now = datetime(2026, 11, 1, tzinfo=UTC)
        return lambda server: FakeMailInspector(server, expected, now)


def test_no_mail_is_begun_and_no_password_told(servers: MailServers) -> None:
    inspector, recorder = servers.open(Server())
    assert inspector.access().hurdle is None
    assert (recorder.messages, recorder.recipients) == ([], [])
    refused, _ = servers.open(Server(password="wrong"))
    assert PASSWORD not in repr(refused.access())
    assert PASSWORD not in repr(vars(inspector))
