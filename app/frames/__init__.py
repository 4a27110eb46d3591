"""Whole tables in memory or on a cluster: Arrow, and Spark by way of it. Each library is imported where it is used."""
