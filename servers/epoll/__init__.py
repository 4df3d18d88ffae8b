"""Model 3, epoll: one thread, many clients, and a kernel that says who is ready.

The thread tells the kernel once which descriptors it watches, then asks again and again who has
something. The kernel answers with only those, so that a thousand silent clients cost nothing:
with `select` (model 2) every one of them would be handed over and looked at each time, and
descriptors from 1024 up could not be watched at all.

It wins where many clients are connected and few of them speak at any moment, which is what most
servers see. One thread needs no locks, and a client costs some bytes and not a stack.

It costs the program its straight line. The thread waits in one place for everybody, so a
conversation is cut into pieces, each called back when its turn comes, and what the next piece
must know is kept in an object: whether a reply is still on its way, whether the server is
stopping. One piece that takes long holds up everybody. And it is Linux only; other systems have
kqueue instead.

What tutorials call it: I/O multiplexing. They add that it slows down above some 10,000
descriptors; what grows there is the number of clients who are ready, which no poller can make
fewer.
"""
