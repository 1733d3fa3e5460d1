"""The only translator of boto3's errors into StorageError."""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

from stakactl.errors import StorageError
from stakactl.operations.ports.inspection.storage import Hurdle


class Refusal(Enum):
    """Answers that the store acts upon instead of failing."""

    EXISTS = auto()
    CONFLICT = auto()
    NO_SUCH_KEY = auto()
    NOT_IMPLEMENTED = auto()


_CREDENTIALS = (
    "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (MINIO_ACCESS_KEY and _SECRET_KEY)"
)
_BUCKET = "create the bucket, or correct its name in AWS_S3_BUCKET (MINIO_BUCKET_NAME)"
_REGION = "set AWS_REGION to the region of the bucket"
_PERMISSION = "the credentials need s3:PutObject, s3:GetObject and s3:ListBucket on this bucket"
_LATER = "run the command again later; nothing is lost"
_NETWORK = "check the network, the proxy and the endpoint; " + _LATER

_HINTS_BY_CODE = {
    "NoSuchBucket": _BUCKET,
    "InvalidBucketName": _BUCKET,
    "AccessDenied": _PERMISSION,
    "AllAccessDisabled": _PERMISSION,
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "ExpiredToken": "the temporary credentials have expired: get new ones",
    "InvalidToken": _CREDENTIALS,
    "PermanentRedirect": _REGION,
    "TemporaryRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "RequestTimeTooSkewed": "the clock of this machine is wrong: set it",
    "InvalidObjectState": "the object is archived: restore it from its storage class first",
    "InvalidStorageClass": "this store does not have that storage class",
    "NotImplemented": "the store must know If-None-Match on PUT; update it or choose another one",
    "KMS.DisabledException": "the bucket's encryption key is disabled",
    "XMinioStorageFull": "the store is full: make room there",
    "QuotaExceeded": "the store is full: make room there",
}

_HINTS_BY_STATUS = {
    400: _CREDENTIALS + ", and AWS_REGION",
    301: _REGION,
    307: _REGION,
    401: _CREDENTIALS,
    403: _PERMISSION,
    404: _BUCKET,
    429: _LATER,
    507: "the store is full: make room there",
}

_HINTS_BY_CLASS = {
    "NoCredentialsError": _CREDENTIALS,
    "PartialCredentialsError": _CREDENTIALS,
    "CredentialRetrievalError": _CREDENTIALS,
    "TokenRetrievalError": "sign in again with your SSO tool",
    "UnauthorizedSSOTokenError": "sign in again with your SSO tool",
    "SSOTokenLoadError": "sign in again with your SSO tool",
    "ProfileNotFound": "check AWS_PROFILE",
    "NoRegionError": "set AWS_REGION",
    "InvalidRegionError": "check AWS_REGION",
    "ParamValidationError": _BUCKET,
    "RecursionError": _REGION,  # botocore asks for the region of a bucket that redirects for ever
    "ResponseParserError": "is there really an S3 store behind this endpoint?",
    "SSLError": "check the certificate of the endpoint, or AWS_CA_BUNDLE",
    "ValueError": "the endpoint is a URL such as https://minio.example.com:9000",
}

_UNKNOWN_TO_PEOPLE = {
    "NoCredentialsError": "there are no credentials",
    "PartialCredentialsError": "the credentials are incomplete",
    "EndpointConnectionError": "no connection to the endpoint",
    "ConnectTimeoutError": "no connection to the endpoint within the time limit",
    "ReadTimeoutError": "no answer within the time limit",
    "ConnectionClosedError": "the connection was closed before an answer came",
    "ProxyConnectionError": "no connection to the proxy",
    "SSLError": "the certificate or the TLS connection is not right",
    "ResponseParserError": "the answer is not one of an S3 store",
    "IncompleteReadError": "the connection was closed in the middle of the object",
    "ProtocolError": "the connection broke in the middle of the object",
    "RecursionError": "it is in another region, and the store does not say in which",
    "ResponseStreamingError": "the connection broke in the middle of the object",
    "NoRegionError": "no region is set",
    "ParamValidationError": "the name of the bucket is not allowed",
    "InvalidRegionError": "the region is not a region",
    "ValueError": "the endpoint is not a URL",
}


#: What refuses a request before its bucket is looked at, by code or class of the error.
_HURDLES = {
    Hurdle.REGION: (
        *("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "301", "307"),
        *("IllegalLocationConstraintException", "NoRegionError", "InvalidRegionError"),
        "RecursionError",
    ),
    Hurdle.CREDENTIALS: (
        *("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"),
        *("RequestTimeTooSkewed", "AccessDenied", "AllAccessDisabled", "401", "403"),
        *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"),
        *("TokenRetrievalError", "UnauthorizedSSOTokenError", "SSOTokenLoadError"),
        "ProfileNotFound",
    ),
    Hurdle.BUCKET: ("NoSuchBucket", "InvalidBucketName", "ParamValidationError", "404"),
}


def hurdle(error: Exception) -> Hurdle:
    """What a request for the list of a bucket failed at."""
    code, status = code_and_status(error)
    classes = [kind.__name__ for one in _chain(error) for kind in type(one).__mro__]
    for name in (code, str(status), *classes):
        for stage, names in _HURDLES.items():
            if name in names:
                return stage
    return Hurdle.NETWORK


def refusal(error: Exception) -> Refusal | None:
    """The answer in `error` that the store knows to handle."""
    code, status = code_and_status(error)
    if status == 412 or code == "PreconditionFailed":
        return Refusal.EXISTS
    if status == 409 and code in ("ConditionalRequestConflict", "OperationAborted", "409"):
        return Refusal.CONFLICT
    if code in ("NoSuchKey", "NoSuchVersion"):
        return Refusal.NO_SUCH_KEY
    if status == 501 or code == "NotImplemented":
        return Refusal.NOT_IMPLEMENTED
    return None


def not_found(error: Exception) -> bool:
    """A plain 404: to a HEAD there is no other, whatever does not exist."""
    code, status = code_and_status(error)
    return status == 404 and code in ("404", "NoSuchKey")


def translate(error: Exception, doing: str, place: str, bucket: str) -> Exception:
    """`error` as a StorageError; unchanged when it is no error of the store but a bug of ours.

    Only codes, states and class names go into the message: what a server writes into its texts
    may be parts of the signed request. For the same reason callers raise the result `from None`.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    if isinstance(error, ClientError):
        return _from_answer(error, f"cannot {doing} {place}", bucket)
    if isinstance(error, StorageError):
        return error
    if not isinstance(error, BotoCoreError | HTTPError | OSError | ValueError | RecursionError):
        return error
    names = [kind.__name__ for one in _chain(error) for kind in type(one).__mro__]
    reason = next((_UNKNOWN_TO_PEOPLE[name] for name in names if name in _UNKNOWN_TO_PEOPLE), None)
    hint = next((_HINTS_BY_CLASS[name] for name in names if name in _HINTS_BY_CLASS), _NETWORK)
    return StorageError(f"cannot {doing} {place}: {reason or _first_words(error)}", hint=hint)


def _from_answer(error: Any, message: str, bucket: str) -> StorageError:
    code, status = code_and_status(error)
    attempts = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) + 1
    hint = _HINTS_BY_CODE.get(code) or _HINTS_BY_STATUS.get(status)
    if hint is None:
        hint = _LATER if status >= 500 or code in ("SlowDown", "RequestTimeout") else None
    detail = f"{code} (HTTP {status})" if code != str(status) else f"HTTP {status}"
    if code == "NoSuchBucket":
        detail = f"the bucket {bucket!r} does not exist"
    tries = f", {attempts} attempts" if attempts > 1 else ""
    return StorageError(f"{message}: {detail}{tries}", hint=hint)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made of: endless redirects end as a wrapped RecursionError."""
    inner = error
    while inner.__context__ is not None:
        inner = inner.__context__
        if isinstance(inner, RecursionError):
            yield inner
            break
    yield error


def code_and_status(error: Any) -> tuple[str, int]:
    """Those of an answer; "" and 0 where there was none."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return "", 0
    code = str(response.get("Error", {}).get("Code") or "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return re.sub(r"[^A-Za-z0-9._-]", "", code)[:60], status if isinstance(status, int) else 0


def _first_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
