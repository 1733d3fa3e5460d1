"""The bucket store against a server that misbehaves: every fault is a StorageError that helps."""

import socket
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from stakactl.adapters.storage.s3 import CONFLICT_ATTEMPTS, S3InvoiceStore
from stakactl.errors import StorageError
from stakactl.operations.ports import StoredObject
from tests.adapters.storage.scripted_http import Answer, ScriptedServer, s3_error, scripted
from tests.contracts.invoice_store import KEY, PDF
from tests.sampling import sampled

SECRET = "secret-sentinel-abc123"
#: For a server that does not answer; one that does may be slow on a busy machine.
IMPATIENT = 0.2
EXISTS = s3_error(412, "PreconditionFailed")
CONFLICT = s3_error(409, "ConditionalRequestConflict")


def _store(url: str, **settings: Any) -> S3InvoiceStore:
    return S3InvoiceStore(
        "bucket",
        endpoint_url=url,
        access_key_id="AKIASENTINEL",
        secret_access_key=SECRET,
        **{
            "max_attempts": 1,
            "connect_timeout": 10,
            "read_timeout": 10,
            "pause": lambda _: None,
            **settings,
        },
    )


def _patience(answer: Answer) -> dict[str, float]:
    return {"read_timeout": IMPATIENT} if answer.hang else {}


def _methods(server: ScriptedServer) -> list[str]:
    return [asked.method for asked in server.asked]


def _failure(url: str, call: Callable[[S3InvoiceStore], object], **settings: Any) -> StorageError:
    store = _store(url, **settings)
    try:
        with pytest.raises(StorageError) as caught:
            call(store)
    finally:
        store.close()
    error = caught.value
    assert "s3://bucket/" in error.message
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET not in f"{error.hint}"
    assert error.hint
    return error


def _put(store: S3InvoiceStore) -> None:
    store.put_if_absent(KEY, PDF)


def _get(store: S3InvoiceStore) -> bytes | None:
    return store.get(KEY)


def _list(store: S3InvoiceStore) -> list[StoredObject]:
    return list(store.listing("invoices/"))


def _versions(store: S3InvoiceStore) -> list[str]:
    return store.older_versions(KEY)


def _head(store: S3InvoiceStore) -> StoredObject | None:
    return store.head(KEY)


def test_412_with_the_same_bytes_is_success() -> None:
    with scripted(EXISTS, Answer(200, PDF)) as server:
        store = _store(server.url)
        _put(store)
        store.close()
    assert _methods(server) == ["PUT", "GET"]


def test_412_with_other_bytes_is_an_error() -> None:
    with scripted(EXISTS, Answer(200, b"other")) as server:
        assert "other bytes" in _failure(server.url, _put).message
    assert _methods(server) == ["PUT", "GET"]


def test_an_object_removed_after_412_is_put_again() -> None:
    with scripted(EXISTS, s3_error(404, "NoSuchKey"), Answer(200)) as server:
        store = _store(server.url)
        _put(store)
        store.close()
    assert _methods(server) == ["PUT", "GET", "PUT"]


def test_409_is_tried_again_and_the_loser_compares() -> None:
    pauses: list[float] = []
    with scripted(CONFLICT, CONFLICT, EXISTS, Answer(200, PDF)) as server:
        store = _store(server.url, pause=pauses.append)
        _put(store)
        store.close()
    assert _methods(server) == ["PUT", "PUT", "PUT", "GET"]
    assert pauses == [0.2, 0.4]
    assert all(a.headers["if-none-match"] == "*" for a in server.asked if a.method == "PUT")


def test_409_for_ever_is_an_error() -> None:
    with scripted(CONFLICT) as server:
        assert "keep writing" in _failure(server.url, _put).message
    assert len(server.asked) == CONFLICT_ATTEMPTS


def test_a_lost_answer_is_found_out_by_the_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PUT was executed, its answer cut: the retry gets 412 and finds its own bytes."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    with scripted(Answer(raw=b""), EXISTS, Answer(200, PDF)) as server:
        store = _store(server.url, max_attempts=3)
        _put(store)
        store.close()
    assert _methods(server) == ["PUT", "PUT", "GET"]


def test_a_store_that_cannot_encrypt_is_asked_without(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(s3_error(501, "NotImplemented"), Answer(200)) as server:
        store = _store(server.url)
        _put(store)
        store.put_if_absent("a/b.pdf", PDF)
        store.close()
    encrypted = ["x-amz-server-side-encryption" in asked.headers for asked in server.asked]
    assert encrypted == [True, False, False]
    assert all(asked.headers["if-none-match"] == "*" for asked in server.asked)


def test_a_store_without_conditional_writes_is_an_error() -> None:
    with scripted(s3_error(501, "NotImplemented")) as server:
        assert "If-None-Match" in (_failure(server.url, _put).hint or "")
    assert len(server.asked) == 2


FAULTS = [
    (s3_error(403, "AccessDenied", SECRET), "AccessDenied (HTTP 403)", "s3:PutObject"),
    (s3_error(403, "SignatureDoesNotMatch", SECRET), "Signature", "AWS_SECRET_ACCESS_KEY"),
    (s3_error(403, "InvalidAccessKeyId"), "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
    (s3_error(400, "ExpiredToken"), "ExpiredToken", "expired"),
    (s3_error(403, "RequestTimeTooSkewed"), "RequestTimeTooSkewed", "clock"),
    (s3_error(404, "NoSuchBucket"), "the bucket 'bucket' does not exist", "AWS_S3_BUCKET"),
    (s3_error(301, "PermanentRedirect"), "another region", "AWS_REGION"),
    (s3_error(400, "AuthorizationHeaderMalformed"), "Malformed", "AWS_REGION"),
    (s3_error(500, "InternalError"), "InternalError (HTTP 500)", "later"),
    (s3_error(503, "SlowDown"), "SlowDown (HTTP 503)", "later"),
    (s3_error(507, "XMinioStorageFull"), "StorageFull (HTTP 507)", "make room"),
    (Answer(502, b"<html>Bad gateway</html>"), "HTTP 502", "later"),
    (Answer(403, b""), "HTTP 403", "s3:PutObject"),
    (Answer(raw=b""), "the connection was closed", "network"),
    (Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n"), "cannot", "network"),
    (Answer(hang=True), "no answer within the time limit", "network"),
    (Answer(403, b"<Error><Code>\x1b[31mred</Code>"), "HTTP 403", ""),
]
CALLS = (_put, _get, _list, _versions)


@pytest.mark.parametrize(
    ("call", "answer", "message", "hint"),
    sampled([(call, *fault) for call in CALLS for fault in FAULTS], every=3),
    ids=lambda value: value.body[:60].decode() if isinstance(value, Answer) else "",
)
def test_a_fault_is_explained(
    call: Callable[[S3InvoiceStore], object], answer: Answer, message: str, hint: str
) -> None:
    with scripted(answer) as server:
        error = _failure(server.url, call, **_patience(answer))
    assert message in error.message
    assert hint in (error.hint or "")
    assert "\x1b" not in error.message


@pytest.mark.parametrize("status", [400, 403, 429, 500, 502, 503])
def test_no_answer_to_head_but_404_means_that_nothing_is_there(status: int) -> None:
    with scripted(Answer(status)) as server:
        assert f"HTTP {status}" in _failure(server.url, _head).message


@pytest.mark.parametrize("answer", [Answer(hang=True), Answer(raw=b"")])
def test_head_without_an_answer(answer: Answer) -> None:
    with scripted(answer) as server:
        _failure(server.url, _head, **_patience(answer))


def test_a_404_to_head_is_asked_about_again() -> None:
    """It has no body: a bucket that is gone looks the same."""
    with scripted(Answer(404), s3_error(404, "NoSuchBucket")) as server:
        assert "the bucket 'bucket' does not exist" in _failure(server.url, _head).message
    with scripted(Answer(404), s3_error(404, "NoSuchKey")) as server:
        store = _store(server.url)
        assert store.head(KEY) is None
        store.close()
    assert _methods(server) == ["HEAD", "GET"]
    with scripted(Answer(404), Answer(404, b"<html>not found</html>")) as server:
        _failure(server.url, _head)


ENTRY = (
    "<Contents><Key>{}</Key><Size>5</Size><ETag>&quot;e&quot;</ETag>"
    "<StorageClass>{}</StorageClass></Contents>"
)


def _listing(*keys: str, end: str = "<IsTruncated>false</IsTruncated>") -> Answer:
    entries = "".join(ENTRY.format(key, "STANDARD") for key in keys)
    return Answer(200, f"<ListBucketResult>{entries}{end}</ListBucketResult>".encode())


def _next(token: str) -> str:
    more = "<IsTruncated>true</IsTruncated>"
    return f"{more}<NextContinuationToken>{token}</NextContinuationToken>"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ((Answer(200),), "to its end"),
        ((Answer(200, b"<html></html>"),), "to its end"),
        ((_listing("invoices/a", end="<IsTruncated>true</IsTruncated>"),), "to its end"),
        ((_listing("invoices/b", "invoices/a"),), "order of its keys"),
        ((_listing("invoices/b", end=_next("t")), _listing("invoices/a")), "order of its keys"),
        ((_listing("invoices/b", end=_next("t")), s3_error(500, "InternalError")), "HTTP 500"),
    ],
    ids=["empty", "HTML", "cut", "unsorted", "unsorted pages", "second page"],
)
def test_a_list_that_is_not_whole_is_an_error(answers: tuple[Answer, ...], message: str) -> None:
    with scripted(*answers) as server:
        assert message in _failure(server.url, _list).message


def test_archived_objects_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = ENTRY.format("a", "DEEP_ARCHIVE") + ENTRY.format("b", "GLACIER_IR")
    body = f"<ListBucketResult>{entries}<IsTruncated>false</IsTruncated></ListBucketResult>"
    with scripted(Answer(200, body.encode())) as server:
        store = _store(server.url)
        assert [seen.archived for seen in store.listing("")] == [True, False]
        store.close()


def _move(store: S3InvoiceStore) -> None:
    store.change_class(StoredObject(KEY, len(PDF), '"e"'), "GLACIER_IR")


SEEN = Answer(200, headers={"ETag": '"e"'})


@pytest.mark.parametrize(
    ("answers", "message", "hint"),
    [
        ((s3_error(403, "AccessDenied"),), "cannot move s3://bucket/", "s3:PutObject"),
        ((SEEN, s3_error(412, "PreconditionFailed")), "changed meanwhile", "again"),
        ((Answer(200, headers={"ETag": '"f"'}),), "changed meanwhile", "again"),
        ((SEEN, s3_error(400, "InvalidStorageClass")), "InvalidStorageClass", "does not have"),
        ((SEEN, s3_error(503, "SlowDown")), "SlowDown (HTTP 503)", "later"),
        ((SEEN, s3_error(200, "InternalError")), "InternalError", "later"),
    ],
    ids=["403", "412", "another object", "class", "503", "500 inside of 200"],
)
def test_a_move_that_fails_is_explained(
    answers: tuple[Answer, ...], message: str, hint: str
) -> None:
    with scripted(*answers) as server:
        error = _failure(server.url, _move)
    assert message in error.message
    assert hint in (error.hint or "")


def test_a_store_without_versions_has_none() -> None:
    with scripted(s3_error(501, "NotImplemented")) as server:
        store = _store(server.url)
        assert store.older_versions(KEY) == []
        store.close()


def test_5xx_is_tried_as_often_as_set(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=pauses.append))
    with scripted(s3_error(503, "SlowDown")) as server:
        assert "3 attempts" in _failure(server.url, _put, max_attempts=3).message
    assert len(server.asked) == 3
    assert len(pauses) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + PDF[:10]),
        Answer(200, b"\xff\xfe", {"Content-Length": "9"}),
    ],
)
def test_half_an_object_is_an_error(answer: Answer) -> None:
    with scripted(answer) as server:
        assert "cannot read" in _failure(server.url, _get).message


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert "no connection" in _failure(url, _put).message


def test_an_endpoint_that_is_no_url() -> None:
    assert "not a URL" in _failure("minio", _put).message


def test_a_password_in_the_endpoint_is_not_shown() -> None:
    error = _failure(f"http://user:{SECRET}@127.0.0.1:1", _put)
    assert "127.0.0.1:1" in error.message


def test_a_bucket_name_that_is_none() -> None:
    store = S3InvoiceStore(
        "no bucket/", endpoint_url="http://127.0.0.1:1", access_key_id="a", secret_access_key=SECRET
    )
    with pytest.raises(StorageError, match="name of the bucket is not allowed"):
        _put(store)
    store.close()


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    store = S3InvoiceStore("bucket", endpoint_url="http://127.0.0.1:1")
    with pytest.raises(StorageError, match="there are no credentials") as caught:
        _put(store)
    assert "AWS_ACCESS_KEY_ID" in (caught.value.hint or "")
    store.close()


def test_a_bug_of_ours_stays_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    store = _store("http://127.0.0.1:1")
    monkeypatch.setattr(type(store), "_client", property(lambda _: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        _put(store)
