"""The handlers of accounts, users and settings."""
