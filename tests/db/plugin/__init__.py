"""The migrations of a plug-in, for tests."""
