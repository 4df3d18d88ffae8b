"""What things cost: programs that are measured, and programs that measure them.

None of it is run by `make test`.
"""
