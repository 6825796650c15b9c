"""Import, export and file formats."""
