"""PDFs per second into a bucket: `invoices upload` against boto3 in a loop and `aws s3 cp`.

The same objects of 8 kB go to the same server, at once and with a network of 30 ms in between; the
three take turns, medians count. Ours is the whole operation: PDFs are read where they wait, checked
against their SHA-256, put on the condition that nothing is there, and recorded in SQLite; starting
the worker processes is in its time, as the start of `aws` is in the other's.
"""

import os
import secrets
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import boto3
from pydantic import SecretStr
from sqlalchemy import update

from benchmarks.storage_server import ACCESS_KEY, SECRET_KEY, network, s3_server, tool
from stakactl.adapters.database.issuing import Origin, next_place, write_document
from stakactl.adapters.database.schema import init_database
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.config import Settings, StorageProvider
from stakactl.operations.upload import upload_pdfs
from stakactl.output.progress import Silent
from stakactl.wiring import Container
from tests.builders import NOW
from tests.contracts.issuing import FACT, TODAY, order, snapshot_of

NAME = "upload"
PARIS = ZoneInfo("Europe/Paris")
OBJECTS, SIZE = 3_000, 8_192
#: One after the other at 30 ms the rate is the same for fewer.
IN_SEQUENCE = 300
ROUNDS = 3
LATENCIES = (0.0, 0.03)
TARGET_SEQUENCE, TARGET_AWS = 15.0, 1.5


@dataclass(frozen=True)
class Bench:
    """A home whose PDFs wait in the spool, and the same PDFs as a plain folder."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def plain(self) -> Path:
        return self.folder / "plain"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.home / 'stakactl.db'}"


def run() -> bool:
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        buckets = Path(folder) / "buckets"
        buckets.mkdir()
        tool("aws")
        _prepare(bench)
        print(f"\nPDFs per second, {OBJECTS} of {SIZE} bytes, median of {ROUNDS} rounds")
        print(f"{'latency':<12}{'boto3 in a loop':>18}{'aws s3 cp':>12}{'stakactl':>12}", end="")
        print(f"{'to boto3':>12}{'to aws':>10}")
        with s3_server(buckets) as port:
            ratios = [_compare(bench, port, latency) for latency in LATENCIES]
    to_sequence, to_aws = ratios[-1]
    met = to_sequence >= TARGET_SEQUENCE and to_aws >= TARGET_AWS
    print(f"targets at 30 ms: {TARGET_SEQUENCE:g} × and {TARGET_AWS:g} ×:", end=" ")
    print("met" if met else "MISSED")
    return met


def _compare(bench: Bench, port: int, latency: float) -> tuple[float, float]:
    ways: tuple[Callable[[Bench, str], float], ...] = (_boto3, _aws, _ours)
    rates: list[list[float]] = [[] for _ in ways]
    with network(port, latency) as near:
        endpoint = f"http://127.0.0.1:{near if latency else port}"
        for _ in range(ROUNDS):
            for way, found in zip(ways, rates, strict=True):
                found.append(way(bench, endpoint))
    loop, aws, ours = (statistics.median(found) for found in rates)
    print(f"{latency * 1000:>5.0f} ms{loop:>22,.0f}{aws:>12,.0f}{ours:>12,.0f}", end="")
    print(f"{ours / loop:>10.1f} ×{ours / aws:>8.2f} ×")
    return ours / loop, ours / aws


def _prepare(bench: Bench) -> None:
    """Invoices whose PDFs are rendered; what is in them does not matter here."""
    init_database(bench.url)
    bench.plain.mkdir()
    store = Store.open(bench.url)
    with store.database.write() as connection:
        for number in range(OBJECTS):
            place = next_place(connection, FACT, TODAY)
            snapshot = snapshot_of(order(number), place.number, place.issued_on)
            origin = Origin(f"A-{number}", f"u_{number}", "run_1")
            invoice = write_document(connection, place, origin, snapshot, NOW, PARIS)
            pdf = secrets.token_bytes(SIZE)
            (bench.plain / f"{invoice.invoice_id}.pdf").write_bytes(pdf)
            rendered = {"pdf_status": "rendered", "sha256": sha256(pdf).hexdigest()}
            this = invoices.c.invoice_id == invoice.invoice_id
            connection.execute(invoices.update().where(this).values(**rendered))
    store.close()


def _ours(bench: Bench, endpoint: str) -> float:
    spool = bench.home / "spool"
    spool.mkdir(exist_ok=True)
    for path in bench.plain.iterdir():
        (spool / path.name).write_bytes(path.read_bytes())
    store = Store.open(bench.url)
    with store.database.write() as connection:
        connection.execute(update(invoices).values(pdf_status="rendered", stored_at=None))
    store.close()
    settings = Settings(
        stakactl_home=bench.home,
        stripe_secret_key=SecretStr("sk_live_" + "0" * 24),
        storage_provider=StorageProvider.MINIO,
        minio_endpoint=endpoint,
        minio_access_key=SecretStr(ACCESS_KEY),
        minio_secret_key=SecretStr(SECRET_KEY),
        minio_bucket_name=_bucket(endpoint),
    )
    container = Container(settings, Silent())
    began = time.perf_counter()
    report = upload_pdfs(container)
    taken = time.perf_counter() - began
    container.close()
    if report.failed or len(report.items) != OBJECTS:
        raise RuntimeError(next(item.problem.message for item in report.items if item.problem))
    return OBJECTS / taken


def _client(endpoint: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )


def _bucket(endpoint: str) -> str:
    """A new one: nobody finds what another way has stored."""
    name = f"bucket-{secrets.token_hex(4)}"
    client = _client(endpoint)
    client.create_bucket(Bucket=name)
    client.close()
    return name


def _boto3(bench: Bench, endpoint: str) -> float:
    client, bucket = _client(endpoint), _bucket(endpoint)
    paths = list(bench.plain.iterdir())[:IN_SEQUENCE]
    began = time.perf_counter()
    for path in paths:
        client.put_object(Bucket=bucket, Key=f"invoices/{path.name}", Body=path.read_bytes())
    return len(paths) / (time.perf_counter() - began)


def _aws(bench: Bench, endpoint: str) -> float:
    target = f"s3://{_bucket(endpoint)}/invoices/"
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    program = str(tool("aws"))
    began = time.perf_counter()
    subprocess.run(
        [program, "s3", "cp", "--recursive", "--only-show-errors", str(bench.plain), target],
        env={**os.environ, **keys, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": endpoint},
        check=True,
    )
    return OBJECTS / (time.perf_counter() - began)


if __name__ == "__main__":
    run()
