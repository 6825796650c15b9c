"""The contract of accounts, users and settings."""
