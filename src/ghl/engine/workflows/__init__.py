"""The durable workflow engine."""
