"""What a host name tells by itself, without asking any name server."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

__all__ = ["is_loopback"]


def is_loopback(host: str) -> bool:
    """
    Whether a host is this computer: ``localhost`` and names below it, 127.0.0.0/8, ::1, also as an IPv4-mapped address.

    Args:
        host: A name or an address, lower-case, without brackets and port.
    """
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
