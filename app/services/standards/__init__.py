"""Calculate in one's own Python process: the one supported way in.

Standards are loaded once; typed values go in and typed values come out. Everything else of `app` may change with any
version. Neither a web framework nor a database is imported.
"""

from app.services.problems import Problem
from app.services.standards.cases import judge
from app.services.standards.loading import Standards
from app.services.standards.typed_requests import calculate, resolve, working_days_taken
from app.services.timelines.status_records import StatusRecord

__all__ = ["Problem", "Standards", "StatusRecord", "calculate", "judge", "resolve", "working_days_taken"]
