"""Model 4, fork: a process for each connection.

The parent accepts, forks, closes its copy of the client's socket and accepts the next. The child,
which got a copy of everything by the fork, holds the one conversation and ends.

It wins where clients must not harm each other: each has an address space of its own, a crash takes
one of them along, and a child may give up its rights before it reads the first byte. There is no
lock, since nothing is shared; and every processor is used.

It costs a process for each client: some hundred microseconds to fork, memory that is copied as soon
as either side writes to it, a switch between address spaces for each message. And children must be
reaped, or they stay in the table of processes as zombies until it is full.

What tutorials call it: "asynchronous" I/O, since one client does not wait for another. POSIX and
Stevens keep that word for an operation that the kernel finishes by itself and then reports; each of
these processes is as blocked in its receive as ever.

Theirs never reaped, so a hundred polite clients left a hundred zombies; a fork that the system
refused ended the server; and at SIGTERM the children served on without a parent. Ours reaps at
SIGCHLD, closes the client it has no process for, and holds a pipe that each child watches: when the
parent ends, however it ends, they see its end and leave.
"""
