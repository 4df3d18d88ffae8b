"""What strict mypy must accept and what it must refuse."""
