"""Operations of WebCrypto: what needs OpenSSL. Arguments are checked, and messages made, by platform/js/crypto.

Keys are passed as their bytes: symmetric ones raw, private ones as PKCS #8 and public ones as SubjectPublicKeyInfo,
both DER. Nothing has to be freed, and a cache of parsed keys (keys.py) makes a second use of the same key cheap.

Every operation exists twice: `crypto.<name>` works at once, `crypto.<name>.threaded` leaves the thread and gives a
promise. Which one is used depends on the size of the work and is JS's choice.
"""

from workerd.platform.crypto import aes, chacha, digest, elliptic, kdf, keys, mac, okp, post_quantum, rsa

__all__ = ["aes", "chacha", "digest", "elliptic", "kdf", "keys", "mac", "okp", "post_quantum", "rsa"]
