"""The parent side of the schema check: interpreter, materialised snapshot, and the worker that it starts."""
