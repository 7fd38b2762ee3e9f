"""Checks that designators name services that exist, and can be what they are used as."""

from __future__ import annotations

from collections.abc import Mapping

from workerd.config import model as m
from workerd.config.validate.report import Path, Report

Services = Mapping[str, m.ServiceBody]


def check_designator(
    report: Report, path: Path, designator: m.ServiceDesignator, context: str, services: Services
) -> None:
    """For uses as a service. `context`: what refers to it, as the subject of the message."""
    target = designator.name
    if target not in services:
        report.error(path, f'{context} refers to a service "{target}", but no such service is defined.')
        return
    check_json(report, path, designator.props_json, f"{context} has `props`")
    if isinstance(services[target], m.Worker | m.AssetsService):
        return
    if designator.entrypoint is not None:
        report.error(
            path,
            f'{context} refers to service "{target}" with a named entrypoint "{designator.entrypoint}", but "{target}" '
            "is not a Worker, so does not have any named entrypoints.",
        )
    elif designator.props_json is not None:
        report.error(
            path,
            f'{context} refers to service "{target}" and provides a `props` value, but "{target}" is not a Worker, so '
            "cannot accept `props`",
        )


def check_class_designator(
    report: Report, path: Path, designator: m.ServiceDesignator, context: str, services: Services
) -> None:
    """For uses as a Durable Object class."""
    target = designator.name
    if target not in services:
        report.error(path, f'{context} refers to a service "{target}", but no such service is defined.')
    elif isinstance(services[target], m.Worker):
        check_json(report, path, designator.props_json, f"{context} has `props`")
    elif designator.entrypoint is not None:
        report.error(
            path,
            f'{context} refers to service "{target}" with a named Durable Object entrypoint "{designator.entrypoint}", '
            f'but "{target}" is not a Worker, so does not have any named entrypoints.',
        )
    else:
        report.error(
            path,
            f'{context} refers to service "{target}" as a Durable Object class, but "{target}" is not a Worker, so '
            "cannot be used as a class.",
        )


def check_json(report: Report, path: Path, text: str | None, subject: str) -> None:
    """`text` must be JSON if it is there. `subject` begins the message: what it belongs to, with its verb."""
    if text is None:
        return
    import json

    try:
        json.loads(text)
    except ValueError as error:
        report.error(path, f"{subject} that is not valid JSON: {error}")
    except RecursionError:
        report.error(path, f"{subject} of JSON that is nested too deeply.")
