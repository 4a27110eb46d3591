"""Returns: what councils send to the Department for Education and Ofsted, read into cases."""
