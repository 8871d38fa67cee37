"""What crosses a service boundary: wire types only (pydantic, nothing else)."""
