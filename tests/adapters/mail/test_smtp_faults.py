"""SMTP against a server that breaks off, stalls and babbles: is the outcome named rightly?"""

from collections.abc import Callable

import pytest

from stakactl.adapters.mail.smtp import SmtpMailer
from stakactl.errors import MailDeferred, MailError, MailRefused, MailUncertain
from tests.adapters.mail.smtp_servers import Line, Script, scripted_smtp
from tests.adapters.mail.test_smtp_mailer import a_mailer, fails_for_all
from tests.contracts.mailer import a_letter, numbered_letter


def _greet(line: Line) -> None:
    line.say("220 mx.test ready")
    line.answer("250 mx.test")


def _envelope(line: Line) -> None:
    line.answer("250 sender", "250 recipient")


def _take(line: Line, answer: str = "250 taken") -> None:
    _envelope(line)
    line.answer("354 go on")
    line.hear_content()
    line.say(answer)


def _good(line: Line) -> None:
    _greet(line)
    while line.hear().startswith(b"mail"):
        line.say("250 sender")
        line.answer("250 recipient", "354 go on")
        line.hear_content()
        line.say("250 taken")


def _mail_from(port: int) -> SmtpMailer:
    return a_mailer(port, timeout=0.3, data_timeout=0.3)


def _outcome(*scripts: Script) -> tuple[MailError | None, int]:
    """What one send() raised, and how many connections it took."""
    with scripted_smtp(*scripts) as server:
        mailer = _mail_from(server.port)
        failure: MailError | None = None
        try:
            mailer.send(a_letter())
        except MailError as error:
            failure = error
        mailer.close()
    if failure is not None:
        assert failure.message.isprintable()
        assert f"localhost:{mailer._access.port}" in failure.message
    return failure, server.connections


def _cut_at_mail(line: Line) -> None:
    _greet(line)
    line.hear()


def _cut_at_rcpt(line: Line) -> None:
    _greet(line)
    line.answer("250 sender")
    line.hear()


def _cut_at_data(line: Line) -> None:
    _greet(line)
    _envelope(line)
    line.hear()


def _stall_at_mail(line: Line) -> None:
    _greet(line)
    line.hear()
    line.wait_for_end()


def _closing(line: Line) -> None:
    _greet(line)
    line.answer("421 4.4.2 too many mails on this connection")


BEFORE = [_cut_at_mail, _cut_at_rcpt, _cut_at_data, _stall_at_mail, _closing]


@pytest.mark.parametrize("broken", BEFORE)
def test_lost_before_the_content_is_tried_once_more(broken: Script) -> None:
    assert _outcome(broken, _good) == (None, 2)


@pytest.mark.parametrize("broken", BEFORE)
def test_lost_twice_before_the_content_is_deferred(broken: Script) -> None:
    error, connections = _outcome(broken)
    assert isinstance(error, MailDeferred)
    assert connections == 2


def test_lost_between_two_mails() -> None:
    def one_mail_only(line: Line) -> None:
        _greet(line)
        _take(line)

    with scripted_smtp(one_mail_only, _good) as server:
        mailer = _mail_from(server.port)
        for number in range(3):
            mailer.send(numbered_letter(number))
        mailer.close()
        assert server.connections == 2


def _cut_in_content(line: Line) -> None:
    _greet(line)
    _envelope(line)
    line.answer("354 go on")
    line.hear()


def _cut_after_content(line: Line) -> None:
    _greet(line)
    _envelope(line)
    line.answer("354 go on")
    line.hear_content()


def _stall_after_content(line: Line) -> None:
    _cut_after_content(line)
    line.wait_for_end()


def _after_content(answer: str) -> Script:
    def script(line: Line) -> None:
        _greet(line)
        _take(line, answer)
        line.wait_for_end()

    return script


@pytest.mark.parametrize(
    "broken",
    [
        _cut_in_content,
        _cut_after_content,
        _stall_after_content,
        _after_content("gibberish"),
        _after_content("\x1b[2J\udcff\udcfe"),
        _after_content("999 what"),
        _after_content("354 still going on"),
        _after_content("250" + "x" * 20_000),
    ],
)
def test_no_answer_to_the_content_is_uncertain_and_never_sent_again(broken: Script) -> None:
    error, connections = _outcome(broken, _good)
    assert isinstance(error, MailUncertain)
    assert "may or may not" in error.message
    assert connections == 1


def test_after_an_uncertain_mail_the_next_takes_a_new_connection() -> None:
    with scripted_smtp(_cut_after_content, _good) as server:
        mailer = _mail_from(server.port)
        with pytest.raises(MailUncertain):
            mailer.send(numbered_letter(1))
        mailer.send(numbered_letter(2))
        mailer.close()
        assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("421 4.3.2 shutting down", MailDeferred),
        ("451 4.3.0 try later", MailDeferred),
        ("550 5.7.1 no", MailRefused),
        ("554-5.7.1 two\r\n554 5.7.1 lines\x07", MailRefused),
    ],
)
def test_an_answer_to_the_content_is_certain(answer: str, kind: type[MailError]) -> None:
    error, connections = _outcome(_after_content(answer))
    assert isinstance(error, kind)
    assert connections == 1


def _first_line(text: str) -> Script:
    def script(line: Line) -> None:
        line.say(text)
        line.wait_for_end()

    return script


def _silent(line: Line) -> None:
    line.wait_for_end()


def _refused_sender(code: str) -> Script:
    def script(line: Line) -> None:
        _greet(line)
        line.answer(code, "250 reset", "221 bye")

    return script


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (_silent, "time"),
        (_first_line("554 go away"), "does not want to talk: 554 go away"),
        (_first_line("421 busy"), "421 busy"),
        (_first_line("HTTP/1.1 400 Bad Request"), "does not want to talk"),
        (lambda line: None, "no connection"),
        (_refused_sender("550 5.7.1 sender not verified"), "the sender was refused"),
        (_refused_sender("530 5.7.0 Authentication required"), "another login"),
        (_refused_sender("nonsense"), "an answer that is none"),
    ],
)
def test_what_is_about_us_stops_the_sending(broken: Script, message: str) -> None:
    error, _ = _outcome(broken)
    assert type(error) is MailError
    assert message in error.message
    assert error.hint


def test_a_mail_that_is_too_large_is_about_that_mail() -> None:
    error, _ = _outcome(_refused_sender("552 5.3.4 message too big"))
    assert isinstance(error, MailRefused)


def test_nobody_listens() -> None:
    with pytest.raises(MailError, match="no connection to localhost:1") as caught:
        a_mailer(1).send(a_letter())
    assert fails_for_all(caught)


def test_ctrl_c_in_the_middle_leaves_no_half_open_conversation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with scripted_smtp(_good) as server:
        mailer = _mail_from(server.port)
        mailer.send(numbered_letter(1))
        interrupt: Callable[..., None] = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)  # noqa: E731
        with monkeypatch.context() as patch:
            patch.setattr("smtplib.SMTP.getreply", interrupt)
            with pytest.raises(KeyboardInterrupt):
                mailer.send(numbered_letter(2))
        assert mailer._connection is None
