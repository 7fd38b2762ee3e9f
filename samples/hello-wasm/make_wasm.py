#!/usr/bin/env python3
"""Writes greet.wasm: a module that puts "Hello, ", a name and "!" together in its memory.

In the text format it would read

    (module
      (memory (export "memory") 1)
      (global (export "NAME") i32 (i32.const 0))           ;; where the name goes
      (global (export "MAX_NAME") i32 (i32.const 1024))    ;; its most bytes
      (global (export "GREETING") i32 (i32.const 2048))    ;; where the greeting is found
      (data (i32.const 2048) "Hello, ")
      (func (export "greet") (param $length i32) (result i32)
        (memory.copy (i32.const 2055) (i32.const 0) (local.get $length))
        (i32.store16 (i32.add (i32.const 2055) (local.get $length)) (i32.const 0x0a21))  ;; "!\\n"
        (i32.add (local.get $length) (i32.const 9))))
"""

from __future__ import annotations

from pathlib import Path

I32 = 0x7F
NAME, MAX_NAME, GREETING = 0, 1024, 2048
HELLO = b"Hello, "


def unsigned(number: int) -> bytes:
    """LEB128, for sizes and indexes."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def signed(number: int) -> bytes:
    """LEB128 of a number that is not negative, for constants: the last byte's bit 6 is its sign."""
    out = bytearray()
    while number >= 0x40:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def vector(*items: bytes) -> bytes:
    return unsigned(len(items)) + b"".join(items)


def text(value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return unsigned(len(data)) + data


def section(number: int, content: bytes) -> bytes:
    return bytes([number]) + text(content)


def const(number: int) -> bytes:
    return b"\x41" + signed(number)


END, LENGTH, ADD = b"\x0b", b"\x20\x00", b"\x6a"
MEMORY_COPY, STORE16 = b"\xfc\x0a\x00\x00", b"\x3b\x00\x00"


def export(name: str, kind: int, index: int) -> bytes:
    return text(name) + bytes([kind]) + unsigned(index)


def module() -> bytes:
    after_hello = GREETING + len(HELLO)
    greet = (
        const(after_hello) + const(NAME) + LENGTH + MEMORY_COPY
        + const(after_hello) + LENGTH + ADD + const(int.from_bytes(b"!\n", "little")) + STORE16
        + LENGTH + const(len(HELLO) + 2) + ADD
        + END
    )  # fmt: skip
    global_values = (NAME, MAX_NAME, GREETING)
    exports = [export(name, 3, index) for index, name in enumerate(("NAME", "MAX_NAME", "GREETING"))]
    return b"".join(
        (
            b"\0asm\1\0\0\0",
            section(1, vector(b"\x60" + vector(bytes([I32])) + vector(bytes([I32])))),  # types
            section(3, vector(unsigned(0))),  # functions
            section(5, vector(b"\x00" + unsigned(1))),  # one page of memory
            section(6, vector(*(bytes([I32, 0]) + const(value) + END for value in global_values))),
            section(7, vector(export("memory", 2, 0), export("greet", 0, 0), *exports)),
            section(10, vector(text(vector() + greet))),  # code, without locals
            section(11, vector(b"\x00" + const(GREETING) + END + text(HELLO))),  # data
        )
    )


if __name__ == "__main__":
    Path(__file__).with_name("greet.wasm").write_bytes(module())
