"""What performs the operations."""
