"""The contract: every operation, record and event, and how they travel."""
