"""A night as a team runs it: store on PostgreSQL, PDFs in a bucket, mails over SMTP, by settings.

What the settings say must reach the adapters: everything here goes through `.env` and the command
line.
"""

import json
from email import message_from_bytes

import boto3

from stakactl.domain.runs import Outcome
from tests.adapters.mail.smtp_servers import smtp_server
from tests.cli.homes import PASSWORD, Project

BUCKET = "invoices-of-the-company"


def test_a_night_with_postgresql_a_bucket_and_smtp(
    project: Project, postgresql_url: str, s3_endpoint: str
) -> None:
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": PASSWORD}
    client = boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1", **keys)
    client.create_bucket(Bucket=BUCKET)
    with smtp_server() as (mails, port):
        project.set(
            STAKACTL_DATABASE_URL=postgresql_url.replace("postgresql+psycopg", "postgresql"),
            STORAGE_PROVIDER="minio",
            MINIO_ENDPOINT=s3_endpoint,
            MINIO_ACCESS_KEY=keys["aws_access_key_id"],
            MINIO_SECRET_KEY=keys["aws_secret_access_key"],
            MINIO_BUCKET_NAME=BUCKET,
            SMTP_HOST="127.0.0.1",
            SMTP_PORT=str(port),
            SMTP_SECURITY="none",
        )
        imported = project.run("orders", "import", "orders.ndjson")
        assert imported.exit_code == 0, imported.output
        night = project.run("nightly", "--yes", "-o", "json")
        report = json.loads(night.stdout)
        assert report["outcome"] == Outcome.FINDINGS, night.output
        again = json.loads(project.run("nightly", "--yes", "-o", "json").stdout)

    issued = report["summary"]["invoices_issued"]
    assert issued == report["summary"]["pdfs_stored"] == report["summary"]["mails_sent"] > 0
    for name in ("invoices_issued", "pdfs_stored", "mails_sent"):
        assert again["summary"][name] == 0
    stored = client.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert len(stored) == issued
    listed = json.loads(project.run("invoices", "list", "-o", "json", "--limit", "500").stdout)
    assert {item["object_key"] for item in listed["items"]} == {item["Key"] for item in stored}
    assert {item["number"][:10] for item in listed["items"]} == {"TEST-FACT-"}
    received = [message_from_bytes(message) for message in mails.messages]
    assert len({message["Message-ID"] for message in received}) == len(received) == issued
    assert PASSWORD not in night.output
    assert not (project.home / "mail").exists()
    assert not (project.home / "invoices").exists()
