"""Drafts, validation, publication and withdrawal of profiles and calendars."""
