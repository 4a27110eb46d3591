"""Which days count: calendars of non-working days and the arithmetic of working days."""

from app.calendars.calendar import Calendar, NonWorkingDay
from app.calendars.faults import InvalidCalendar
from app.calendars.index import BeyondCalendar, WorkingDayIndex

__all__ = ["BeyondCalendar", "Calendar", "InvalidCalendar", "NonWorkingDay", "WorkingDayIndex"]
