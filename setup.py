"""Packaging: builds the extension and the JS bundles (tools/build.py) before the Python files are collected."""

import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.dist import Distribution

ROOT = Path(__file__).resolve().parent


class BuildAll(build_py):
    def run(self) -> None:
        subprocess.run([sys.executable, str(ROOT / "tools" / "build.py"), "all"], check=True)
        super().run()


class BinaryDistribution(Distribution):
    """The wheel holds an extension, made outside of setuptools."""

    def has_ext_modules(self) -> bool:
        return True


setup(cmdclass={"build_py": BuildAll}, distclass=BinaryDistribution)
