"""Small TCP servers, each a classic model of input and output.

`python3 -m servers list` shows them, `python3 -m servers run epoll` starts one.
"""
