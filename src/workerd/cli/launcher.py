"""Becomes `__main__.py` of what `workerd compile` makes: unpacks the runtime once, then serves the config inside.

Runs before anything of workerd can be imported, and on whatever Python is there: it uses nothing newer than 3.6.
"""

import json
import os
import shutil
import sys
import sysconfig
import tempfile
import zipfile


def main() -> int:
    executable = os.path.abspath(sys.argv[0])
    with zipfile.ZipFile(executable) as archive:
        about = json.loads(archive.read("about.json").decode())
        _check_python(about)
        runtime = _unpacked(archive, about["runtime"])
        config = archive.read("config.pickle")
    sys.path.insert(0, runtime)
    from workerd.cli.compiled import main as serve

    return serve(config, executable)


def _check_python(about: "dict[str, str]") -> None:
    """Native parts are for one version of Python. Another one gives way to the right one, if that is installed."""
    here = sysconfig.get_config_var("EXT_SUFFIX")
    if here == about["ext_suffix"]:
        return
    name = "python" + about["python"]
    right = shutil.which(name)
    if right and not os.environ.get("WORKERD_REEXECUTED"):
        os.environ["WORKERD_REEXECUTED"] = "1"
        os.execv(right, [right, *sys.argv])
    sys.exit(
        f"This program was compiled for Python {about['python']} ({about['ext_suffix']}), and runs on "
        f"{sys.version.split()[0]} ({here}). Install {name}, or compile it again here."
    )


def _unpacked(archive: zipfile.ZipFile, name: str) -> str:
    """The directory with the runtime, unpacked by this or an earlier run."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    reason = "other users own the directories"
    for base in (os.path.join(cache, "workerd"), os.path.join(tempfile.gettempdir(), f"workerd-{os.getuid()}")):
        target = os.path.join(base, name)
        try:
            os.makedirs(base, mode=0o700, exist_ok=True)
            # Whoever can write there decides what runs here.
            if os.stat(base).st_uid != os.getuid():
                continue
            if not os.path.isdir(target):
                _unpack(archive, base, target)
        except OSError as error:
            reason = str(error)
            continue
        return os.path.join(target, "runtime")
    sys.exit(f"Cannot unpack the runtime anywhere ({reason}). Set XDG_CACHE_HOME to a directory that can be written.")


def _unpack(archive: zipfile.ZipFile, base: str, target: str) -> None:
    staging = tempfile.mkdtemp(dir=base)
    try:
        archive.extractall(staging, [each for each in archive.namelist() if each.startswith("runtime/")])
        os.rename(staging, target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        # Another process may have been faster: then its result is as good.
        if not os.path.isdir(target):
            raise


if __name__ == "__main__":
    sys.exit(main())
