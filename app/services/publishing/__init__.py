"""Drafting, validating, publishing and withdrawing profiles and calendars."""
