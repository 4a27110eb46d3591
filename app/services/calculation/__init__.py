"""Calculations: one event in, obligations out; batches and flat answers of the same."""
