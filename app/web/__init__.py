"""HTML pages: the explorer, the profiles and the calendars."""
