"""Verbs written by hand."""
