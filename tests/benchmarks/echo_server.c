/* The server in C: the limit of what any loop on epoll can reach. FD is a socket that listens; with
 * REPLY that is sent for whatever comes, without it what came. Like the bare loop in Python it owes
 * nothing: whoever does not read holds up everybody. */
#define _GNU_SOURCE
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 65536, EVENTS = 256 };

static void send_all(int fd, const char *data, size_t left)
{
    while (left > 0) {
        ssize_t sent = send(fd, data, left, MSG_NOSIGNAL);
        if (sent >= 0) {
            data += sent;
            left -= (size_t)sent;
        } else {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            if (poll(&room, 1, -1) < 0 || room.revents & (POLLERR | POLLHUP))
                return;
        }
    }
}

static void accept_one(int epoll, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd >= 0)
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char **argv)
{
    static char buffer[CHUNK];
    if (argc < 2)
        return 2;
    int listener = atoi(argv[1]);
    const char *reply = argc > 2 ? argv[2] : NULL;
    size_t length = reply ? strlen(reply) : 0;
    int epoll = epoll_create1(0);
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                accept_one(epoll, listener);
                continue;
            }
            ssize_t came = recv(fd, buffer, CHUNK, 0);
            if (came > 0)
                send_all(fd, reply ? reply : buffer, reply ? length : (size_t)came);
            else
                close(fd);
        }
    }
}
