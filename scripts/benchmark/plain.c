// The yardstick of the HTTP rows: the least that a single-threaded keep-alive HTTP/1.1 server on epoll does.
// It finds the end of each request head, answers pipelined requests in order, and renews its Date once a second.
// Not covered, on purpose: request bodies, other methods, time-outs, back-pressure (a short write ends the connection).
// Usage: plain PORT REPLY_BYTES    (the reply is padded to REPLY_BYTES, so that both sides send the same amount)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { max_descriptor = 65536, max_events = 64 };
static unsigned char matched[max_descriptor];  // how many bytes of "\r\n\r\n" each connection has seen
static char reply[4096];
static size_t reply_size;

static void render(time_t now, int wanted) {
    char date[64], pad[1024] = "";
    struct tm parts;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
    for (int padding = 0; padding < (int)sizeof pad - 1; padding++) {
        reply_size = (size_t)snprintf(reply, sizeof reply,
            "HTTP/1.1 200 OK\r\nServer: plain%s\r\nDate: %s\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", pad, date);
        if ((int)reply_size >= wanted) return;
        pad[padding] = '-';
    }
}

static void serve(int connection) {
    char bytes[8192];
    ssize_t count = recv(connection, bytes, sizeof bytes, 0);
    unsigned char state = matched[connection];
    for (ssize_t i = 0; i < count; i++) {
        state = bytes[i] == "\r\n\r\n"[state] ? state + 1 : bytes[i] == '\r';
        if (state < 4) continue;
        state = 0;
        if (send(connection, reply, reply_size, MSG_NOSIGNAL) != (ssize_t)reply_size) count = -1;
    }
    matched[connection] = state;
    if (count <= 0) close(connection);
}

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "usage: plain PORT REPLY_BYTES\n"), 2;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) return perror("plain: bind"), 1;
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener}, ready[max_events];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &interest);
    for (time_t rendered = 0;;) {
        int count = epoll_wait(poll, ready, max_events, -1);
        time_t now = time(NULL);
        if (now != rendered) render(rendered = now, atoi(argv[2]));
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd != listener) { serve(ready[i].data.fd); continue; }
            for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
                if (fd >= max_descriptor) { close(fd); continue; }
                matched[fd] = 0;
                interest = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
                epoll_ctl(poll, EPOLL_CTL_ADD, fd, &interest);
            }
        }
    }
}
