"""The mapping tables of the returns, as data."""
