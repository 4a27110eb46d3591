"""Practice Deadlines: an event and a profile in, cited due dates out."""

__version__ = "1.0.0"
