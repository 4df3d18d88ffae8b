"""The commands of `python -m reactor`, tried as somebody tries them."""
