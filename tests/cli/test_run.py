"""``aioturk marketplace run``: unmodified programs, as processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from aioturk.cli.run import Tally, _Child
from aioturk.marketplace.redirect import Door, redirected

SANDBOX = "https://mturk-requester-sandbox.us-east-1.amazonaws.com"
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.upper().startswith(("AWS_", "AIOTURK_")) and not name.upper().endswith("_PROXY")
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

    def run(program: str, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "program.py"
        file.write_text(textwrap.dedent(program))
        return subprocess.run(
            command(*options, "--", sys.executable, str(file)),
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
            proxy="http://127.0.0.1:1",
            market="http://127.0.0.1:2",
            access_key="AKID",
            secret_key="hidden",
            bundle=tmp_path / "bundle.pem",
            added=tmp_path / "added.pem",
            local_file=tmp_path / "local.json",
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
