"""What became of tests."""

from __future__ import annotations

from workerd.config.record import Record


class Outcome(Record):
    """Of one test. `error` None: it passed; else why not, with a stack if there is one. `output`: what it printed."""

    service: str
    entrypoint: str
    seconds: float
    error: str | None = None
    output: str = ""

    @property
    def name(self) -> str:
        return test_name(self.service, self.entrypoint)


def test_name(service: str, entrypoint: str) -> str:
    return service if entrypoint == "default" else f"{service}:{entrypoint}"


def duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
