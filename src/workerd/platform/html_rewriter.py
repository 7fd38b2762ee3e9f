"""HTMLRewriter's parser: lol-html, compiled to WebAssembly, from the npm package lol-html."""

from __future__ import annotations

from workerd.platform.bundles import DIST, BundleError
from workerd.platform.ops import OpContext, op


@op("html_rewriter.wasm")
def wasm(_ctx: OpContext) -> bytes:
    """The module's bytes. Asked for once by each worker that rewrites HTML; V8 compiles the same bytes only once."""
    path = DIST / "lol_html.wasm"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BundleError(f"{path} is missing: run `python tools/build.py js`") from None
