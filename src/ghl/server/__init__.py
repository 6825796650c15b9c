"""The face for machines: REST, OpenAPI and what strangers reach."""
