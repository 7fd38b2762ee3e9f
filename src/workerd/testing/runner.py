"""`workerd test`: from a config to an exit status."""

from __future__ import annotations

from workerd.config.model import Config
from workerd.config.options import TestOptions
from workerd.engine.library import EngineError, load
from workerd.observe import crash, python_logging
from workerd.observe.logs import Logs
from workerd.platform.bundles import BundleError
from workerd.runtime.graph import StartError
from workerd.runtime.server import run as run_loop
from workerd.testing.outcome import Outcome
from workerd.testing.report import Report
from workerd.testing.session import open_session, run_tests


def make_logs(config: Config, options: TestOptions) -> Logs:
    logging = config.logging
    logs = Logs(
        structured=logging.structured,
        verbose=options.verbose,
        stdout_prefix=logging.stdout_prefix,
        stderr_prefix=logging.stderr_prefix,
        log_uncaught=options.verbose,
    )
    python_logging.install(logs)
    return logs


def run(config: Config, options: TestOptions) -> int:
    """Runs the tests; the exit status: 0 if at least one ran and all passed."""
    logs = make_logs(config, options)
    report = Report(logs)
    try:
        crash.install(logs, load())
        if options.junit_path is not None:
            with open(options.junit_path, "w"):
                pass  # now is the time to find that it cannot be written
        if options.jobs > 1:
            from workerd.testing.parallel import Parallel

            run_loop(Parallel(config, options, logs, report).run())
        else:
            run_loop(_run(config, options, logs, report), pausable=options.inspector_addr is not None)
    except StartError as error:
        for message in error.messages:
            logs.failure(message)
        return 1
    except (EngineError, BundleError, OSError, ValueError) as error:
        logs.failure(str(error))
        return 1
    status = report.finish()
    if options.junit_path is not None:
        return _write_junit(options.junit_path, report.outcomes, logs) or status
    return status


async def _run(config: Config, options: TestOptions, logs: Logs, report: Report) -> None:
    async with open_session(config, options, logs) as session:
        tests = session.tests()
        report.total = len(tests)
        await run_tests(session, tests, report.begin, report.end)


def _write_junit(path: str, outcomes: list[Outcome], logs: Logs) -> int:
    from workerd.testing import junit

    try:
        junit.write(path, outcomes)
    except OSError as error:
        logs.failure(f"--junit: {error}")
        return 1
    return 0
