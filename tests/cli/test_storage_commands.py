"""PDFs in a bucket as a person meets them: a store that is down, its health, its size, its classes.

The store is moto's over HTTP; one that fails answers what the test wrote down.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest

from stakactl.adapters.storage.s3 import S3InvoiceStore
from tests.adapters.storage.scripted_http import Answer, s3_error, scripted
from tests.cli.homes import PASSWORD, Project, assert_clear, envelope, invoke
from tests.cli.test_every_command import ENVELOPE, SCHEMAS

KEY_ID = "AKIAEXAMPLE"
#: What the store answers, what is said of it, and what to do.
FAULTS = {
    "403": (s3_error(403, "AccessDenied"), "AccessDenied (HTTP 403)", "s3:PutObject"),
    "500": (s3_error(500, "InternalError"), "InternalError (HTTP 500)", "later"),
    "time-out": (Answer(hang=True), "no answer within the time limit", "network"),
    "no bucket": (s3_error(404, "NoSuchBucket"), "does not exist", "MINIO_BUCKET_NAME"),
    "region": (s3_error(301, "PermanentRedirect"), "another region", "AWS_REGION"),
}


@dataclass
class Bucket:
    client: Any
    name: str
    endpoint: str

    def objects(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.list_objects_v2(Bucket=self.name)["Contents"]
        return found


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket of its own; nobody waits for a store that does not answer."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": PASSWORD}
    client = boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1", **keys)
    name = f"invoices-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    switches = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=switches)
    yield Bucket(client, name, s3_endpoint)
    client.close()


@pytest.fixture
def company(project: Project, bucket: Bucket) -> Project:
    """The project with its PDFs in the bucket, and Stripe read."""
    project.set(
        STORAGE_PROVIDER="minio",
        MINIO_ENDPOINT=bucket.endpoint,
        MINIO_ACCESS_KEY=KEY_ID,
        MINIO_SECRET_KEY=PASSWORD,
        MINIO_BUCKET_NAME=bucket.name,
        FISCAL_YEAR_END="06-30",
    )
    assert project.run("sync", "stripe", "-q").exit_code == 0
    return project


def in_shape(found: dict[str, Any], command: str) -> dict[str, Any]:
    """The envelope, held against the schema of its command."""
    ENVELOPE.validate(found)
    shape = SCHEMAS["commands"][command]
    items = {"type": "array", "items": shape["item"]}
    for schema, part in ((shape["summary"], found["summary"]), (items, found["items"])):
        jsonschema.Draft202012Validator({"$defs": SCHEMAS["$defs"], **schema}).validate(part)
    return found


def run(company: Project, *arguments: str, code: int = 0) -> dict[str, Any]:
    result = company.run(*arguments, "-o", "json")
    assert result.exit_code == code, result.output
    assert PASSWORD not in result.output
    return in_shape(envelope(result), " ".join(arguments[:2]))


def pdf_findings(company: Project) -> list[dict[str, Any]]:
    """What `invoices verify` says of PDFs; the world's doubled numbers are always found."""
    report = run(company, "invoices", "verify", code=1)
    return [item for item in report["items"] if item["class"].startswith("PDF_")]


def test_a_store_that_is_down_keeps_no_invoice_from_being_issued(
    company: Project, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = {"read_timeout": 0.3, "max_attempts": 1}
    assert S3InvoiceStore.__init__.__kwdefaults__
    for name, value in impatient.items():
        monkeypatch.setitem(S3InvoiceStore.__init__.__kwdefaults__, name, value)

    with scripted(s3_error(503, "SlowDown")) as server:
        company.set(MINIO_ENDPOINT=server.url)
        down = run(company, "invoices", "generate", "--yes", code=6)
    issued = down["summary"]["issued"]
    assert issued > 3
    assert (down["summary"]["stored"], down["summary"]["failed"]) == (0, 1), "it is asked once"
    numbers = {item["number"] for item in down["items"] if item["state"] == "queued"}
    assert len(numbers) == issued
    assert len(list((company.home / "spool").glob("*.pdf"))) == issued

    for answer, message, hint in FAULTS.values():
        with scripted(answer) as server:
            company.set(MINIO_ENDPOINT=server.url)
            report = run(company, "invoices", "upload", "--yes", code=6)
        assert report["summary"]["stored"] == 0
        failed = report["items"][0]
        assert message in failed["reason"]
        assert hint in failed["hint"]
        puts = [asked for asked in server.asked if asked.method == "PUT"]
        assert all(put.headers["if-none-match"] == "*" for put in puts)
        assert not any("acl" in name for put in puts for name in put.headers)
        assert all(put.headers["authorization"].startswith("AWS4-HMAC-SHA256") for put in puts)

    company.set(MINIO_ENDPOINT=bucket.endpoint)
    health = run(company, "storage", "check")
    waiting = next(item for item in health["items"] if item["id"] == "storage.waiting")
    assert (health["summary"]["waiting"], waiting["state"]) == (issued, "failed")
    listed = run(company, "invoices", "list", "--limit", "500")["items"]
    taken = min(listed, key=lambda item: str(item["object_key"]))
    bucket.client.put_object(Bucket=bucket.name, Key=taken["object_key"], Body=b"of another")
    report = run(company, "invoices", "upload", "--yes", code=6)
    (conflict,) = [item for item in report["items"] if item["state"] == "failed"]
    assert conflict["number"] == taken["number"]
    assert "holds other bytes" in conflict["reason"]
    assert report["summary"]["stored"] == issued - 1
    kept = bucket.client.get_object(Bucket=bucket.name, Key=taken["object_key"])["Body"].read()
    assert kept == b"of another", "nothing is ever overwritten"

    bucket.client.delete_object(Bucket=bucket.name, Key=taken["object_key"])
    assert run(company, "invoices", "generate", "--yes")["summary"]["resumed"] == 1
    assert {item["Key"] for item in bucket.objects()} == {item["object_key"] for item in listed}
    assert run(company, "storage", "check")["summary"]["waiting"] == 0
    assert pdf_findings(company) == []


def test_health_size_and_classes_of_a_bucket(company: Project, bucket: Bucket) -> None:
    issued = run(company, "invoices", "generate", "--yes")["summary"]["issued"]
    sizes = {item["Key"]: item["Size"] for item in bucket.objects()}

    health = run(company, "storage", "check", "--probe")
    states = {item["id"]: item["state"] for item in health["items"]}
    assert health["summary"]["store"] == f"s3://{bucket.name}/invoices"
    assert states.pop("s3.versioning") == "failed", "which is a warning"
    assert set(states.values()) == {"ok"}
    assert states.keys() >= {"s3.region", "s3.round_trip", "s3.public_access", "storage.waiting"}
    assert "storage.folder" not in states
    assert len(bucket.objects()) == issued, "the probe is gone again"

    stats = run(company, "storage", "stats", "--customers", "3")
    assert stats["summary"]["invoices"] == stats["summary"]["objects"] == issued
    assert stats["summary"]["bytes"] == sum(sizes.values())
    assert stats["summary"]["objects_by_class"] == {"STANDARD": issued}
    assert stats["summary"]["missing"] == stats["summary"]["unrecorded"] == 0
    assert len(stats["items"]) == 3
    biggest = stats["items"][0]
    mine = [size for key, size in sizes.items() if f"/{biggest['customer_id']}/" in key]
    assert (biggest["pdfs"], biggest["bytes"]) == (len(mine), sum(mine))

    move = ("storage", "archive", "--before", "2100-01-01", "--class", "GLACIER_IR")
    plan = run(company, *move, "--dry-run")["summary"]
    assert (plan["planned"], plan["planned_bytes"]) == (issued, sum(sizes.values()))
    assert_clear(company.run(*move), 5, f"Move {issued} PDFs to GLACIER_IR?", "below 128 KB")
    assert {item["StorageClass"] for item in bucket.objects()} == {"STANDARD"}
    report = run(company, *move, "--yes")
    assert (report["outcome"], report["summary"]["moved"]) == ("ok", issued)
    assert {item["StorageClass"] for item in bucket.objects()} == {"GLACIER_IR"}
    again = run(company, *move, "--yes")["summary"]
    assert (again["planned"], again["moved"], again["stays"]) == (0, None, issued)
    young = ("storage", "archive", "--older-than", "1", "--class", "standard_ia", "--dry-run")
    assert run(company, *young)["summary"]["planned"] == 0
    moved = run(company, "storage", "stats")["summary"]
    assert moved["bytes_by_class"] == {"GLACIER_IR": sum(sizes.values())}


def test_how_long_an_invoice_is_kept_is_shown_and_stored(company: Project, bucket: Bucket) -> None:
    run(company, "invoices", "generate", "--yes")
    invoice = run(company, "invoices", "list", "--limit", "1")["items"][0]
    shown = run(company, "invoices", "show", invoice["number"])["summary"]["retain_until"]
    issued_on = date.fromisoformat(invoice["issued_on"])
    closing = issued_on.year + (issued_on > date(issued_on.year, 6, 30))
    assert shown == f"{closing + 10}-06-30"
    seen = bucket.client.head_object(Bucket=bucket.name, Key=invoice["object_key"])
    assert seen["Metadata"] == {"sha256": invoice["sha256"], "retain-until": shown}
    assert "to be kept until" in company.run("invoices", "show", invoice["number"]).stdout


def test_a_pdf_whose_xml_is_not_the_frozen_one_is_found(company: Project) -> None:
    """The snapshot in the database was changed, bytes and hash agree: only the XML can tell."""
    run(company, "invoices", "generate", "--yes")
    invoice = run(company, "invoices", "list", "--limit", "1")["items"][0]
    with sqlite3.connect(company.database) as connection:
        connection.execute(
            "UPDATE invoices SET snapshot = json_set(snapshot, '$.buyer.name', 'Somebody Else',"
            " '$.buyer.company', '') WHERE number = ?",
            (invoice["number"],),
        )
    connection.close()
    (finding,) = pdf_findings(company)
    assert (finding["class"], finding["invoice_number"]) == ("PDF_CONTENT", invoice["number"])
    assert "not Somebody Else" in finding["seen"]
    assert run(company, "invoices", "verify", invoice["number"], code=1)["items"] == [finding]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--class", "DEEP_ARCHIVE", "--before", "2026-01-01"], 2, ["takes hours", "GLACIER_IR"]),
        (["--class", "GLACIER_IR"], 2, ["--older-than DAYS"]),
        (
            ["--class", "GLACIER_IR", "--older-than", "1", "--before", "2026-01-01"],
            2,
            ["the age of the invoices once"],
        ),
        (["--class", "GLACIER_IR", "--older-than", "99999999"], 2, ["all calendars"]),
        (["--class", "GLACIER_IR", "--older-than", "30"], 5, ["a folder has no storage classes"]),
    ],
)
def test_archive_refuses_with_the_reason(
    arguments: list[str], code: int, words: list[str], demo_home: Path
) -> None:
    assert_clear(invoke(demo_home, "storage", "archive", *arguments, "--demo"), code, *words)
