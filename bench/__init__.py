"""Measurements next to peers: never tests, since a machine under load would fail them."""
