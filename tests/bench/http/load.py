# SPDX-License-Identifier: Apache-2.0
"""What is put on the servers: wrk from the other core, idle connections, and the disk's own fdatasync for comparison."""
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import time

from servers import LOAD_CORE, PATIENCE, SERVER_CORE, pinned, unverified

HERE = pathlib.Path(__file__).parent
IDLE_TIMEOUT = 10


@contextlib.contextmanager
def idle_spinners():
    """Keep both cores from halting, and yield to every real task: waking a halted core of a virtual machine costs as
    much as a request, and is not the server's doing."""
    spinners = [subprocess.Popen(pinned(["chrt", "-i", "0", "sh", "-c", "while :; do :; done"], core))
                for core in (SERVER_CORE, LOAD_CORE)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


def run_wrk(server, seconds, connections, script="latency.lua", arguments=()):
    """One run: requests a second, latencies, and what the server's processor did for each request."""
    headers = [word for header in server.headers if script == "latency.lua" for word in ("-H", header)]
    before = server.cpu_seconds()
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", *headers,
             "-s", HERE / script, server.url, "--", *arguments]
    ended = subprocess.run(pinned(words, LOAD_CORE), capture_output=True, text=True, timeout=seconds + 30, check=True)
    result = json.loads(next(line for line in ended.stdout.splitlines() if line.startswith("{")))
    if result["failed"] or not result["requests"]:
        raise SystemExit(f"bench: {server.name}: {result['failed']} of {result['requests']} requests failed")
    return {"rate": result["requests"] / result["seconds"], "p50_us": result["p50_us"], "p99_us": result["p99_us"],
            "p999_us": result["p999_us"], "cpu_us": (server.cpu_seconds() - before) / result["requests"] * 1e6,
            "rss": server.rss_bytes()}


def fdatasync_rate(directory, seconds, wrap_bytes):
    """Writes of 4 KiB a second, each durable before the next; beginning anew after `wrap_bytes`, as a WAL does."""
    path = directory / "fdatasync"
    block, count, offset = os.urandom(4096), 0, 0
    os.sched_setaffinity(0, {SERVER_CORE})
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600)
    try:
        for position in range(0, wrap_bytes or 0, 4096):  # What is overwritten has been there before.
            os.pwrite(descriptor, block, position)
        os.fdatasync(descriptor)
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            os.pwrite(descriptor, block, offset)
            os.fdatasync(descriptor)
            count += 1
            offset += 4096
            if wrap_bytes and offset >= wrap_bytes:
                offset = 0
        return count / (time.monotonic() - start)
    finally:
        os.close(descriptor)
        path.unlink()
        os.sched_setaffinity(0, {SERVER_CORE, LOAD_CORE})


@contextlib.contextmanager
def idle_connections(server, count):
    """Connections that have asked once, and say nothing more; from several addresses, for the sake of ports."""
    opened, context = [], unverified() if server.tls else None
    request = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    try:
        for number in range(count):
            address = f"127.0.0.{1 + number // 5000}"
            connection = socket.create_connection(("127.0.0.1", server.port), IDLE_TIMEOUT, (address, 0))
            if context:
                connection = context.wrap_socket(connection)
            opened.append(connection)
            connection.sendall(request)
            if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"bench: connection {number} got no 200")
        yield
    finally:
        for connection in opened:
            connection.close()


def first_answer_ms(program, directory):
    """From the start of `kist serve --dev` to its first 200."""
    directory.mkdir()
    environment = {"HOME": str(directory), "PATH": os.environ["PATH"], "TMPDIR": str(directory)}
    start = time.monotonic()
    process = subprocess.Popen(pinned([program, "serve", "--dev"]), cwd=directory, env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        seen = b""
        os.set_blocking(process.stdout.fileno(), True)
        while b"http://127.0.0.1:" not in seen or not seen.partition(b"http://127.0.0.1:")[2].strip(b"0123456789"):
            more = os.read(process.stdout.fileno(), 4096)
            if not more:
                raise SystemExit("bench: kist serve --dev ended with: " + seen.decode())
            seen += more
        digits = seen.partition(b"http://127.0.0.1:")[2]
        port = int(digits[:len(digits) - len(digits.lstrip(b"0123456789"))])
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
                    connection.sendall(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    if connection.recv(4096).startswith(b"HTTP/1.1 200"):
                        return (time.monotonic() - start) * 1e3
            except ConnectionRefusedError:
                pass
            if time.monotonic() - start > PATIENCE:
                raise SystemExit("bench: kist serve --dev does not become ready")
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()
