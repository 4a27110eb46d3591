"""What is done for a caller, whatever way they call."""
