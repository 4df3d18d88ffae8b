"""Model 1, simple: one process, one thread, one client at a time.

The server accepts a client, receives what it has to say, answers once, closes, and only then
accepts the next. Everybody else waits outside, in the backlog that the kernel keeps; who waits
there has connected already, as far as it can tell, and may even have sent its question.

It wins where nothing is simpler: a tool that hands something over once and ends, a test's other
side. There is no state but where the function stands, and nothing can run at the same time.

It costs everybody else's time. One client that connects and says nothing keeps all the others
waiting for as long as it likes; that is the model, and only an idle timeout bounds it.

What tutorials call it: blocking I/O. In ours the wait itself is the loop's, since a stop must be
heard while nobody comes; but there is one task, so the server waits for one thing at a time, which
is what blocking means to those who stand in the queue. The tutorial's version answered even a
client that said nothing and closed, and cut off a reply when more than 512 bytes had come: closing
with input unread sends a reset. Here the server half-closes first and throws away what still comes.
"""
