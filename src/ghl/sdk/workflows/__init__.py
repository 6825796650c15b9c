"""The contract of workflows and enrollments."""
