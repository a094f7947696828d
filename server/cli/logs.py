# SPDX-License-Identifier: Apache-2.0
"""How the product logs: lines for a person at a terminal, JSON for everything else; UTC."""

import logging
import sys

import structlog


def configure_logs(level: str) -> None:
    """Route structlog and the libraries' own loggers to stderr, from `level` up."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Both renderers quote what is logged, so that nobody can forge a line (ASVS 16.4.1).
    last: structlog.typing.Processor = (
        # Tracebacks without the values of variables: those can be people's data.
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    tracebacks: list[structlog.typing.Processor] = (
        [] if sys.stderr.isatty() else [structlog.processors.format_exc_info]
    )
    structlog.configure(
        processors=[*shared, *tracebacks, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *tracebacks,
                last,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)
