"""The contract of templates, senders and messages."""
