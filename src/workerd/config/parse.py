"""Runs Cap'n Proto's parser over a prepared text config, in a process of its own.

The parser reports a mistake by throwing a C++ exception which pycapnp (2.2) does not expect: it ends the process. So it
runs in a child, which costs a millisecond, and what the dying child says is the error message. A child that lives
answers with the encoded message of the chosen constant.
"""

from __future__ import annotations

import marshal
import os
import re
import sys
import threading
from typing import Any

from workerd.config.errors import ConfigError
from workerd.config.textfiles import SourceFile, TextFiles

#: Id of the schema's `Config`.
CONFIG_ID = 0x8794486C76AAA7D6

_MESSAGE = re.compile(r"what\(\):\s+(\S*?):(\d+): failed: (.*)", re.DOTALL)


def parse(files: TextFiles, const_name: str | None) -> tuple[str, bytes]:
    """The chosen constant's name and its value as an encoded message. ConfigError when there is none."""
    import capnp  # noqa: F401  (here, so that a forked child finds it loaded)

    single = threading.active_count() == 1
    status, result, said = (_forked if single else _spawned)(files.root.copy, const_name)
    if result is not None:
        kind, payload = result
        if kind != "ok":
            raise ConfigError(f"{files.root.source.path}: {payload}")
        name, message = payload
        return name, message
    raise ConfigError(_explain(said, status, files))


def child(copy: str, const_name: str | None) -> tuple[str, Any]:
    """What the child does: ("ok", (constant's name, message)) or ("error", message)."""
    import capnp
    from capnp.lib.capnp import KjException

    parser = capnp.SchemaParser()
    schema = parser._parse_disk_file("config", copy, [os.path.dirname(copy), "/"])
    try:
        name, node = _choose(schema, const_name)
        return "ok", (name, node.as_const_value().as_builder().to_bytes())
    except LookupError as error:
        return "error", str(error.args[0])
    except KjException as error:
        return "error", str(error)


def _choose(schema: Any, const_name: str | None) -> tuple[str, Any]:
    if const_name is not None:
        node = schema
        *parents, last = const_name.split(".")
        for parent in parents:
            if parent not in _nested(node):
                raise LookupError(
                    f"{const_name}: No such constant is defined in the config file (the parent scope '{parent}' does "
                    "not exist)."
                )
            node = node.get_nested(parent)
        if last not in _nested(node):
            raise LookupError(f"{const_name}: No such constant is defined in the config file.")
        node = node.get_nested(last)
        if not node.get_proto().isConst:
            raise LookupError(f"{const_name}: Symbol is not a constant.")
        if not _is_config(node):
            raise LookupError(f"{const_name}: Constant is not of type 'Config'.")
        return const_name, node
    constants = {
        name: node
        for name in _nested(schema)
        if (node := schema.get_nested(name)).get_proto().isConst and _is_config(node)
    }
    if not constants:
        raise LookupError("The config file does not define any top-level constants of type 'Config'.")
    if len(constants) > 1:
        raise LookupError(
            "The config file defines multiple top-level constants of type 'Config', so you must specify which one to "
            f"use. The options are: {', '.join(constants)}"
        )
    return next(iter(constants.items()))


def _nested(schema: Any) -> list[str]:
    return [node.name for node in schema.get_proto().nestedNodes]


def _is_config(node: Any) -> bool:
    try:
        value = node.as_const_value()
    except UnicodeDecodeError:
        return False  # a Text constant that is no text: certainly not a Config
    schema = getattr(value, "schema", None)
    return schema is not None and hasattr(schema, "node") and schema.node.id == CONFIG_ID


Outcome = tuple[int, "tuple[str, Any] | None", str]


def _forked(copy: str, const_name: str | None) -> Outcome:
    result_read, result_write = os.pipe()
    said_read, said_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.dup2(said_write, 2)
            _die_quietly()
            _write_all(result_write, marshal.dumps(child(copy, const_name)))
            status = 0
        finally:
            os._exit(status)
    os.close(result_write)
    os.close(said_write)
    result = _read_all(result_read)
    said = _read_all(said_read)
    _, status = os.waitpid(pid, 0)
    return status, marshal.loads(result) if status == 0 else None, said.decode(errors="replace")


def _spawned(copy: str, const_name: str | None) -> Outcome:
    """For when this process has threads, which a fork would leave in an undefined state."""
    import subprocess

    prefix = "/proc/self/fd/"
    done = subprocess.run(
        [sys.executable, "-m", "workerd.config.parse", copy, *([] if const_name is None else [const_name])],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        pass_fds=[int(name) for name in os.listdir(prefix) if _is_copy(prefix + name)]
        if copy.startswith(prefix)
        else (),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    result = marshal.loads(done.stdout) if done.returncode == 0 else None
    return done.returncode, result, done.stderr.decode(errors="replace")


def _is_copy(link: str) -> bool:
    try:
        return os.readlink(link).startswith("/memfd:workerd-config")
    except OSError:
        return False  # closed meanwhile


def _die_quietly() -> None:
    """No core dump, and no Python traceback from faulthandler: dying is how the parser says no."""
    import resource

    if "faulthandler" in sys.modules:
        sys.modules["faulthandler"].disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _read_all(fd: int) -> bytes:
    with open(fd, "rb") as stream:
        return stream.read()


def _explain(said: str, status: int, files: TextFiles) -> str:
    """The parser's last words, with the place found again in the file that people know."""
    match = _MESSAGE.search(said)
    if match is None:
        return f"{files.root.source.path}: The parser failed (status {status}): {said.strip() or 'it said nothing'}"
    path, line, message = match[1], int(match[2]) + 1, match[3].strip().split("\nstack:")[0]
    file = files.by_copy(path)
    if file is None:
        return f"/{path}:{line}: {message}"
    return f"{_where(file, line, message)}: {message}"


def _where(file: SourceFile, line: int, message: str) -> str:
    """`path:line:column` or, when the wrong word is known, `path:line:column-end`.

    The parser tells no column; what the message quotes is looked for in the line.
    """
    source = file.source
    line = min(line, source.line_count)
    text = source.line(line)
    quoted = re.search(r"'([^']+)'|: (\S+)$", message)
    start = source.line_start(line)
    if quoted:
        what = quoted[1] or quoted[2]
        for token in file.tokens:
            if start <= token.start <= start + len(text) and token.text in (what, what.split(".")[-1]):
                return f"{source.where(token.start)}-{source.place(token.end)[1]}"
    return source.where(start + len(text) - len(text.lstrip()))


if __name__ == "__main__":
    _die_quietly()
    _write_all(1, marshal.dumps(child(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)))
