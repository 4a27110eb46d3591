"""Formats other than JSON: iCalendar files, CSV, and profiles as reports."""
