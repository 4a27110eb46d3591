"""The standards as data: the document model, its loader and the packaged profiles."""
