"""The core set: numbered SQL files."""
