"""What a run of a file yields."""

from __future__ import annotations

from dataclasses import dataclass, field

#: testharness.js's numbers.
SUBTEST_STATES = ("PASS", "FAIL", "TIMEOUT", "NOTRUN", "PRECONDITION_FAILED")
FILE_STATES = ("OK", "ERROR", "TIMEOUT", "PRECONDITION_FAILED")


@dataclass
class FileResult:
    """`state`: one of FILE_STATES, or CRASH (the process died) or HANG (it was stopped).

    `subtests`: {name: state}, a second one of the same name has " (2)" behind it. `messages`: why a subtest, or the file (""), failed.
    """

    state: str = "CRASH"
    subtests: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, state: str, message: str) -> None:
        unique = name
        count = 2
        while unique in self.subtests:
            unique = f"{name} ({count})"
            count += 1
        self.subtests[unique] = state
        if message and state != "PASS":
            self.messages[unique] = message

    @property
    def passed(self) -> int:
        return sum(state == "PASS" for state in self.subtests.values())
