"""`workerd doctor`: versions, limits, and whether what `serve` needs is there and works."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator

from workerd.version import RELEASE_DATE

#: What `serve` cannot do without, and what it does better with.
_NEEDED = ("mini-racer", "pycapnp", "cryptography")
_WANTED = ("uvloop", "httptools", "h2")


class _CheckError(Exception):
    """A check that failed: what is wrong and what to do."""


def doctor() -> int:
    print(f"workerd {RELEASE_DATE}")
    for name, value in _facts():
        print(f"  {name:<22} {value}")
    print("\nChecks")
    failed = 0
    for name, check in _CHECKS.items():
        try:
            result = check()
        except _CheckError as failure:
            failed += 1
            print(f"  FAIL  {name}: {failure}")
        except Exception as error:
            failed += 1
            print(f"  FAIL  {name}: {type(error).__name__}: {error}")
        else:
            print(f"  ok    {name}: {result}")
    if failed:
        print(f"\n{failed} of {len(_CHECKS)} checks failed.")
    return 1 if failed else 0


def _facts() -> Iterator[tuple[str, str]]:
    yield "Python", f"{platform.python_version()} ({platform.python_implementation()}, {sys.executable})"
    yield "system", f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} processors"
    for name in (*_NEEDED, *_WANTED):
        yield name, _version(name) or "not installed"
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield "open files", f"{_limit(files)} (may be raised to {_limit(most)})"
    yield "address space", _limit(resource.getrlimit(resource.RLIMIT_AS)[0])
    yield "core dumps", _limit(resource.getrlimit(resource.RLIMIT_CORE)[0])
    yield from _worker_limits()
    yield "import path", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _worker_limits() -> Iterator[tuple[str, str]]:
    """What one Worker may use, and the variables that change it."""
    from workerd.runtime.limits import from_environment

    try:
        limits = from_environment()
    except ValueError as error:
        yield "limits of Workers", f"wrong: {error}"
        return
    yield "heap of a Worker", f"{limits.heap // 2**20} MiB (WORKERD_HEAP_LIMIT_MB)"
    yield "buffers of a Worker", f"{limits.buffers // 2**20} MiB (WORKERD_BUFFER_LIMIT_MB)"
    yield "time at a stretch", f"{limits.turn_ms:g} ms (WORKERD_CPU_LIMIT_MS)"
    yield "time to start", f"{limits.startup_ms:g} ms (WORKERD_STARTUP_LIMIT_MS)"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _limit(value: int) -> str:
    return "unlimited" if value == resource.RLIM_INFINITY else f"{value:,}"


# ---- checks: each gives what it found, or raises


def _packages() -> str:
    missing = [name for name in _NEEDED if _version(name) is None]
    if missing:
        raise _CheckError(f"not installed: {', '.join(missing)}. Install them with pip.")
    slower = [name for name in _WANTED if _version(name) is None]
    return f"without {', '.join(slower)}, which would make it faster or more able" if slower else "all there"


def _engine() -> str:
    from workerd.engine.library import initialize

    native = initialize()
    version = getattr(native, "v8_version", None)
    return f"V8 {version()}" if callable(version) else "V8 is loaded"


def _worker() -> str:
    """A Worker answers a test: engine, platform layer, bundles and event loop work together."""
    from workerd.config.model import Config, Module, Service, Worker
    from workerd.config.options import TestOptions
    from workerd.testing.runner import run

    code = "export default { async test() { if (await new Response('x').text() !== 'x') throw new Error('no'); } }"
    worker = Worker(modules=(Module("doctor.js", "esModule", code),), compatibility_date=RELEASE_DATE)
    with open(os.devnull, "w") as nowhere:
        stderr, sys.stderr = sys.stderr, nowhere
        try:
            status = run(Config(services=(Service("doctor", worker),)), TestOptions())
        finally:
            sys.stderr = stderr
    if status != 0:
        raise _CheckError(
            "a Worker that should pass its test did not; run `workerd test` with one of your own to see why."
        )
    return "a Worker ran"


def _config() -> str:
    from workerd.config.load import Source, read

    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "config.capnp")
        with open(path, "w") as stream:
            stream.write(
                'using Workerd = import "/workerd/workerd.capnp";\n'
                'const config :Workerd.Config = (services = [(name = "x", disk = "/")]);\n'
            )
        services = read(Source(path)).config.services
    if [service.name for service in services] != ["x"]:
        raise _CheckError("a configuration was read wrongly")
    return "text configurations can be read"


def _certificates() -> str:
    import ssl

    paths = ssl.get_default_verify_paths()
    count = len(ssl.create_default_context().get_ca_certs())
    if count == 0 and not (paths.capath and os.path.isdir(paths.capath)):
        raise _CheckError(
            "the system has no certificate authorities, so Workers cannot fetch https URLs. Install ca-certificates."
        )
    return f"{count or 'a directory of'} certificate authorities"


def _cache() -> str:
    base = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "workerd")
    try:
        os.makedirs(base, exist_ok=True)
        with tempfile.TemporaryFile(dir=base):
            pass
    except OSError as error:
        raise _CheckError(
            f"{base} cannot be written ({error.strerror}); starts will be slower. Set XDG_CACHE_HOME."
        ) from None
    return base


def _open_files() -> str:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1024:
        raise _CheckError(f"only {soft} files and connections may be open at once; raise it with `ulimit -n {hard}`.")
    return f"{_limit(soft)} files and connections at once"


_CHECKS: dict[str, Callable[[], str]] = {
    "packages": _packages,
    "engine": _engine,
    "configuration": _config,
    "worker": _worker,
    "certificates": _certificates,
    "cache": _cache,
    "open files": _open_files,
}
