"""House rules, checked by machine."""
