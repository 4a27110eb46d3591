"""Returns: read into cases, counted apart in SQL, and refused where they are not what they say."""
