"""Model 9, coroutines: a task for each client, in one thread.

One task accepts; each client it lets in gets a task of its own, which receives, replies and
receives again, written from top to bottom as if it were alone in the world. Where a call would
block, the task gives way instead and the loop goes on with another. The clients' sockets are
non-blocking; nothing else is done to make them so many.

It wins where there are many clients with a conversation that has several steps: what has been said
so far is simply where the function stands, not a table that each callback must consult and update.
And between two waits nobody else runs, so most of the locks that threads need have no purpose.

It costs attention to that same point. Tasks give way only where they wait: one that computes for a
second stops all the others for that second, and so does one whose peer always has more to say, if
every call on it completes at once. Hence the steps aside that our rooms take by hand. All of it
runs on one processor, too; for more, start more processes.

What tutorials call it: non-blocking I/O. What asks the system which sockets are ready is a poller,
as in model 3; tasks are a way to write down what happens then.
"""
