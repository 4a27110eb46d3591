"""Answers in forms other than JSON: calendar files, CSV, a profile's pages."""
