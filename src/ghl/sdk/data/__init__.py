"""The contracts of imports and exports."""
