# SPDX-License-Identifier: Apache-2.0
"""The servers that are measured: Kist, bare Beast and nginx, each on the server's core, on loopback."""
import http.client
import json
import os
import pathlib
import re
import resource
import signal
import socket
import ssl
import subprocess
import time

SERVER_CORE, LOAD_CORE = 0, 1
VALUES = {"host": "db.example.com", "port": "5432", "user": "ledger", "password": "correct horse battery staple",
          "database": "ledger"}
PATIENCE = 20  # seconds, for what has no business to be slow
TICK = os.sysconf("SC_CLK_TCK")


def raise_descriptor_limit():
    """As many as ten thousand connections need, in this process and in those that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 24_000
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    except ValueError:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def pinned(words, core=SERVER_CORE):
    return ["taskset", "-c", str(core), *map(str, words)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def unverified():
    """For a server of our own making, on loopback, whose certificate was made a moment ago."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def wait_for_port(port, process):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"bench: {process.args} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"bench: {process.args} does not listen on port {port}")


def make_certificate(directory):
    certificate, key = directory / "tls.pem", directory / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    key.chmod(0o600)
    return certificate, key


class Server:
    """A process that serves on a port of 127.0.0.1."""

    def __init__(self, name, process, port, tls, headers=(), path="/"):
        self.name, self.process, self.port, self.tls = name, process, port, tls
        self.headers, self.path = list(headers), path

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{self.path}"

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def rss_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024

    def private_bytes(self):
        """What is in no other process: without the pages of libraries as they are in their files."""
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="utf-8") as file:
            return int(re.search(r"Private_Dirty:\s+(\d+)", file.read()).group(1)) * 1024

    def ask(self, method, path, body=None, headers=None):
        connect = http.client.HTTPSConnection if self.tls else http.client.HTTPConnection
        more = {"context": unverified()} if self.tls else {}
        connection = connect("127.0.0.1", self.port, timeout=PATIENCE, **more)
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return reply, content

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Kist(Server):
    """`kist serve` on a SQLite store of its own, sealed, with one principal who has a token. `audit` may be a file."""

    def __init__(self, name, program, directory, *, audit=True, tls=None, limits=None):
        directory.mkdir()
        self.program, self.directory = program, directory
        configuration = {
            "secrets_store": {"type": "sqlite", "path": "secrets.db"},
            "principals": [],
            "http": {"listen": ["127.0.0.1:0"], "threads": 1,
                     "limits": {"requests_per_second": 1_000_000_000, "idle_time_ms": 3_600_000, **(limits or {})}},
            "audit": {"enabled": True, "file": str(audit)} if isinstance(audit, pathlib.Path) else {"enabled": audit},
            "log": {"level": "info"},
        }
        if tls:
            configuration["http"]["tls"] = {"certificate": str(tls[0]), "key": str(tls[1])}
        self.configure(configuration)
        made = json.loads(subprocess.run(
            [program, "token", "new", "bench", "--output", "json", "--config", directory / "kist.json"], cwd=directory,
            check=True, capture_output=True).stdout)
        self.token = made["token"]
        configuration["principals"] = [{**made["principal"], "roles": {"*": "admin"}}]
        self.configure(configuration)
        self.log = open(directory / "stderr.log", "w+", encoding="utf-8")  # pylint: disable=consider-using-with
        process = subprocess.Popen(pinned([program, "serve", "--config", directory / "kist.json"]), cwd=directory,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        super().__init__(name, process, self.wait_until_ready(process), tls is not None,
                         ["Authorization: Bearer " + self.token])

    def configure(self, configuration):
        file = self.directory / "kist.json"
        file.write_text(json.dumps(configuration), encoding="utf-8")
        file.chmod(0o600)

    def wait_until_ready(self, process):
        end, port = time.monotonic() + PATIENCE, None
        while time.monotonic() < end:
            for line in (self.directory / "stderr.log").read_text(encoding="utf-8").splitlines():
                entry = json.loads(line) if line.startswith("{") else {}
                if entry.get("message") == "listening":
                    port = int(entry["address"].rpartition(":")[2])
                if entry.get("message") == "ready" and port:
                    return port
            if process.poll() is not None:
                break
            time.sleep(0.01)
        raise SystemExit("bench: kist did not become ready:\n" + (self.directory / "stderr.log").read_text())

    def create_secret(self):
        """Makes the secret that is asked for, and gives the reply to a GET of it as it came."""
        authorization = {"Authorization": "Bearer " + self.token}
        reply, content = self.ask("POST", "/api/v1/secrets", json.dumps({"name": "ledger", "values": VALUES}),
                                  {**authorization, "Content-Type": "application/json"})
        if reply.status != 200:
            raise SystemExit(f"bench: a create gave {reply.status}: {content.decode()}")
        self.path = "/api/v1/secrets/" + json.loads(content)["id"]
        reply, content = self.ask("GET", self.path, headers=authorization)
        if reply.status != 200 or json.loads(content)["values"] != VALUES:
            raise SystemExit(f"bench: a get gave {reply.status}")
        return reply, content

    def stop(self):
        super().stop()
        self.log.close()


def save_reply(reply, content, file):
    """For the others, which return the same bytes. Of the headers, those that cost more than being copied are theirs."""
    lines = ["HTTP/1.1 200 OK"] + [f"{name}: {value}" for name, value in reply.getheaders()
                                   if name.lower() not in ("connection", "transfer-encoding", "keep-alive")]
    file.write_bytes("\r\n".join(lines).encode() + b"\r\n\r\n" + content)


def start_beast(name, program, reply_file, tls=None):
    process = subprocess.Popen(pinned([program, reply_file, *(tls or ())]), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"bench: {program} ended with {process.wait()}")
    return Server(name, process, int(line), tls is not None)


def start_nginx(name, directory, reply, content, tls=None):
    directory.mkdir()
    port = free_port()
    quoted = content.decode().replace("\\", "\\\\").replace("'", "\\'")
    headers = "".join(f"      add_header {key} '{value}';\n" for key, value in reply.getheaders()
                      if key.lower() in ("etag", "x-request-id", "cache-control"))
    secure = f"    ssl_certificate {tls[0]};\n    ssl_certificate_key {tls[1]};\n    ssl_protocols TLSv1.3;\n" if tls else ""
    temporary = "".join(f"  {kind}_temp_path {directory}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (directory / "nginx.conf").write_text(f"""
daemon off; master_process off; worker_processes 1; pid {directory}/pid; error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type application/json; keepalive_requests 1000000000; keepalive_timeout 300s;
{temporary}  server {{
    listen 127.0.0.1:{port}{' ssl' if tls else ''};
{secure}    location / {{
{headers}      return 200 '{quoted}';
    }}
  }}
}}
""", encoding="utf-8")
    process = subprocess.Popen(pinned(["nginx", "-p", directory, "-e", directory / "error.log", "-c",
                                       directory / "nginx.conf"]), stdin=subprocess.DEVNULL)
    wait_for_port(port, process)
    return Server(name, process, port, tls is not None)
