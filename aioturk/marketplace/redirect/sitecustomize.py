"""
What Python runs at its start under ``aioturk marketplace run``, in every Python program and its children.

It does two things. `certifi.where()` becomes the bundle that trusts the marketplace too, for programs that ask nothing
else. And a program that goes past the proxy, whatever its reasons, cannot reach Mechanical Turk: it gets an OSError.
Then it hands over to the `sitecustomize` that would have run without it.

It runs in other people's interpreters, perhaps older than ours and without our packages: so it imports only what Python
has loaded by then, and knows nothing of `aioturk`.
"""

import errno
import importlib.machinery
import importlib.util
import os
import sys
import types

__all__ = []  # type: list[str]

_LOOKUPS = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0, "socket.connect": 1}
"""Events of `socket`, and which of their arguments names the host."""


class _Certifi:
    """Finds `certifi.core`, in which `where` is at home, when it is imported, and puts our own `where` there."""

    def __init__(self, bundle: str) -> None:
        self.bundle = bundle

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        """Answer for that one module only."""
        if name != "certifi.core":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                execute(module)
                module.__dict__.update(where=self.where, contents=self.contents)

            setattr(spec.loader, "exec_module", exec_module)  # noqa: B010  # a method, which type checkers guard
        return spec

    def where(self) -> str:
        """Tell where the certificates are."""
        return self.bundle

    def contents(self) -> str:
        """Read them."""
        with open(self.bundle, encoding="ascii") as file:  # noqa: PTH123
            return file.read()


def _guard(event: str, arguments: tuple) -> None:  # type: ignore[type-arg]
    """Refuse to look up a host of Mechanical Turk: through the proxy nobody has to."""
    position = _LOOKUPS.get(event)
    if position is None:
        return
    host = arguments[position]
    if isinstance(host, tuple) and host:
        host = host[0]
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    if not isinstance(host, str):
        return
    name = host.lower()
    if name.startswith("mturk-requester") and ".amazonaws." in name:
        raise OSError(
            errno.EACCES,
            "aioturk marketplace run: nothing was sent to " + host + ", because this program goes past the proxy that "
            "leads to the marketplace. Let it use HTTPS_PROXY (aiohttp: trust_env=True).",
        )


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
        sys.meta_path.insert(0, _Certifi(os.environ["AIOTURK_CA_BUNDLE"]))  # type: ignore[arg-type]
        if hasattr(sys, "addaudithook"):  # since Python 3.8
            sys.addaudithook(_guard)
    _hand_over()
