"""Many invoices into a bucket over worker processes, by settings and options alone."""

import hashlib
import socket
import time

import boto3

from tests.cli.homes import PASSWORD, Project, assert_clear, envelope, expected_invoices

BUCKET = "invoices-of-many-workers"
GENERATE = ("invoices", "generate", "--yes", "--since", "2020-01-01", "--workers", "2")
UPLOAD = ("invoices", "upload", "--yes", "--workers", "2", "-o", "json")


def test_issued_while_the_bucket_is_down_and_stored_by_workers_later(
    project: Project, s3_endpoint: str
) -> None:
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": PASSWORD}
    client = boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1", **keys)
    client.create_bucket(Bucket=BUCKET)
    assert project.run("reconcile", "--fix", "--yes").exit_code == 1
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        project.set(
            STORAGE_PROVIDER="minio",
            MINIO_ENDPOINT=f"http://127.0.0.1:{nobody.getsockname()[1]}",
            MINIO_ACCESS_KEY=keys["aws_access_key_id"],
            MINIO_SECRET_KEY=PASSWORD,
            MINIO_BUCKET_NAME=BUCKET,
        )
        began = time.monotonic()
        down = project.run(*GENERATE, "-o", "json")
    assert time.monotonic() - began < 60, "each PDF was tried"
    assert_clear(down, 6, "no connection to the endpoint")
    issued = envelope(down)["summary"]
    assert (issued["issued"], issued["stored"], issued["failed"]) == (expected_invoices(), 0, 1)

    project.set(MINIO_ENDPOINT=s3_endpoint)
    stored = project.run(*UPLOAD)
    assert_clear(stored, 0)
    listed = envelope(project.run("invoices", "list", "-o", "json", "--limit", "500"))["items"]
    assert len(listed) == expected_invoices()
    for item in listed:
        pdf = client.get_object(Bucket=BUCKET, Key=item["object_key"])["Body"].read()
        assert hashlib.sha256(pdf).hexdigest() == item["sha256"]
        assert item["pdf"] == "stored"
    assert len(client.list_objects_v2(Bucket=BUCKET)["Contents"]) == len(listed)
    assert not list((project.home / "spool").glob("*.pdf"))
    assert envelope(project.run(*UPLOAD))["items"] == []
