"""Model 7, prethread: threads started ahead, and a lock so that one of them at a time accepts.

A few threads share one listening socket, since a port is bound once. Each takes the lock, waits
for a client, gives the lock back and serves that client to the end; then it queues for the lock
again. As many clients are served at a time as there are threads; the others wait in the backlog.

It wins where a thread for each connection would be too many or too late: none is started while a
client waits, and their number is what the machine was measured to bear. The lock is there so that
one arrival does not wake every thread (the thundering herd), of which all but one would find
nothing.

It costs its bound. Silent clients keep as many threads as there are, and then nobody else is
served; that is the model, and an idle timeout bounds it.

What tutorials call it: "asynchronous" I/O with a pool. Theirs took the lock, called accept, and let
any exception go by: one client who was gone again ended the thread with the lock in its hands, and
the server was deaf from then on. Here the lock is in a `with`, and a thread that dies is replaced.
"""
