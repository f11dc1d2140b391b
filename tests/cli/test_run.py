"""``aioturk marketplace run``: unmodified programs, as processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import runpy
import shutil
import signal
import socket
import socketserver
import ssl
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from aioturk.cli.run import Tally, _Child
from aioturk.marketplace import redirect
from aioturk.marketplace.proxy import HOSTS, STS_HOSTS, Fate, fate_of
from aioturk.marketplace.redirect import Door, profiles, redirected

HOST = "mturk-requester-sandbox.us-east-1.amazonaws.com"
SANDBOX = f"https://{HOST}"
EUROPE = "mturk-requester.eu-west-1.amazonaws.com"
REDIRECT = Path(redirect.__file__).parent
NODE = shutil.which("node")
SDK = Path(os.environ.get("AIOTURK_JAVASCRIPT_SDK") or Path(__file__).parents[1] / "javascript")
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.upper().startswith(("AWS_", "AIOTURK_", "NODE_")) and not name.upper().endswith("_PROXY")
}
"""Our own environment, without what could lead a program anywhere."""

SIGNED = """
import json, os
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

def signed(url):
    headers = {"X-Amz-Target": "MTurkRequesterServiceV20170117.GetAccountBalance",
               "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", url, headers, b"{}")
    keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, "mturk-requester", "us-east-1").add_auth(request)
    return dict(request.headers.items())
"""
"""How a program of its own making signs its requests."""

Runner = Callable[..., subprocess.CompletedProcess[str]]


def command(*arguments: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "aioturk", "marketplace", "run", *arguments]


@pytest.fixture
def ran(tmp_path: Path) -> Runner:
    """Runs a Python program under `run`, its text given or a command of its own."""

    def run(
        program: str, *options: str, by: str = sys.executable, suffix: str = ".py", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        file = tmp_path / f"program{suffix}"
        file.write_text(textwrap.dedent(program))
        return subprocess.run(
            command(*options, "--", by, str(file)),
            env={**CLEAN, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def told(done: subprocess.CompletedProcess[str]) -> Any:
    """What a program printed, as JSON."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@dataclass
class Impostor:
    """
    Somebody at this computer who seems to be Mechanical Turk, with a certificate that programs trust.

    It is a proxy that leads every connection to itself, and what is behind it as well.
    """

    port: int
    authority: Path
    got: list[bytes] = field(default_factory=list)


@pytest.fixture
def impostor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Impostor]:
    """Answers as Mechanical Turk, and keeps every byte of a request that reaches it."""
    authority = trustme.CA()
    file = tmp_path_factory.mktemp("impostor") / "authority.pem"
    file.write_bytes(authority.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, EUROPE).configure_cert(context)

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                if self.request.recv(1, socket.MSG_PEEK) == b"C":
                    said = b""
                    while not said.endswith(b"\r\n\r\n"):
                        said += self.request.recv(1)
                    self.request.sendall(b"HTTP/1.1 200 Fine\r\n\r\n")
                with context.wrap_socket(self.request, server_side=True) as connection:
                    if said := connection.recv(65536):
                        there.got.append(said)
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        there = Impostor(server.server_address[1], file)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield there
        server.shutdown()
        thread.join()


class TestPrograms:
    """Programs in the ways in which they are written."""

    def test_boto3_with_a_hard_coded_host(self, ran: Runner) -> None:
        """boto3 with Amazon's address written into it works unchanged, and believes that it talks to Amazon."""
        done = ran(
            f"""
            import boto3, json
            client = boto3.client("mturk", endpoint_url="{SANDBOX}", region_name="us-east-1")
            hit_type = client.create_hit_type(Title="t", Description="d", Reward="0.1", AssignmentDurationInSeconds=60)
            print(json.dumps([client.meta.endpoint_url, hit_type["HITTypeId"], client.list_hits()["HITs"]]))
            """
        )
        url, hit_type, hits = told(done)
        assert (url, hits) == (SANDBOX, [])
        assert hit_type
        assert done.stderr.splitlines() == [
            "aioturk: 2 calls to the marketplace",
            "  CreateHITType       1",
            "  ListHITs            1",
        ]

    def test_two_environments_by_their_hosts(self, ran: Runner) -> None:
        """What is made in the sandbox is unknown in production; refusals are counted."""
        done = ran(
            f"""
            import boto3, json
            production = boto3.client("mturk")
            sandbox = boto3.client("mturk", endpoint_url="{SANDBOX}")
            question = ('<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/'
                        '2006-07-14/ExternalQuestion.xsd"><ExternalURL>https://example.org</ExternalURL>'
                        '<FrameHeight>0</FrameHeight></ExternalQuestion>')
            hit = sandbox.create_hit(Title="t", Description="d", Reward="0.1", LifetimeInSeconds=60,
                                     AssignmentDurationInSeconds=60, Question=question)["HIT"]["HITId"]
            found = sandbox.get_hit(HITId=hit)["HIT"]["HITId"]
            try:
                production.get_hit(HITId=hit)
            except production.exceptions.RequestError as error:
                print(json.dumps([found == hit, error.response["TurkErrorCode"]]))
            """
        )
        assert told(done) == [True, "AWS.MechanicalTurk.HITDoesNotExist"]
        assert "3 calls to the marketplace, 1 refused" in done.stderr
        assert "GetHIT          2, 1 refused" in done.stderr

    def test_programs_that_check_their_keys_first(self, ran: Runner) -> None:
        """Who asks STS for the account gets the first requester's, over either of its hosts."""
        done = ran(
            """
            import boto3, json
            clients = [boto3.client("sts", endpoint_url="https://" + host)
                       for host in ("sts.amazonaws.com", "sts.us-east-1.amazonaws.com")]
            print(json.dumps([client.get_caller_identity()["Account"] for client in clients]))
            """
        )
        assert told(done) == ["123456789012"] * 2

    @pytest.mark.parametrize(
        "send",
        [
            pytest.param(
                "import requests; answer = requests.post(url, data=b'{}', headers=headers).json()", id="requests"
            ),
            pytest.param(
                "import urllib.request as u; answer = json.load(u.urlopen(u.Request(url, b'{}', headers)))", id="urllib"
            ),
            pytest.param(
                "import urllib3, certifi, os; answer = json.loads(urllib3.ProxyManager(os.environ['HTTPS_PROXY'],"
                " ca_certs=certifi.where()).request('POST', url, body=b'{}', headers=headers).data)",
                id="urllib3 and certifi",
            ),
            pytest.param(
                "import aiohttp, asyncio\n"
                "async def main():\n"
                "    async with aiohttp.ClientSession(trust_env=True) as session:\n"
                "        async with session.post(url, data=b'{}', headers=headers) as answer:\n"
                "            return await answer.json(content_type=None)\n"
                "answer = asyncio.run(main())",
                id="aiohttp",
            ),
        ],
    )
    def test_programs_without_boto3(self, ran: Runner, send: str) -> None:
        """Signed requests over other libraries arrive as well, in TLS and in plain HTTP."""
        program = f"{SIGNED}\ndef send(url, headers):\n{textwrap.indent(send, '    ')}\n    return answer\n"
        urls = [f"{SANDBOX}/", f"http{SANDBOX.removeprefix('https')}/"]
        done = ran(f"{program}\nprint(json.dumps([send(url, signed(url)) for url in {urls!r}]))\n")
        assert told(done) == [{"AvailableBalance": "10000.00"}] * 2

    def test_our_own_client(self, ran: Runner) -> None:
        """Our own client comes here, too, whichever environment it asks for, and when it asks for none."""
        done = ran(
            """
            import asyncio, json
            from aioturk import Client
            async def balance(environment):
                async with Client(environment) as mturk:
                    return str((await mturk.get_account_balance()).available_balance)
            async def main():
                return [await balance(environment) for environment in ("production", "sandbox", "local", None)]
            print(json.dumps(asyncio.run(main())))
            """,
            AIOTURK_ENVIRONMENT="http://127.0.0.1:1",
        )
        assert told(done) == ["10000.00"] * 4

    def test_other_servers_are_reached_as_before(self, ran: Runner, tmp_path: Path) -> None:
        """A server with a certificate that the program trusted before is still trusted, through the tunnel."""
        authority = trustme.CA()
        file = tmp_path / "authority.pem"
        file.write_bytes(authority.cert_pem.bytes())
        server = tmp_path / "server.pem"
        server.write_bytes(authority.issue_cert("localhost").private_key_and_cert_chain_pem.bytes())
        done = ran(
            # Asked for by hand, as this computer's own names never go through a proxy.
            f"""
            import http.client, http.server, json, os, ssl, threading, urllib.parse
            served = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain("{server}")
            served.socket = context.wrap_socket(served.socket, server_side=True)
            served.RequestHandlerClass.log_message = lambda *_: None
            threading.Thread(target=served.handle_request, daemon=True).start()
            proxy = urllib.parse.urlsplit(os.environ["HTTPS_PROXY"])
            connection = http.client.HTTPSConnection(proxy.hostname, proxy.port, context=ssl.create_default_context())
            connection.set_tunnel("localhost", served.server_port)
            connection.request("GET", "/")
            print(json.dumps(connection.getresponse().status))
            """,
            SSL_CERT_FILE=str(file),
        )
        assert told(done) == 501

    def test_worker_sites(self, ran: Runner) -> None:
        """A program that opens the link to a HIT's preview finds our site there, in either environment."""
        done = ran(
            """
            import json, urllib.parse, urllib.request
            import boto3

            question = (
                '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/'
                'ExternalQuestion.xsd"><ExternalURL>https://example.org/task</ExternalURL><FrameHeight>0</FrameHeight>'
                "</ExternalQuestion>"
            )
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            shown = {}
            for name, endpoint in (
                ("workersandbox", "https://mturk-requester-sandbox.us-east-1.amazonaws.com"),
                ("worker", "https://mturk-requester.us-east-1.amazonaws.com"),
            ):
                client = boto3.client("mturk", endpoint_url=endpoint)
                hit = client.create_hit(
                    Title=f"Seen at {name}.", Description="x", Reward="0.10", LifetimeInSeconds=600,
                    AssignmentDurationInSeconds=60, Question=question,
                )["HIT"]
                link = f"https://{name}.mturk.com/mturk/preview?groupId={hit['HITGroupId']}"
                asked = browser.open(link)
                page = asked.read().decode()
                token = page.split('name="authenticity_token" value="')[1].split('"')[0]
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(asked.url).query)
                form = {"authenticity_token": token, "worker_id": "A1ANNA", "next": query["next"][0]}
                sign_in = urllib.parse.urljoin(asked.url, "/sign_in")
                page = browser.open(sign_in, urllib.parse.urlencode(form).encode()).read().decode()
                shown[name] = [f"Seen at {each}." in page for each in ("workersandbox", "worker")]
            print(json.dumps(shown))
            """
        )
        assert told(done) == {"workersandbox": [True, False], "worker": [False, True]}
        assert "worker site       2" in done.stderr

    def test_other_regions_are_refused(self, ran: Runner) -> None:
        """A region that nobody stands in for is refused, instead of being asked for real, and the summary tells it."""
        done = ran(
            """
            import boto3, botocore.config, botocore.exceptions
            config = botocore.config.Config(retries={"total_max_attempts": 1})
            client = boto3.client("mturk", region_name="eu-west-1", config=config)
            try:
                client.get_account_balance()
            except botocore.exceptions.ProxyConnectionError:
                print("refused")
            """
        )
        assert done.stdout == "refused\n"
        assert "  connection to mturk-requester.eu-west-1.amazonaws.com       1, 1 refused" in done.stderr

    @pytest.mark.parametrize(
        "attempt",
        [
            "asyncio.run(main())",
            "socket.create_connection((host, 443))",
            "socket.gethostbyname(host)",
            "socket.getaddrinfo(host.encode(), 443)",
        ],
    )
    def test_programs_that_go_past_the_proxy(self, ran: Runner, attempt: str) -> None:
        """A Python program that knows no proxies cannot reach the real host; it is told why."""
        done = ran(
            f"""
            import aiohttp, asyncio, socket
            host = "{SANDBOX.removeprefix("https://")}"
            async def main():
                async with aiohttp.ClientSession() as session:
                    await session.post("https://" + host)
            try:
                {attempt}
            except OSError as error:
                print(error)
            """
        )
        assert "goes past the proxy" in done.stdout

    def test_programs_with_a_proxy_of_their_own(self, ran: Runner, impostor: Impostor) -> None:
        """A Python program that gets to somebody else than us as Mechanical Turk sends nothing; it is told why."""
        done = ran(
            f"""
            import json, os, socket, ssl
            port, host, url, proxy = {impostor.port}, "{HOST}", "{SANDBOX}", "http://127.0.0.1:{impostor.port}"
            told = {{}}
            for name, attempt in json.loads({json.dumps(json.dumps(ATTEMPTS))}).items():
                context = ssl.create_default_context()
                with socket.create_connection(("127.0.0.1", port)) as there:
                    try:
                        exec(attempt)
                    except Exception as error:
                        told[name] = "goes past the proxy" in str(error) or repr(error)
            print(json.dumps(told))
            """,
            SSL_CERT_FILE=str(impostor.authority),
        )
        assert told(done) == dict.fromkeys(ATTEMPTS, True)
        assert impostor.got == []

    def test_other_servers_are_not_looked_at(self, ran: Runner, impostor: Impostor) -> None:
        """TLS with anybody else is as it was, for clients and servers, with and without a name."""
        done = ran(
            f"""
            import json, socket, ssl, threading
            server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
            server.load_cert_chain("{_other_server(impostor.authority.parent)}")
            client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
            heard = []
            for name in ("localhost", None):
                ours, theirs = socket.socketpair()
                def serve():
                    with server.wrap_socket(theirs, server_side=True, do_handshake_on_connect=False) as connection:
                        connection.sendall(b"hello")
                thread = threading.Thread(target=serve)
                thread.start()
                with client.wrap_socket(ours, server_hostname=name) as connection:
                    heard.append(connection.recv(5).decode())
                thread.join()
            print(json.dumps(heard))
            """
        )
        assert told(done) == ["hello", "hello"]

    def test_the_proxys_password_is_known(self, ran: Runner) -> None:
        """Behind a proxy with a password ours has one, too, which the usual clients find in its URL."""
        done = ran(
            f"""
            import aiohttp, aioturk, asyncio, boto3, json, requests, shutil, subprocess, urllib.request
            async def by_aiohttp(url):
                async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as answer:
                    return await answer.text()
            async def by_us():
                async with aioturk.Client("sandbox") as mturk:
                    return await mturk.get_account_balance()
            boto3.client("mturk", endpoint_url="{SANDBOX}").get_account_balance()
            asyncio.run(by_us())
            for url in ("{SANDBOX}", "http://{HOST}"):
                texts = [requests.get(url).text, asyncio.run(by_aiohttp(url))]
                texts.append(urllib.request.urlopen(url).read().decode())
                if shutil.which("curl"):
                    texts.append(subprocess.run(["curl", "-sS", url], check=True, capture_output=True).stdout.decode())
                assert all("MTurk API" in text for text in texts), texts
            """,
            HTTPS_PROXY="http://me:secret@127.0.0.1:1",
        )
        assert done.returncode == 0, done.stderr

    def test_the_database_is_kept(self, ran: Runner, tmp_path: Path) -> None:
        """With a database, the next run knows the keys and the HIT types of the one before."""
        program = """
            import boto3, json, os
            made = boto3.client("mturk").create_hit_type(
                Title="t", Description="d", Reward="0.1", AssignmentDurationInSeconds=60)
            print(json.dumps([os.environ["AWS_ACCESS_KEY_ID"], made["HITTypeId"]]))
            """
        options = ("--database", str(tmp_path / "mturk.db"))
        assert told(ran(program, *options)) == told(ran(program, *options))


ATTEMPTS = {
    "boto3 with proxies=": """
import boto3, botocore.config
config = botocore.config.Config(proxies={"https": proxy}, retries={"total_max_attempts": 1})
boto3.client("mturk", endpoint_url=url, config=config).get_account_balance()
""",
    "requests with proxies=": """
import requests
requests.post(url, proxies={"https": proxy})
""",
    "aiohttp with proxy=": """
import aiohttp, asyncio
async def main(url, proxy):
    async with aiohttp.ClientSession() as session:
        await session.post(url, proxy=proxy)
asyncio.run(main(url, proxy))
""",
    "a resolver of its own": """
import asyncio
asyncio.run(asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=host))
""",
    "no handshake asked for": """
connection = context.wrap_socket(there, server_hostname=host, do_handshake_on_connect=False)
connection.sendall(b"POST / HTTP/1.1")
""",
    "no name given": """
context.check_hostname = False
context.wrap_socket(there).sendall(b"POST / HTTP/1.1")
""",
    "TLS without a socket": """
upward, downward = ssl.MemoryBIO(), ssl.MemoryBIO()
connection = context.wrap_bio(downward, upward, server_hostname=host)
while True:
    try:
        connection.write(b"POST / HTTP/1.1")
        break
    except ssl.SSLWantReadError:
        there.sendall(upward.read())
        downward.write(there.recv(65536))
there.sendall(upward.read())
there.recv(1)
""",
    "HTTPS_PROXY changed in the program": """
os.environ["HTTPS_PROXY"] = os.environ["https_proxy"] = proxy
import urllib.request
urllib.request.urlopen(url, b"{}")
""",
}
"""Ways past our proxy, in the words of Python programs."""


def _other_server(folder: Path) -> Path:
    file = folder / "other.pem"
    file.write_bytes(trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.bytes())
    return file


@pytest.mark.skipif(NODE is None, reason="Node.js is not on PATH")
class TestNode:
    """Programs in JavaScript."""

    @pytest.fixture
    def node(self, ran: Runner, impostor: Impostor) -> Runner:
        """Runs a program that may use what most of them do, beside somebody who seems to be Mechanical Turk."""
        start = f"""
            const [net, tls, https] = [require("net"), require("tls"), require("https")];
            const port = {impostor.port}, host = "{HOST}", europe = "{EUROPE}";
            const show = (error) => console.log(String(error.cause ?? error));
            const say = (text) => console.log(String(text));
            const get = (...options) => https.get(...options, (answer) => answer.on("data", say)).on("error", show);
            const ask = (connection) => connection.on("error", show).on("data", say)
              .write(`GET / HTTP/1.1\\r\\nHost: ${{host}}\\r\\nConnection: close\\r\\n\\r\\n`);
            const tunnel = (host, then) => {{
              const socket = net.connect(port, "127.0.0.1");
              socket.write(`CONNECT ${{host}}:443 HTTP/1.1\\r\\n\\r\\n`);
              socket.once("data", () => then(socket));
            }};
            // the end of the start
            """

        def run(program: str, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
            environ = {"NODE_EXTRA_CA_CERTS": str(impostor.authority), **environ}
            return ran(f"{textwrap.dedent(start)}\n{program}", *options, by=str(NODE), suffix=".cjs", **environ)

        return run

    def told(self, node: Runner, programs: list[str]) -> dict[str, str]:
        """Run programs as children of one, and return what each of them printed."""
        done = node(
            f"""
            const {{ execFileSync }} = require("child_process");
            const start = require("fs").readFileSync(__filename, "utf8").split("// the end" + " of")[0];
            const run = (program) => execFileSync(process.execPath, ["-e", start + program], {{ encoding: "utf8" }});
            console.log(JSON.stringify(Object.fromEntries({json.dumps(programs)}.map((each) => [each, run(each)]))));
            """
        )
        said: dict[str, str] = told(done)
        return said

    def test_it_comes_here(self, node: Runner, impostor: Impostor) -> None:
        """A program that connects to one of our hosts comes here, whichever way it was to go."""
        programs = [
            "get(`https://${host}/`)",
            "get({ host: host.toUpperCase() + '.', port: 443, headers: { Host: host } })",
            "fetch(`https://${host}/`).then((answer) => answer.text()).then(console.log, show)",
            "import('node:https').then(({ get }) => get(`https://${host}/`, (answer) => answer.pipe(process.stdout)))",
            "ask(tls.connect(443, host))",
            "ask(tls.connect({ host: '127.0.0.1', port, servername: host }))",
            "ask(tls.connect(port, '127.0.0.1', { servername: host }))",
            "tunnel(host, (socket) => ask(tls.connect({ socket, servername: host })))",
            "const socket = net.connect(443, host, () => ask(tls.connect({ socket, servername: host })))",
            "const socket = new net.Socket();"
            "socket.connect({ host, port: 443 }, () => ask(tls.connect({ socket, servername: host })))",
            "const { Worker } = require('worker_threads');"
            "new Worker(`fetch('https://${host}/').then((answer) => answer.text()).then(console.log)`, { eval: true })",
        ]
        said = self.told(node, programs)
        assert [program for program in programs if "marketplace that speaks the MTurk API" not in said[program]] == []
        assert impostor.got == []

    def test_worker_sites(self, node: Runner) -> None:
        """What Node.js fetches from Amazon's worker sites comes from ours."""
        done = node(
            """
            (async () => {
              for (const name of ["workersandbox", "worker", "www"]) {
                const answer = await fetch(`https://${name}.mturk.com/projects`);
                console.log(answer.status, new URL(answer.url).hostname, new URL(answer.url).pathname);
              }
            })();
            """
        )
        assert done.stdout == "200 127.0.0.1 /sign_in\n" * 3, done.stderr

    def test_other_hosts_of_mechanical_turk(self, node: Runner, impostor: Impostor) -> None:
        """Any other host of Mechanical Turk gets nothing, and the program is told why."""
        programs = [
            "get(`https://${europe}/`)",
            "get(`https://requester.mturk.com/`)",
            "fetch(`https://${europe}/`).catch(show)",
            "require('http').get(`http://${host}/`).on('error', show)",
            "net.connect({ host: europe, port: 443 }).on('error', show)",
            "ask(tls.connect({ host: '127.0.0.1', port, servername: europe }))",
            "tunnel(europe, (socket) => ask(tls.connect({ socket, servername: europe })))",
        ]
        said = self.told(node, programs)
        assert [program for program in programs if "marketplace run: nothing was sent to" not in said[program]] == []
        assert impostor.got == []

    def test_others_are_reached_as_before(self, node: Runner) -> None:
        """Connections to anybody else are left alone."""
        done = node(
            """
            const server = net.createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1", () => {
              const options = { port, host: "127.0.0.1", checkServerIdentity: () => undefined };
              const socket = net.connect(server.address().port, "127.0.0.1").on("data", say);
              socket.on("close", () => server.close(() => ask(tls.connect(options))));
            });
            """
        )
        assert done.stdout.startswith("hello\nHTTP/1.1 200 OK"), done.stderr

    def test_options_from_before_are_kept(self, node: Runner) -> None:
        """What NODE_OPTIONS said before still holds."""
        assert node("console.log(process.title)", NODE_OPTIONS="--title=kept").stdout == "kept\n"

    def test_its_names_are_those_of_the_proxy(self) -> None:
        """The guard decides about names as the proxy does."""
        names = [*HOSTS, *NAMES]
        done = subprocess.run(
            [
                str(NODE),
                "-e",
                f"const {{ fate }} = require({json.dumps(str(REDIRECT / 'guard.cjs'))});"
                f"console.log(JSON.stringify({json.dumps(names)}.map(fate)))",
            ],
            env=CLEAN,
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout) == [fate_of(name).name.lower() for name in names]

    @pytest.mark.skipif(
        not (SDK / "node_modules" / "@aws-sdk" / "client-mturk").is_dir(),
        reason=f"the AWS SDK for JavaScript is not in {SDK}: `make javascript`",
    )
    def test_the_sdk(self, node: Runner) -> None:
        """A program with the AWS SDK for JavaScript works unchanged, in both environments."""
        done = node(
            f"""
            const sdk = require({json.dumps(str(SDK / "node_modules" / "@aws-sdk" / "client-mturk"))});
            (async () => {{
              for (const endpoint of [undefined, `https://${{host}}`]) {{
                const client = new sdk.MTurkClient({{ endpoint }});
                console.log((await client.send(new sdk.GetAccountBalanceCommand({{}}))).AvailableBalance);
              }}
            }})();
            """
        )
        assert done.stdout == "10000.00\n" * 2, done.stderr
        assert "GetAccountBalance       2" in done.stderr


NAMES = [
    EUROPE,
    "mturk-requester.amazonaws.com",
    "mturk-requester.us-east-1.api.aws",
    "mturk-requester.cn-north-1.amazonaws.com.cn",
    "vpce-0a1b.mturk-requester.us-east-1.vpce.amazonaws.com",
    "mechanicalturk.amazonaws.com",
    "mechanicalturk.sandbox.amazonaws.com",
    "crowd.us-west-2.amazonaws.com",
    "crowd.s3.amazonaws.com",
    "mturk.com",
    "requestersandbox.mturk.com",
    "static.worker.mturk.com",
    "notmturk.com",
    "s3.amazonaws.com",
    "sts.eu-west-1.amazonaws.com",
    "mturk-requester.example.org",
    "localhost",
    "",
]
"""Names of all kinds."""


class TestKeys:
    """Whose keys the program gets."""

    PRINT = """
        import json, os
        print(json.dumps({name: value for name, value in os.environ.items() if name.startswith("AWS_")}))
        """

    def test_keys_of_your_own(self, ran: Runner) -> None:
        """Keys can be chosen; others are taken away, the region only added."""
        environ = told(
            ran(
                self.PRINT,
                *("--access-key", "AKIDMINE", "--secret-key", "mine"),
                AWS_PROFILE="real",
                AWS_SESSION_TOKEN="real",
                AWS_ACCESS_KEY_ID="real",
                AWS_DEFAULT_REGION="eu-west-1",
            )
        )
        assert environ["AWS_ACCESS_KEY_ID"] == "AKIDMINE"
        assert environ["AWS_SECRET_ACCESS_KEY"] == "mine"
        assert environ["AWS_DEFAULT_REGION"] == "eu-west-1"
        assert environ["AWS_EC2_METADATA_DISABLED"] == "true"
        assert "real" not in environ.values()

    def test_no_keys(self, ran: Runner) -> None:
        """With --no-credentials the program keeps what it has, and nothing is added."""
        environ = told(ran(self.PRINT, "--no-credentials", AWS_PROFILE="real", AWS_ACCESS_KEY_ID="real"))
        assert environ["AWS_PROFILE"] == "real"
        assert environ["AWS_ACCESS_KEY_ID"] == "real"
        assert "AWS_SECRET_ACCESS_KEY" not in environ
        assert "AWS_DEFAULT_REGION" not in environ

    def test_programs_with_their_own_keys(self, ran: Runner) -> None:
        """A program with its keys written into it works when these are the ones to accept."""
        done = ran(
            """
            import boto3, json
            client = boto3.client("mturk", region_name="us-east-1", aws_access_key_id="AKIDMINE",
                                  aws_secret_access_key="mine")
            print(json.dumps(client.get_account_balance()["AvailableBalance"]))
            """,
            *("--no-credentials", "--access-key", "AKIDMINE", "--secret-key", "mine"),
        )
        assert told(done) == "10000.00"

    def test_keys_of_your_own_in_the_environment(self, ran: Runner) -> None:
        """Keys can be told in the environment, which nobody else on this computer sees."""
        environ = told(ran(self.PRINT, AIOTURK_ACCESS_KEY="AKIDMINE", AIOTURK_SECRET_KEY="mine"))
        assert (environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"]) == ("AKIDMINE", "mine")

    PROFILES = """
        import boto3, json
        sessions = [boto3.Session(profile_name=name) for name in ("one", "two", "three")]
        keys = [session.get_credentials() for session in sessions]
        print(json.dumps({
            "names": sorted(boto3.Session().available_profiles),
            "regions": [session.region_name for session in sessions],
            "keys": sorted({key.access_key for key in keys}),
            "balances": [session.client("mturk").get_account_balance()["AvailableBalance"] for session in sessions],
        }))
        """

    @pytest.fixture
    def real(self, tmp_path: Path) -> dict[str, str]:
        """An environment with profiles, of which each has real keys, or gets them."""
        keys, config = tmp_path / "real-credentials", tmp_path / "real-config"
        keys.write_text("[one]\naws_access_key_id = REAL\naws_secret_access_key = REAL\naws_session_token = REAL\n")
        config.write_text(
            "[profile one]\nregion = us-east-1\n"
            "[profile two]\nrole_arn = arn:aws:iam::1:role/real\nsource_profile = one\nregion = us-east-1\n"
            "[profile three]\nregion=us-east-1\ncredential_process = echo REAL\nservices = mine\n"
            "[services mine]\nmturk =\n  endpoint_url = http://127.0.0.1:1\n"
        )
        return {"AWS_SHARED_CREDENTIALS_FILE": str(keys), "AWS_CONFIG_FILE": str(config)}

    def test_profiles(self, ran: Runner, real: dict[str, str]) -> None:
        """A program that chooses a profile gets our keys under its name, and finds no others."""
        found = told(ran(self.PROFILES, "--access-key", "AKIDMINE", "--secret-key", "mine", **real))
        assert found == {
            "names": ["one", "three", "two"],
            "regions": ["us-east-1"] * 3,
            "keys": ["AKIDMINE"],
            "balances": ["10000.00"] * 3,
        }

    def test_profiles_of_the_home_folder(self, ran: Runner, tmp_path: Path) -> None:
        """Profiles are looked for where they are by default."""
        (tmp_path / ".aws").mkdir()
        (tmp_path / ".aws" / "credentials").write_text("[one]\naws_access_key_id = REAL\n[two]\n[three]\n")
        found = told(ran(self.PROFILES, "--access-key", "AKIDMINE", "--secret-key", "mine"))
        assert found["keys"] == ["AKIDMINE"]

    def test_profiles_are_left_alone(self, ran: Runner, real: dict[str, str]) -> None:
        """With --no-credentials the profiles are the program's own."""
        environ = told(ran(self.PRINT, "--no-credentials", **real))
        assert real.items() <= environ.items()

    def test_what_is_kept_of_profiles(self) -> None:
        """Of a file of profiles the names and regions are kept, and nothing that leads to other keys or addresses."""
        text = (
            "region = lost\n# [comment]\n[default]\nregion = a\nnested =\n  region = lost\n"
            "[profile a b]\nREGION: b\nsso_session = x\n[sso-session x]\nregion = lost\n"
            "[services x]\n[plugins]\n[preview]\n[profile services]\nendpoint_url = http://127.0.0.1\n"
        )
        keys = "aws_access_key_id = KEY\naws_secret_access_key = SECRET\n"
        assert profiles(text, "KEY", "SECRET") == (
            f"[default]\n{keys}region = a\n[profile a b]\n{keys}REGION: b\n[profile services]\n{keys}"
        )

    def test_one_key_is_not_enough(self, ran: Runner) -> None:
        """An access key without its secret is a sentence."""
        done = ran("", "--access-key", "AKIDMINE")
        assert done.returncode == 1
        assert done.stderr.startswith("aioturk: ")
        assert "Traceback" not in done.stderr


class TestEnds:
    """How it ends: as the command does, and without a trace."""

    @pytest.mark.parametrize(
        ("end", "status"),
        [
            ("raise SystemExit(0)", 0),
            ("raise SystemExit(3)", 3),
            ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 128 + 9),
            ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", 128 + 15),
        ],
    )
    def test_the_status_is_the_commands(self, ran: Runner, tmp_path: Path, end: str, status: int) -> None:
        """The status is the command's own, or tells the signal as shells do; nothing is left on the disk."""
        done = ran(end)
        assert done.returncode == status
        assert done.stderr == "aioturk: the command made no calls to Mechanical Turk.\n"
        assert [file.name for file in tmp_path.iterdir()] == ["program.py"]

    def test_quiet(self, ran: Runner) -> None:
        """With --quiet, nothing is said that the command does not say."""
        done = ran("print('x')", "--quiet")
        assert (done.stdout, done.stderr) == ("x\n", "")

    def test_input_and_output_are_the_commands(self) -> None:
        """The command reads our input and writes our output."""
        done = subprocess.run(
            command("--quiet", "--", "tr", "a-z", "A-Z"),
            env=CLEAN,
            input="abc",
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "ABC"

    def test_the_dashes_may_be_left_out(self) -> None:
        """Options after the command are the command's."""
        done = subprocess.run(
            command("--quiet", sys.executable, "-c", "print('--quiet')"),
            env=CLEAN,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "--quiet\n"

    def test_no_such_command(self) -> None:
        """A command that is not there is a sentence, and 127 as in a shell."""
        done = subprocess.run(command("--", "no-such-command"), env=CLEAN, capture_output=True, text=True, check=False)
        assert done.returncode == 127
        assert done.stderr == "aioturk: no-such-command: there is no such command. Nothing was done.\n"

    def test_a_command_that_cannot_be_run(self, tmp_path: Path) -> None:
        """A file that is no program is a sentence, and 126 as in a shell."""
        file = tmp_path / "text"
        file.write_text("x")
        done = subprocess.run(command("--", str(file)), env=CLEAN, capture_output=True, text=True, check=False)
        assert done.returncode == 126
        assert "cannot be run" in done.stderr
        assert "Traceback" not in done.stderr

    def test_nothing_to_run(self) -> None:
        """Without a command there is nothing to do: wrong usage."""
        assert subprocess.run(command(), env=CLEAN, capture_output=True, check=False).returncode == 2

    def test_nonsense_is_not_told(self, ran: Runner) -> None:
        """What the command sends that is no HTTP is declined, and the command's stderr stays its own."""
        done = ran(
            """
            import json, os, socket, urllib.parse
            url = urllib.parse.urlsplit(json.load(open(os.environ["AIOTURK_LOCAL_FILE"]))["url"])
            for nonsense in (b"nonsense\\r\\n\\r\\n", b"GET / HTTP/1.1\\r\\nContent-Length: x\\r\\n\\r\\n"):
                with socket.create_connection((url.hostname, url.port)) as connection:
                    connection.sendall(nonsense)
                    print(connection.recv(12)[9:].decode())
            """
        )
        assert done.stdout == "400\n" * 2
        assert done.stderr == "aioturk: the command made no calls to Mechanical Turk.\n"

    def test_children_that_nobody_waits_for(self) -> None:
        """Started by somebody who ignores how children end, it knows the command's status all the same."""
        starts = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.executable, {!r})"
        program = starts.format(command("--quiet", "--", sys.executable, "-c", "raise SystemExit(3)"))
        done = subprocess.run([sys.executable, "-c", program], env=CLEAN, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (3, "")

    def test_a_proxy_that_cannot_be_used(self, ran: Runner) -> None:
        """A proxy from before that cannot be used is told before anything is started."""
        done = ran("print('started')", HTTPS_PROXY="socks5://user:secret@127.0.0.1:1")
        assert done.returncode == 1
        assert done.stdout == ""
        assert "HTTPS_PROXY" in done.stderr
        assert "secret" not in done.stderr
        assert "Traceback" not in done.stderr


COUNTS = """
import signal, sys, time
def note(number, frame):
    print(signal.Signals(number).name, flush=True)
    if number == signal.SIGTERM:
        sys.exit(5)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, note)
print("ready", flush=True)
while True:
    signal.pause()
"""
"""A program that prints each signal that it gets; SIGTERM ends it with status 5."""


class TestSignals:
    """Who interrupts us means the command."""

    @pytest.fixture
    def running(self, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
        """A command that has said that it is ready, without a terminal."""
        with subprocess.Popen(
            command("--", sys.executable, "-c", COUNTS),
            env={**CLEAN, "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
            process.kill()

    def test_signals_are_passed_on(self, running: subprocess.Popen[str], tmp_path: Path) -> None:
        """Each signal is passed on once; the command decides when it ends, and with which status."""
        assert running.stdout is not None
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGINT):
            running.send_signal(number)
            assert running.stdout.readline() == f"{number.name}\n"
        running.send_signal(signal.SIGTERM)
        output, errors = running.communicate(timeout=60)
        assert output == "SIGTERM\n"
        assert running.returncode == 5
        assert "Traceback" not in errors
        assert list(tmp_path.iterdir()) == []

    def test_commands_that_die_of_it(self) -> None:
        """A command that a passed-on signal ends is told by its status."""
        program = "import time; print('ready', flush=True); time.sleep(600)"
        with subprocess.Popen(
            command("--quiet", "--", sys.executable, "-c", program),
            env=CLEAN,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 128 + 15

    def test_signals_to_the_whole_group(self) -> None:
        """A signal that the command has got by itself, and died of, is told by its status as well."""
        program = "import time; print('ready', flush=True); time.sleep(600)"
        with subprocess.Popen(
            command("--quiet", "--", sys.executable, "-c", program),
            env=CLEAN,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            os.killpg(process.pid, signal.SIGTERM)
            assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 128 + 15

    async def test_passing_on_takes_no_status(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Passing a signal on does not ask how the command ended: only one can be told, and that is not this one."""
        asked = []
        poll = subprocess.Popen.poll

        def ask(process: subprocess.Popen[bytes]) -> int | None:
            asked.append(process.pid)
            return poll(process)

        monkeypatch.setattr(subprocess.Popen, "poll", ask)
        child = _Child([sys.executable, "-c", "import signal; signal.pause()"])
        running = asyncio.ensure_future(child.run(CLEAN))
        while not child.started:  # noqa: ASYNC110  # a process sets no event
            await asyncio.sleep(0)
        asked.clear()
        child._send(signal.SIGTERM)
        assert asked == []
        await running
        child._send(signal.SIGTERM)  # there is nobody any more
        assert child.status == 128 + 15

    async def test_too_early_to_start(self) -> None:
        """A signal that comes while everything is being set up ends it: the command is not started."""
        child = _Child([sys.executable, "-c", "raise SystemExit(1)"])
        child.listen()
        os.kill(os.getpid(), signal.SIGTERM)
        while not child.interrupted:  # noqa: ASYNC110  # a signal sets no event
            await asyncio.sleep(0)
        await child.run({})
        assert (child.started, child.status) == (False, 128 + 15)

    async def test_nothing_is_left_behind(self) -> None:
        """A command that still runs when something here goes wrong is ended."""
        child = _Child([sys.executable, "-c", "import signal; signal.pause()"])
        running = asyncio.ensure_future(child.run(CLEAN))
        while not child.started:  # noqa: ASYNC110  # nor does a process
            await asyncio.sleep(0)
        await child.end()
        await running
        assert child.status == 128 + 15

    def test_keys_on_a_terminal(self) -> None:
        """Ctrl-C reaches the command once: from the terminal, which tells everybody, and not from us as well."""
        parent, child = pty.openpty()
        program = (
            "import fcntl, os, sys, termios\n"
            "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
            f"os.execv(sys.executable, {command('--', sys.executable, '-c', COUNTS)!r})\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program], env=CLEAN, stdin=child, stdout=child, stderr=child, start_new_session=True
        ) as process:
            os.close(child)
            heard = b""
            while b"ready" not in heard:
                heard += os.read(parent, 1024)
            os.write(parent, b"\x03")
            while b"SIGINT" not in heard:
                heard += os.read(parent, 1024)
            process.send_signal(signal.SIGTERM)
            while chunk := _rest(parent):
                heard += chunk
            assert process.wait(60) == 5
        os.close(parent)
        assert heard.count(b"SIGINT") == 1
        assert b"SIGTERM" in heard
        assert b"Traceback" not in heard


def _rest(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1024)
    except OSError:  # how Linux tells that everybody has closed the other end
        return b""


ITSELF = runpy.run_path(str(REDIRECT / "sitecustomize.py"), run_name="not itself")


class TestSitecustomize:
    """What Python programs run at their start."""

    def test_certifi(self, ran: Runner) -> None:
        """`certifi` names the bundle that the variables name, and reads it."""
        done = ran(
            """
            import certifi, json, os
            from certifi import where
            import certifi.core
            names = ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
            same = {certifi.where(), where(), certifi.core.where(), *(os.environ[name] for name in names)}
            print(json.dumps([len(same), certifi.contents() == open(where()).read()]))
            """
        )
        assert told(done) == [1, True]

    @given(st.sampled_from([*HOSTS, *NAMES]) | st.from_regex(r"[a-z-]{0,9}\.?(mturk|crowd|amazonaws)[a-z0-9.-]*\.com"))
    def test_its_names_are_those_of_the_proxy(self, host: str) -> None:
        """What it refuses is what the proxy does not pass on, but for STS, where nothing is paid."""
        name = host.strip()
        paid = fate_of(name) is not Fate.ELSEWHERE and name not in STS_HOSTS
        assert ITSELF["_is_paid"](name) is paid
        assert ITSELF["_is_paid"](f"{name.upper()}.") is paid

    def test_modules_that_are_there_already(self) -> None:
        """A module that was imported before it, by a .pth file, is changed at once."""
        changed: list[object] = []
        ITSELF["_Changed"]("json", changed.append).install()
        assert changed == [json]

    def test_the_one_from_before_still_runs(self, ran: Runner, tmp_path: Path) -> None:
        """A sitecustomize from before runs as if ours were not there, and what it has on its path is importable."""
        folder = tmp_path / "before"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text("import neighbour\nhere = (__name__, __file__, neighbour.x)\n")
        (folder / "neighbour.py").write_text("x = 7\n")
        done = ran("import json, sitecustomize; print(json.dumps(sitecustomize.here))", PYTHONPATH=str(folder))
        assert told(done) == ["sitecustomize", str(folder / "sitecustomize.py"), 7]

    def test_children_of_the_program(self, ran: Runner) -> None:
        """A run within a run, and the children of a program, come here as well."""
        done = ran(
            f"""
            import subprocess, sys
            program = "import boto3; print(boto3.client('mturk').get_account_balance()['AvailableBalance'])"
            inner = {command("--", sys.executable, "-c")!r}
            subprocess.run([sys.executable, "-c", program], check=True)
            subprocess.run([*inner, program], check=True)
            """
        )
        assert done.stdout == "10000.00\n" * 2, done.stderr
        assert done.stderr.count("GetAccountBalance") == 2


class TestEnvironment:
    """What a program is told, value by value."""

    @pytest.fixture
    def door(self, tmp_path: Path) -> Door:
        """Where to come in."""
        return Door(
            proxy="http://run:hidden@127.0.0.1:1",
            tls="127.0.0.1:3",
            certificate="0a1b",
            market="http://127.0.0.1:2",
            access_key="AKID",
            secret_key="hidden",
            bundle=tmp_path / "bundle.pem",
            added=tmp_path / "added.pem",
            local_file=tmp_path / "local.json",
            keys_file=tmp_path / "credentials",
            config_file=tmp_path / "config",
        )

    def test_everything_leads_here(self, door: Door) -> None:
        """Proxies and certificates are ours, in both spellings; exceptions from before are not the program's."""
        environ = redirected({"NO_PROXY": "*", "no_proxy": ".amazonaws.com", "PATH": "p", "PYTHONPATH": "a"}, door)

        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
            assert environ[name] == door.proxy
        for name in ("NO_PROXY", "no_proxy"):
            assert environ[name] == "localhost,127.0.0.1"
        assert environ["PATH"] == "p"
        assert environ["PYTHONPATH"].endswith(f"redirect{os.pathsep}a")
        assert environ["NODE_EXTRA_CA_CERTS"] == str(door.added)
        assert environ["AIOTURK_LOCAL_FILE"] == str(door.local_file)
        assert environ["AIOTURK_TLS"] == door.tls
        assert environ["AIOTURK_CERTIFICATE"] == door.certificate
        assert environ["AWS_SHARED_CREDENTIALS_FILE"] == str(door.keys_file)
        assert environ["AWS_CONFIG_FILE"] == str(door.config_file)

    def test_the_guard_is_loaded_once(self, door: Door) -> None:
        """A run within a run does not load the guard of Node.js twice."""
        once = redirected({"NODE_OPTIONS": "--title=x"}, door)
        assert once["NODE_OPTIONS"].startswith("--title=x --require ")
        assert redirected(once, door)["NODE_OPTIONS"] == once["NODE_OPTIONS"]

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({}, ("us-east-1", "us-east-1")),
            ({"AWS_DEFAULT_REGION": "a"}, ("a", "a")),
            ({"AWS_REGION": "b"}, ("us-east-1", "b")),
        ],
    )
    def test_regions(self, door: Door, given: dict[str, str], told: tuple[str, str]) -> None:
        """A region is added for those that have none, under the names that SDKs look for."""
        environ = redirected(given, door)
        assert (environ["AWS_DEFAULT_REGION"], environ["AWS_REGION"]) == told

    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"AWS_ENDPOINT_URL_MTURK": SANDBOX},
            {"AWS_ENDPOINT_URL": "https://mturk-requester.us-east-1.amazonaws.com/"},
            {"AIOTURK_ENVIRONMENT": "sandbox"},
        ],
    )
    def test_addresses_that_come_here_anyway(self, door: Door, given: dict[str, str]) -> None:
        """Amazon's addresses stay as they are, because they tell production from the sandbox."""
        environ = redirected(given, door)
        names = ("AWS_ENDPOINT_URL_MTURK", "AWS_ENDPOINT_URL", "AIOTURK_ENVIRONMENT")
        assert {name: environ[name] for name in names if name in environ} == given

    @pytest.mark.parametrize(
        "given",
        [
            {"AWS_ENDPOINT_URL_MTURK": "http://127.0.0.1:7700"},
            {"AWS_ENDPOINT_URL": "http://localhost:4566"},
            {"AWS_ENDPOINT_URL_MTURK": "https://mturk-requester.eu-west-1.amazonaws.com"},
            {"AWS_ENDPOINT_URL_MTURK": "https://[broken"},
        ],
    )
    def test_other_addresses_give_way(self, door: Door, given: dict[str, str]) -> None:
        """Any other address for Mechanical Turk gives way to the marketplace's; other services keep theirs."""
        environ = redirected(given, door)
        assert environ["AWS_ENDPOINT_URL_MTURK"] == door.market
        assert environ.get("AWS_ENDPOINT_URL") == given.get("AWS_ENDPOINT_URL")

    def test_our_own_environment_gives_way(self, door: Door) -> None:
        """An address for our own client gives way, too."""
        assert redirected({"AIOTURK_ENVIRONMENT": "http://127.0.0.1:7700"}, door)["AIOTURK_ENVIRONMENT"] == "local"

    def test_keys_of_others(self, door: Door) -> None:
        """Whatever would choose other keys is taken away, unless the program is to keep its own."""
        names = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]
        before = dict.fromkeys([*names, "AWS_CREDENTIAL_EXPIRATION"], "x")
        assert not before.keys() & redirected(before, door).keys()
        assert before.items() <= redirected(before, door, credentials=False).items()

    def test_the_secret_is_not_shown(self, door: Door) -> None:
        """The secret does not come out with the door."""
        assert "hidden" not in repr(door)

    def test_files_belong_to_their_owner(self, ran: Runner) -> None:
        """What is written for the program is closed to others, the file with the keys above all."""
        done = ran(
            """
            import json, os
            local = os.environ["AIOTURK_LOCAL_FILE"]
            print(json.dumps([os.stat(local).st_mode, os.stat(os.path.dirname(local)).st_mode]))
            """
        )
        assert [stat.S_IMODE(mode) for mode in told(done)] == [0o600, 0o700]


class TestTally:
    """The summary."""

    def test_calls_are_counted(self) -> None:
        """Calls are listed by name, with those that were refused; an answer that got lost is no refusal."""
        tally = Tally()
        for call, status in [("GetHIT", 200), ("CreateHIT", None), ("GetHIT", 400), ("GetHIT", 500)]:
            tally(call, status)
        assert tally.summary().splitlines() == [
            "aioturk: 4 calls to the marketplace, 2 refused",
            "  CreateHIT       1",
            "  GetHIT          3, 2 refused",
        ]

    def test_one_call(self) -> None:
        """One is one."""
        tally = Tally()
        tally("GetHIT", 200)
        assert tally.summary().startswith("aioturk: 1 call to the marketplace\n")
