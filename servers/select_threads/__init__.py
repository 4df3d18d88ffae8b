"""Model 8, select-threads: one thread waits, accepts and receives; a pool of threads sends.

The multiplexing thread does everything but reply. A message that came is put into a queue; one of a
few threads takes it, makes the reply and sends it; then the multiplexing thread watches that client
again.

It wins where making a reply takes long, be it for computing that lets go of the interpreter or for
a library that can only block: the loop goes on meanwhile. Tutorials give another reason, a slow
`send` that would hold up the loop. That reason is gone as soon as sockets do not block, and a pool
whose threads block in send instead is worse: as many clients as it has threads need only stop
reading, and nobody is answered any more.

It costs a hand-over in both directions for each message, which for a reply as small as ours is most
of the work; and it costs thought. Ours has one message of each client in hand at a time, so replies
keep their order, and the queue is never longer than there are clients; a socket is not closed while
a thread has it, or the thread might write to whoever is given the same number next; and what the
kernel does not take at once goes back to the multiplexing thread, which waits for room.

What tutorials call it: multiplexing plus "asynchronous" I/O, for the threads. Theirs imported
a module that Python 3 does not have; put right, it closed the listening socket at the first client
over its limit and lost what a slow reader did not take at once.
"""
