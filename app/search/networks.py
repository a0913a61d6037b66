"""Tells public addresses of the internet from those that only this machine's networks reach."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from models.errors import LikenessError

Address = IPv4Address | IPv6Address
Network = str
"""As ipaddress.ip_network takes it."""

NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared by customers of a provider
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local, among them the clouds' own services
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
            "2001::/23",  # Teredo and other protocols
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "3fff::/20",
        ),
    )
)
"""Of the IANA's registries of special-purpose addresses; RFC 6890."""
GLOBAL = ip_network("2000::/3")
"""All of IPv6 that is given to anybody; RFC 4291, section 2.4."""
NAT64 = ip_network("64:ff9b::/96")


class AddressRefused(LikenessError):
    """An address that is not fetched from, whatever is there."""


def is_public(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Tell whether an address is one of the public internet.

    Args:
        address: resolved.
        allowed: networks that count as public.
    """
    if any(address in ip_network(network) for network in allowed):
        return True
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped, allowed)
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF), allowed)
        if address not in GLOBAL:
            return False
    return not any(address in network for network in NOT_PUBLIC)


def require_public(addresses: Sequence[str], what: str, allowed: Sequence[Network] = ()) -> None:
    """Refuse a name of which any address is not public.

    Args:
        addresses: to which it was resolved; an IPv6 scope may follow after "%".
        what: the address that was asked for.
        allowed: networks that count as public.

    Raises:
        AddressRefused: without telling what it was resolved to.
    """
    for address in addresses:
        if not is_public(ip_address(address.partition("%")[0]), allowed):
            raise AddressRefused(
                f"{what} does not lead to the public internet. Download the picture, and send it."
            )
