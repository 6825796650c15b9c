"""The face for shells."""
