"""Errors that JS sees with a class and a code."""

from __future__ import annotations

from workerd.engine.errors import NamedError


def error(message: str, code: str | None = None, kind: str = "Error") -> NamedError:
    """An error of the JS class `kind`. With a code the message is "[CODE] text", which JS takes apart; see
    platform/js/node/crypto/ops.ts."""
    return NamedError(kind, f"[{code}] {message}" if code is not None else message)
