"""The handlers of templates, senders and messages."""
