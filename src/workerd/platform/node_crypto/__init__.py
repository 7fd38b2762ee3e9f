"""Operations of node:crypto: what needs OpenSSL. Arguments are checked by platform/js/node/crypto; what is refused here is
refused with Node's code in the `code` of the error (see errors.py).

Keys cross as DER: PKCS #8 for private, SubjectPublicKeyInfo for public ones; secret keys as their bytes.
"""

from workerd.platform.node_crypto import certificates, ciphers, dh, hashing, kdf, keys, primes, signing, spkac

__all__ = ["certificates", "ciphers", "dh", "hashing", "kdf", "keys", "primes", "signing", "spkac"]
