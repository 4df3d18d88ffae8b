"""Tests of the nine servers: real processes, real sockets, judged by bytes and by log lines."""
