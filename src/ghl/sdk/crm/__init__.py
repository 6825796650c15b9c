"""The contract of contacts, companies, deals and what hangs on them."""
