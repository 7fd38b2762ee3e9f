"""workerd: a JavaScript/Wasm server runtime for code written for Cloudflare Workers, hosted by Python."""

from workerd.version import RELEASE_DATE

__all__ = ["RELEASE_DATE"]
