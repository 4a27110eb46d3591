"""Serve assistants by the Model Context Protocol: the same calculations, checks and catalogue as over HTTP.

Only `server`, `http` and `stdio` import the protocol's package, which is an extra; nothing imports them unless the
command `deadlines mcp` or the setting DEADLINES_MCP asks for it.
"""
