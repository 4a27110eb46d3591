"""The templates' environment: escaping is always on."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from app import __version__
from app.services.wording import SECONDARY
from app.web import words
from app.web.assets import assets
from app.web.case_answer import happened


@cache
def environment() -> Environment:
    """Build the template environment. A name that is not defined raises an error."""
    env = Environment(
        loader=PackageLoader("app.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in (
        "day",
        "short_day",
        "hour",
        "written",
        "clock",
        "label",
        "as_words",
        "capitalise",
        "event_heading",
        "value",
        "when_absent",
        "sections",
        "count",
    ):
        env.filters[name] = getattr(words, name)
    env.filters["happened"] = happened
    env.filters["pairs"] = lambda texts: [(text, text) for text in texts]
    env.globals.update(
        asset=lambda name: assets()[name].path,
        version=__version__,
        kinds=words.KINDS,
        strengths=words.STRENGTHS,
        bases=words.BASES,
        origins=words.ORIGINS,
        not_computable_reasons=words.UNDATED_REASONS,
        undetermined_reasons=words.UNDETERMINED,
        secondary=SECONDARY,
    )
    return env


def render(template: str, **context: Any) -> str:
    """Render a template."""
    return environment().get_template(template).render(**context)
