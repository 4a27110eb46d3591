"""Scripts that make generated files."""
