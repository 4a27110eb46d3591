"""Profile versions being written: drafts, what is wrong with them, what they change, and their publication."""
