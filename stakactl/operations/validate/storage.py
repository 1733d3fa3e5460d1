"""`storage.*`, `s3.*`: where the PDFs go, private and for ten years.

The bucket is listed first, and only then asked about itself: all questions at once.
"""

from collections.abc import Callable
from typing import TypeVar

from stakactl.domain.checks import Severity, Verdict, Verdicts, failed, passed, unknown
from stakactl.domain.documents import LONGEST_LINK
from stakactl.errors import StorageError
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.inspection.storage import (
    BucketAccess,
    BucketExpectations,
    BucketInspector,
    Hurdle,
    ObjectLock,
    PdfFolder,
    RoundTrip,
    Untold,
)
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading

T = TypeVar("T")

#: What SigV4 allows at most: 7 days.
#: What the credentials of a role live at least; links may end with them.
_SHORTEST_CREDENTIALS = 3_600

# Readings


def _folder(inspection: Inspection, found: Found) -> PdfFolder:
    if inspection.pdf_folder is None:
        raise NotWanted("PDFs go to a bucket")
    return inspection.pdf_folder.look()


def _bucket(inspection: Inspection) -> BucketInspector:
    if inspection.bucket is None:
        raise NotWanted("PDFs go to a folder")
    return inspection.bucket


FOLDER = Reading("the folder of the PDFs", _folder, local=True)
EXPECTED: Reading[BucketExpectations] = Reading(
    "the links to PDFs", lambda inspection, found: _bucket(inspection).expectations, local=True
)
ACCESS: Reading[BucketAccess] = Reading(
    "the bucket", lambda inspection, found: _bucket(inspection).access()
)


def _question(title: str, ask: Callable[[BucketInspector], T]) -> Reading[T]:
    """Asked of a bucket that can be listed."""

    def read(inspection: Inspection, found: Found) -> T:
        access = found[ACCESS]
        if access.hurdle is not None:
            raise StorageError(access.message, hint=access.hint)
        return ask(_bucket(inspection))

    return Reading(title, read, after=(ACCESS,))


BLOCKS = _question("Block Public Access", lambda bucket: bucket.missing_blocks())
POLICY = _question("the bucket's policy", lambda bucket: bucket.has_public_policy())
GRANTS = _question("the bucket's ACL", lambda bucket: bucket.public_grants())
VERSIONING = _question("the bucket's versioning", lambda bucket: bucket.versioning())
LOCK = _question("the bucket's Object Lock", lambda bucket: bucket.object_lock())
ENCRYPTION = _question("the bucket's encryption", lambda bucket: bucket.encryption())


def _round_trip(inspection: Inspection, found: Found) -> RoundTrip:
    """What is written must be deleted again, which a locked object cannot be."""
    lock = found[LOCK]
    if isinstance(lock, Untold):
        raise NotWanted(f"the probe might be locked for years: {lock.reason}")
    if lock.mode:
        raise NotWanted(
            f"the probe could not be deleted: the bucket locks every object ({_locked(lock)})"
        )
    return _bucket(inspection).round_trip()


ROUND_TRIP = Reading("a probe in the bucket", _round_trip, after=(LOCK,), write=True)

# Judgements


def _judge_folder(found: Found) -> Verdict:
    folder = found[FOLDER]
    if not folder.exists:
        return passed(f"{folder.path} will be made with the first PDF")
    if not folder.is_folder:
        return failed(f"{folder.path} is no folder", f"move it away: mv {folder.path} ELSEWHERE")
    if not folder.writable:
        return failed(
            f"{folder.path} is not writable for the user that runs stakactl",
            f"chown -R USER {folder.path}",
        )
    return passed(f"{folder.path} is writable")


def _access(stage: tuple[Hurdle, ...], seen: str) -> Callable[[Found], Verdict]:
    """Fails when the way to the bucket ends at one of `stage`; what lies behind is unknown."""

    def judge(found: Found) -> Verdict:
        access = found[ACCESS]
        if access.hurdle is None or _comes_before(stage, access.hurdle):
            return passed(seen)
        tell = failed if access.hurdle in stage else unknown
        return tell(access.message, access.hint)

    return judge


def _comes_before(stage: tuple[Hurdle, ...], hurdle: Hurdle) -> bool:
    order = list(Hurdle)
    return all(order.index(each) < order.index(hurdle) for each in stage)


def _judge_region(found: Found) -> Verdict:
    access = found[ACCESS]
    if access.hurdle in (Hurdle.NETWORK, Hurdle.CREDENTIALS, Hurdle.BUCKET):
        return unknown(access.message, access.hint)
    if access.hurdle is Hurdle.REGION:
        return failed(access.message, access.hint)
    if not access.region:
        return unknown("the store does not say where the bucket lies")
    if access.wanted_region and access.wanted_region != access.region:
        return failed(
            f"the bucket lies in {access.region}, AWS_REGION is {access.wanted_region}",
            f"set AWS_REGION={access.region}",
        )
    return passed(access.region)


def _public_access(found: Found) -> list[Verdict]:
    bucket, public = found[EXPECTED].bucket, found[POLICY]
    blocks, grants = found[BLOCKS], found[GRANTS]
    return [
        _private(
            "Block Public Access",
            blocks if isinstance(blocks, Untold) else tuple(f"{name} is off" for name in blocks),
            "all four switches are on",
            "switch all four on: aws s3api put-public-access-block --bucket "
            f"{bucket} --public-access-block-configuration BlockPublicAcls=true,"
            "IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
        ),
        _private(
            "policy",
            public if isinstance(public, Untold) else ("it makes the bucket public",) * public,
            "it makes nothing public",
            f"take what is public out of it: aws s3api get-bucket-policy --bucket {bucket}",
        ),
        _private(
            "ACL",
            grants if isinstance(grants, Untold) else tuple(f"it grants {each}" for each in grants),
            "it grants nothing to everybody",
            f"aws s3api put-bucket-acl --bucket {bucket} --acl private",
        ),
    ]


def _private(subject: str, leaks: tuple[str, ...] | Untold, good: str, hint: str) -> Verdict:
    if isinstance(leaks, Untold):
        return unknown(leaks.reason, subject=subject)
    if leaks:
        return failed(", ".join(leaks), hint, subject=subject)
    return passed(good, subject=subject)


def _versioning(found: Found) -> Verdict:
    state = found[VERSIONING]
    if isinstance(state, Untold):
        return unknown(state.reason)
    if state == "Enabled":
        return passed("on: what is overwritten or deleted can be restored")
    return failed(
        "off: a PDF that is overwritten or deleted is gone, and must be kept for 10 years",
        f"aws s3api put-bucket-versioning --bucket {found[EXPECTED].bucket} "
        "--versioning-configuration Status=Enabled",
    )


def _object_lock(found: Found) -> Verdict:
    lock = found[LOCK]
    if isinstance(lock, Untold):
        return unknown(lock.reason)
    if not lock.enabled and found[EXPECTED].locks:
        return failed(
            "S3_OBJECT_LOCK is set and the bucket has no Object Lock: no PDF would be stored",
            "use a bucket that was made with Object Lock, or set S3_OBJECT_LOCK=off",
        )
    if not lock.enabled:
        return passed("off")
    return passed(f"on, {_locked(lock)}" if lock.mode else "on, nothing is locked by default")


def _locked(lock: ObjectLock) -> str:
    return f"{lock.mode} for {lock.period}" if lock.period else lock.mode


def _encryption(found: Found) -> Verdict:
    algorithm = found[ENCRYPTION]
    if isinstance(algorithm, Untold):
        return unknown(algorithm.reason)
    return passed(algorithm or "none by default; stakactl asks for AES256 with each PDF")


def _link_lifetime(found: Found) -> Verdict:
    expected = found[EXPECTED]
    wanted = expected.link_seconds
    if wanted is None:
        return passed("S3_SIGNED_URL_TTL is not set")
    if wanted > LONGEST_LINK:
        return failed(
            f"S3_SIGNED_URL_TTL is {wanted} s; S3 signs for {LONGEST_LINK} s (7 days) at most, "
            "so links end before",
            f"set S3_SIGNED_URL_TTL={LONGEST_LINK} or less; what has to work for longer is a "
            "permanent address that makes a short link whenever it is opened",
        )
    if expected.temporary and wanted > _SHORTEST_CREDENTIALS:
        return failed(
            f"S3_SIGNED_URL_TTL is {wanted} s, but links end with the temporary credentials that "
            "sign them, in hours",
            "sign with an access key of its own (AWS_ACCESS_KEY_ID), or set "
            f"S3_SIGNED_URL_TTL={_SHORTEST_CREDENTIALS}",
        )
    return passed(f"{wanted} s")


def _judge_trip(found: Found) -> Verdicts:
    trip = found[ROUND_TRIP]
    if not trip.bytes_fetched:
        return failed(
            "a signed link did not give what was stored",
            "look for a proxy or a gateway that rewrites addresses in front of the store",
        )
    if not trip.metadata_kept:
        return failed(
            "the store lost the metadata of the probe: the SHA-256 by which PDFs are verified",
            "use a store that keeps x-amz-meta headers",
        )
    return passed("put, looked at, fetched by a signed link, deleted")


def _judge_unsigned(found: Found) -> Verdict:
    status = found[ROUND_TRIP].unsigned_status
    if status == 200:
        return failed(
            "the probe could be fetched without a signature: invoices are public",
            "make the bucket private (s3.public_access)",
        )
    return passed(f"without a signature the store answers {status}")


CHECKS: tuple[Check, ...] = (
    Check("storage.folder", "PDFs can be written", _judge_folder, (FOLDER,), answers_for=FOLDER),
    Check(
        "s3.reachable",
        "The store of the PDFs answers",
        _access((Hurdle.NETWORK,), "the store answers"),
        (ACCESS,),
        answers_for=ACCESS,
    ),
    Check("s3.region", "The bucket lies where AWS_REGION says", _judge_region, (ACCESS,)),
    Check(
        "s3.credentials",
        "The store takes the credentials",
        _access((Hurdle.CREDENTIALS,), "the store takes them"),
        (ACCESS,),
    ),
    Check("s3.bucket", "The bucket exists", _access((Hurdle.BUCKET,), "it exists"), (ACCESS,)),
    Check(
        "s3.public_access",
        "Nothing makes the bucket public",
        _public_access,
        (EXPECTED, BLOCKS, POLICY, GRANTS),
    ),
    Check(
        "s3.versioning",
        "PDFs keep their versions",
        _versioning,
        (EXPECTED, VERSIONING),
        Severity.WARNING,
    ),
    Check("s3.object_lock", "Whether PDFs are locked", _object_lock, (EXPECTED, LOCK)),
    Check(
        "s3.encryption", "Whether PDFs are encrypted", _encryption, (ENCRYPTION,), Severity.WARNING
    ),
    Check(
        "s3.link_lifetime",
        "Links to PDFs live as long as wanted",
        _link_lifetime,
        (EXPECTED,),
        Severity.WARNING,
    ),
    Check(
        "s3.round_trip",
        "A PDF can be stored, fetched and deleted",
        _judge_trip,
        (ROUND_TRIP,),
        answers_for=ROUND_TRIP,
    ),
    Check(
        "s3.unsigned", "Nobody fetches a PDF without a signature", _judge_unsigned, (ROUND_TRIP,)
    ),
)
