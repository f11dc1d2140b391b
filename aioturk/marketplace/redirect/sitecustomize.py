"""
What Python runs at its start under ``aioturk marketplace run``, in every Python program and its children.

It does three things. `certifi.where()` becomes the bundle that trusts the marketplace too, for programs that ask
nothing else. A program that goes past the proxy, whatever its reasons, cannot look up Mechanical Turk: it gets an
OSError. And whoever gets there nevertheless, through a proxy or a resolver of their own, is stopped when TLS has shown
who answers, before a byte of the request is sent: the marketplace's certificate, or none. Then it hands over to the
`sitecustomize` that would have run without it.

It is a rail and no wall. It does not see what another Python does that leaves it out (``-I``, ``-E``, ``-S``, an
environment of its own), nor TLS that is not Python's (pyOpenSSL, gevent, pycurl).

It runs in other people's interpreters, perhaps older than ours and without our packages: so it is written in plain
Python, and knows nothing of `aioturk`.
"""

import errno
import importlib.machinery
import importlib.util
import os
import re
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.machinery import ModuleSpec
    from typing import Any

__all__ = []  # type: list[str]

_LOOKUPS = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.connect": 1}
"""Events of `socket`, and which of their arguments names the host."""

_AMAZON = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_PAID = re.compile(r"(.*\.)?mturk-requester.*|(.*\.)?mechanicalturk\..*|crowd\.[a-z]+(-[a-z]+)+-[0-9]+\..*")
"""The names of `aioturk.marketplace.proxy` that are not passed on, but for those of STS, where nothing costs money."""

_PAID_IN_CERTIFICATE = re.compile(rb"mturk-requester[a-z0-9.-]*\.(amazonaws\.com|api\.aws)")


def _is_paid(name: str) -> bool:
    name = name.lower().rstrip(".")
    if name.endswith(_AMAZON):
        return _PAID.fullmatch(name) is not None
    return name == "mturk.com" or name.endswith(".mturk.com")


def _sentence(host: str) -> str:
    return (
        "aioturk marketplace run: nothing was sent to " + host + ", because this program goes past the proxy that "
        "leads to the marketplace. Let it use HTTPS_PROXY (aiohttp: trust_env=True), and no other proxy."
    )


class _Changed:
    """
    Finds a module as it would have been found without us, and changes it as soon as it is loaded.

    Args:
        name: Its name.
        change: Is called with it.
    """

    def __init__(self, name: str, change: "Callable[[types.ModuleType], None]") -> None:
        self.name = name
        self.change = change

    def find_spec(self, name: str, path: "Iterable[str] | None" = None, target: object = None) -> "ModuleSpec | None":
        """Answer for that one module only."""
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                execute(module)
                self.change(module)

            setattr(spec.loader, "exec_module", exec_module)  # noqa: B010  # a method, which type checkers guard
        return spec

    def install(self) -> None:
        """Change the module: now, if some .pth file has imported it already, or when it comes."""
        if self.name in sys.modules:
            self.change(sys.modules[self.name])
        else:
            sys.meta_path.insert(0, self)


class _Certificates:
    """
    Puts our own answers into `certifi.core`, where `certifi.where` is at home.

    Args:
        bundle: The file of certificates.
    """

    def __init__(self, bundle: str) -> None:
        self.bundle = bundle

    def __call__(self, core: types.ModuleType) -> None:
        """Change the module, and the package if it has taken the functions over already."""
        for module in (core, sys.modules.get("certifi")):
            if module is not None and hasattr(module, "where"):
                module.__dict__.update(where=self.where, contents=self.contents)

    def where(self) -> str:
        """Tell where the certificates are."""
        return self.bundle

    def contents(self) -> str:
        """Read them."""
        with open(self.bundle, encoding="ascii") as file:  # noqa: PTH123
            return file.read()


class _Pin:
    """
    Has `ssl` accept our own certificate, and no other, from whoever answers as Mechanical Turk.

    Args:
        fingerprint: The certificate's SHA-256, in hexadecimal digits.
    """

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint

    def __call__(self, ssl: types.ModuleType) -> None:
        """Change the module: a socket of it, and the object that asyncio and others use in place of one."""
        refusal = getattr(ssl, "SSLCertVerificationError", ssl.SSLError)  # the former since Python 3.7
        for kind in (ssl.SSLSocket, ssl.SSLObject):
            kind.do_handshake = self.checked(kind.do_handshake, refusal)
        # OpenSSL shakes hands by itself with whoever writes first.
        ssl.SSLObject.write = _after_handshake(ssl.SSLObject.write)
        ssl.SSLSocket.write = _after_handshake(ssl.SSLSocket.write)
        ssl.SSLSocket.send = _after_handshake(ssl.SSLSocket.send)

    def checked(self, do_handshake: "Callable[..., None]", refusal: "type[OSError]") -> "Callable[..., None]":
        """Return a `do_handshake` that looks at what it was shown."""

        def do_handshake_and_check(this: "Any", *arguments: object, **options: object) -> None:
            do_handshake(this, *arguments, **options)
            if not this.server_side:
                host = self.impostor(this.server_hostname, this.getpeercert(True))
                if host is not None:
                    raise refusal(1, _sentence(host))
            this._aioturk_checked = True

        return do_handshake_and_check

    def impostor(self, name: "str | None", certificate: "bytes | None") -> "str | None":
        """Return the name of the paid host that this seems to be, by the name asked for or by what was shown."""
        import hashlib

        if certificate is not None and hashlib.sha256(certificate).hexdigest() == self.fingerprint:
            return None
        if name is not None and _is_paid(name):
            return name
        found = _PAID_IN_CERTIFICATE.search(certificate or b"")
        return found.group().decode() if found else None


def _after_handshake(write: "Callable[..., int]") -> "Callable[..., int]":
    """Return a method that sends nothing before `do_handshake` has looked."""

    def write_after_handshake(this: "Any", *arguments: object, **options: object) -> int:
        # A socket that is not TLS yet has no _sslobj, and says so by itself.
        if this._sslobj is not None and not getattr(this, "_aioturk_checked", False):
            this.do_handshake()
        return write(this, *arguments, **options)

    return write_after_handshake


def _guard(event: str, arguments: "tuple[Any, ...]") -> None:
    """Refuse to look up a host of Mechanical Turk: through the proxy nobody has to."""
    position = _LOOKUPS.get(event)
    if position is None:
        return
    host = arguments[position]
    if isinstance(host, tuple) and host:
        host = host[0]
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    if isinstance(host, str) and _is_paid(host):
        raise OSError(errno.EACCES, _sentence(host))


def _hand_over() -> None:
    """Run the `sitecustomize` that was found before, as if ours were not there."""
    here = os.path.realpath(os.path.dirname(__file__))  # noqa: PTH120
    elsewhere = [place for place in sys.path if os.path.realpath(place) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if __name__ == "sitecustomize":
    if os.environ.get("AIOTURK_CA_BUNDLE"):
        _Changed("certifi.core", _Certificates(os.environ["AIOTURK_CA_BUNDLE"])).install()
        if os.environ.get("AIOTURK_CERTIFICATE"):
            _Changed("ssl", _Pin(os.environ["AIOTURK_CERTIFICATE"])).install()
        if hasattr(sys, "addaudithook"):  # since Python 3.8
            sys.addaudithook(_guard)
    _hand_over()
