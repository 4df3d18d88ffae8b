"""Model 5, thread: a thread for each connection, all in one process.

The main thread accepts, starts a thread for the client, and accepts the next. Each thread holds one
conversation from top to bottom; the scheduler of the system shares the time out among them.

It wins where a conversation is easier to write when it may wait wherever it likes, or must call a
library that can only block; and a thread is some ten times cheaper to start than a process. What
threads share they share for nothing.

It costs a stack for each client and a switch for each message, and locks round all that is shared;
forgetting one is a fault that shows once a month. In CPython one thread at a time runs Python code.
And one failure that ends the process, a crash in a C library for instance, takes everybody along.

What tutorials call it: "asynchronous" I/O, since one client does not wait for another. POSIX and
Stevens keep that word for an operation that the kernel finishes by itself and then reports; a
thread that waits in a receive is as blocked as ever, only nobody else is.

In ours a thread waits in a loop of its own, since a thread that is blocked in a receive cannot be
told to stop. The tutorial's threads could not: Ctrl-C waited for every client to leave. A thread
that the system refused ended their server; here it costs the client it was for.
"""
