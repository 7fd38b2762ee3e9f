from __future__ import annotations

import pytest

from workerd.services.filter import FilterError, NetworkFilter

PUBLIC = ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "192.169.0.1"]
LOCAL = ["127.0.0.1", "127.255.0.9", "::1", "0.0.0.0", "::"]
PRIVATE = [
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "fd00::1",
    "fe80::1",
    "fe80::1%eth0",
]
RESERVED = ["224.0.0.1", "240.0.0.1", "255.255.255.255", "ff02::1", "192.0.2.7", "2001:db8::1"]


@pytest.mark.parametrize("host", PUBLIC)
def test_public(host: str) -> None:
    assert NetworkFilter(["public"]).allows(host)
    assert NetworkFilter(["network"]).allows(host)
    assert not NetworkFilter(["private"]).allows(host)


@pytest.mark.parametrize("host", PRIVATE)
def test_private(host: str) -> None:
    assert not NetworkFilter(["public"]).allows(host)
    assert NetworkFilter(["private"]).allows(host)
    assert NetworkFilter(["network"]).allows(host)
    assert not NetworkFilter(["local"]).allows(host)


@pytest.mark.parametrize("host", LOCAL)
def test_local(host: str) -> None:
    assert not NetworkFilter(["public"]).allows(host)
    assert not NetworkFilter(["network"]).allows(host)
    assert NetworkFilter(["local"]).allows(host)
    assert NetworkFilter(["private"]).allows(host)


@pytest.mark.parametrize("host", RESERVED)
def test_reserved_addresses_need_a_block_of_their_own(host: str) -> None:
    assert not NetworkFilter(["public", "private", "network"]).allows(host)
    assert NetworkFilter(["public", f"{host}/{128 if ':' in host else 32}"]).allows(host)


@pytest.mark.parametrize(
    "disguise",
    [
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::10.0.0.1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "::127.0.0.1",
        "fe80::5efe:7f00:1",
        "2001:0:1:1:0:0:80ff:fffe",  # Teredo: the client's address is the complement of the last 32 bits
    ],
)
def test_an_ipv4_address_in_disguise_is_judged_as_ipv4(disguise: str) -> None:
    assert not NetworkFilter(["public"]).allows(disguise)


def test_public_addresses_in_disguise_pass() -> None:
    public = NetworkFilter(["public"])
    assert public.allows("::ffff:1.1.1.1")
    assert public.allows("64:ff9b::101:101")


def test_mapped_addresses_match_ipv4_blocks() -> None:
    assert NetworkFilter(["192.168.0.0/16"]).allows("::ffff:192.168.3.4")
    assert NetworkFilter(["::ffff:192.168.0.0/112"]).allows("192.168.3.4")
    assert not NetworkFilter(["public"], ["1.1.1.0/24"]).allows("::ffff:1.1.1.1")


def test_the_narrower_rule_wins_and_a_tie_is_denied() -> None:
    assert not NetworkFilter(["public"], ["1.1.1.0/24"]).allows("1.1.1.1")
    assert NetworkFilter(["1.1.1.1/32"], ["1.1.1.0/24"]).allows("1.1.1.1")
    assert not NetworkFilter(["1.1.0.0/16"], ["1.1.1.0/24"]).allows("1.1.1.1")
    assert NetworkFilter(["1.1.0.0/16"], ["1.1.1.0/24"]).allows("1.1.2.1")
    assert not NetworkFilter(["1.1.1.0/24"], ["1.1.1.0/24"]).allows("1.1.1.1")
    assert not NetworkFilter(["private"], ["private"]).allows("10.0.0.1")
    assert NetworkFilter(["private"], ["local"]).allows("10.0.0.1")
    assert not NetworkFilter(["private"], ["local"]).allows("127.0.0.1")


def test_what_is_no_address_is_refused() -> None:
    for text in ("localhost", "", "1.1.1", "1.1.1.1:80", "0x7f.1"):
        assert not NetworkFilter(["public", "private", "0.0.0.0/0", "::/0"]).allows(text)


def test_unix() -> None:
    assert not NetworkFilter(["public", "private"]).unix
    assert NetworkFilter(["unix"]).unix
    assert not NetworkFilter(["unix"]).unix_abstract
    assert NetworkFilter(["unix-abstract"]).unix_abstract


@pytest.mark.parametrize("rule", ["Public", "10.0.0.0/33", "example.com", "10.0.0.0/8 ", "", "1.2.3.4.5"])
def test_rules_that_are_none(rule: str) -> None:
    with pytest.raises(FilterError, match="neither a CIDR block"):
        NetworkFilter([rule])
    with pytest.raises(FilterError):
        NetworkFilter([], [rule])


def test_what_cannot_be_denied() -> None:
    with pytest.raises(FilterError, match='allow "private" instead'):
        NetworkFilter(["public"], ["public"])
