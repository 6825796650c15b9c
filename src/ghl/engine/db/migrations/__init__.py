"""Migration sets."""
