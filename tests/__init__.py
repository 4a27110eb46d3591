"""The tests of Practice Deadlines."""
