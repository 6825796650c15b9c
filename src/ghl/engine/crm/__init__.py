"""The handlers of contacts, companies, deals and what hangs on them."""
