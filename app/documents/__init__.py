"""Documents from outside: one fault, and one strict reader that collects every fault at once."""

from app.documents.faults import Fault, nearest_names
from app.documents.reader import Reader, Table

__all__ = ["Fault", "Reader", "Table", "nearest_names"]
