"""Published profiles and calendars in memory, as one immutable snapshot."""
