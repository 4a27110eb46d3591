"""Write the published API documents: OpenAPI 3.1, its 3.0 form, the low-code connector and the profile schema."""
