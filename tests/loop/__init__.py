"""Tests of floor 1, the loop: through its public names, on real descriptors, signals and threads.

Where time matters, or where a wait might never end, the reactor lives in a World.
"""
