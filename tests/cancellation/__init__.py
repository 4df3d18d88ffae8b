"""Every operation that can park, cancelled wherever it may be.

Read trial.py, what one run is; every_moment.py, how the moments are gone through; leaks.py, what
may not be left; then the cases, of_tasks.py and its kin. A case begins an operation, has happen
what it waits for, and says what holds whichever way it went.
"""
