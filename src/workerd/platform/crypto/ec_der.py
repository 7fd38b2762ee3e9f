"""The DER of keys on the NIST curves (RFC 5480, RFC 5958) as OpenSSL writes it: the numbers stand at fixed places.

Encoding a key by OpenSSL and looking its numbers up costs more than most of what is done with keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Layout:
    curve: ec.EllipticCurve
    size: int  # of a number, in bytes
    private_head: bytes  # before the private number
    private_middle: bytes  # between it and the point
    public_head: bytes  # before the point

    def private_der(self, secret: bytes, point: bytes) -> bytes:
        """PKCS #8. `secret`: `size` bytes; `point`: not compressed."""
        return self.private_head + secret + self.private_middle + point

    def public_der(self, point: bytes) -> bytes:
        """SubjectPublicKeyInfo."""
        return self.public_head + point

    def point(self, der: bytes) -> bytes:
        """The point of a key of either kind: 4, x, y."""
        return der[-1 - 2 * self.size :]

    def secret(self, der: bytes) -> bytes:
        start = len(self.private_head)
        return der[start : start + self.size]


LAYOUTS = {
    "P-256": Layout(
        ec.SECP256R1(),
        32,
        bytes.fromhex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420"),
        bytes.fromhex("a144034200"),
        bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200"),
    ),
    "P-384": Layout(
        ec.SECP384R1(),
        48,
        bytes.fromhex("3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430"),
        bytes.fromhex("a164036200"),
        bytes.fromhex("3076301006072a8648ce3d020106052b81040022036200"),
    ),
    "P-521": Layout(
        ec.SECP521R1(),
        66,
        bytes.fromhex("3081ee020100301006072a8648ce3d020106052b810400230481d63081d30201010442"),
        bytes.fromhex("a1818903818600"),
        bytes.fromhex("30819b301006072a8648ce3d020106052b8104002303818600"),
    ),
}

_BY_LENGTH: dict[int, Layout] = {}
for _layout in LAYOUTS.values():
    _point = 1 + 2 * _layout.size
    _BY_LENGTH[len(_layout.public_head) + _point] = _layout
    _BY_LENGTH[len(_layout.private_head) + _layout.size + len(_layout.private_middle) + _point] = _layout


def layout_of(der: bytes) -> Layout:
    """Of a key that this package has made or checked."""
    return _BY_LENGTH[len(der)]


def public_layout(der: bytes) -> tuple[str, Layout] | None:
    """The curve and layout of a SubjectPublicKeyInfo of anybody's making, if it is written in this way."""
    for name, layout in LAYOUTS.items():
        size = len(layout.public_head)
        if der.startswith(layout.public_head) and len(der) == size + 1 + 2 * layout.size and der[size] == 4:
            return name, layout
    return None
