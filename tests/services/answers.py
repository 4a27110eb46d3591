"""The answers of the services as a test reads them: parsed JSON, whose members may be anything."""

from collections.abc import Callable
from typing import Any

from app.services.calculation import response
from app.services.timelines import recalculation
from app.services.timelines import timeline as answer_timeline
from app.services.timelines import timeliness as counting

Answering = Callable[..., dict[str, Any]]

timeline: Answering = answer_timeline
recalculate: Answering = recalculation.recalculate
timeliness: Answering = counting.timeliness
calculate_response: Answering = response.calculate_response
