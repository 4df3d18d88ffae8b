"""Model 6, prefork: processes forked ahead, and a file lock so that one of them at a time accepts.

The parent listens, forks a few workers and from then on only minds them. Each worker takes the
lock, waits for a client, gives the lock back and serves that client to the end; then it queues for
the lock again. As many clients are served at a time as there are workers; the others wait in the
backlog.

It wins where processes are wanted for what they keep apart, as in model 4, and forking while a
client waits is too late. The first web servers worked like this for years.

It costs its bound: silent clients keep as many workers as there are, and then nobody else is
served. That is the model, and an idle timeout bounds it.

There is one listening socket, since a port is bound once, and the lock so that one arrival does not
wake every worker. It is `lockf`, whose locks belong to a process, on a file that has no name any
more: the locks of `flock` belong to the open file, which a fork shares, so there everybody would
have it at once. Whoever dies with the lock in hand has it no longer; the system sees to that.

What tutorials call it: "asynchronous" I/O with a pool. In theirs one client who was gone again
ended its worker; the parent waited for the first worker to end, ended too, with 0, and left the
others to serve the port as orphans for ever. Here a worker that dies is replaced, ever more slowly
if that does not help, and all of them see the end of a pipe when their parent ends.
"""
