"""Tests of floor 2, tasks: through public names, in a World where time or a wait for ever matters.

Law of these files: a trap stands for whatever may happen, so races are played turn by turn and
nothing sleeps to wait. Real sockets and real signals are in test_every_poller.py and
test_interrupts.py.
"""
