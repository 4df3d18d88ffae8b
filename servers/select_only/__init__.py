"""Model 2, select: one thread, many clients, and a list that is handed over at each wait.

The thread gives the kernel a list of all descriptors that it cares for, sleeps until one of them is
ready, and is handed a list back: these can be read, those have room. It serves them one by one,
never waiting for any, and asks again.

It wins where it is there: every system has select, and with a few dozen clients no other mechanism
is faster. One thread needs no locks.

It costs a look at every client for each that is ready, in the kernel and again here, so a thousand
silent clients slow down the one that speaks. And it has an end: a descriptor is a bit in a set of
1,024 (FD_SETSIZE, `man 2 select`), so ours asks the system for no more descriptors than that, and
whoever would be one too many waits outside until somebody leaves.

What tutorials call it: I/O multiplexing. Their version compared what it received with '', which
bytes never equal, and so answered every farewell; at one client over its limit it closed the
listening socket; and a peer that did not read stopped everybody in a blocking send.
"""
