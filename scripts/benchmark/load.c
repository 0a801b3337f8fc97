// The load of the HTTP rows: CONNECTIONS keep-alive connections to 127.0.0.1, one request outstanding on each, for SECONDS.
// Our own rather than wrk, because it needs no install, is cheap enough that the server is what is busy (a server that
// waits for its load does one epoll_wait per request and looks dearer than it is), and checks every single response.
// Usage: load PORT PATH CONNECTIONS SECONDS
// Prints: responses, bytes of one response, reconnects; then the wall microseconds from before a request is sent until
// its response is read: the median, the 99th percentile and the most, rounded up.
// Fails (exit 1) on anything but "200" with a Content-Length, and when nothing is answered for 5 seconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { max_connections = 1024, patience_ms = 5000, latencies = 1000 * patience_ms };

struct connection {
    int fd;
    size_t used;       // bytes of the response under way
    double asked;      // when its request was sent
    char bytes[4096];  // a response is small here: a larger one is a fault of the server under test
};

static struct connection connections[max_connections];
static struct sockaddr_in server;
static char request[512];
static size_t request_size, response_size;
static int poll_set;
static unsigned took[latencies];  // responses by the microseconds they took; the last holds those that took longer, too
static double longest;

static void fail(const char *what, const char *bytes) {
    fprintf(stderr, "load: %s%s%.200s\n", what, *bytes ? ": " : "", bytes);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void ask(struct connection *c) {
    c->used = 0;
    c->asked = now();
    if (send(c->fd, request, request_size, MSG_NOSIGNAL) != (ssize_t)request_size && errno != EPIPE && errno != ECONNRESET)
        fail("cannot send", strerror(errno));  // a closed connection shows as end of file at the next read
}

static void open_connection(struct connection *c) {
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&server, sizeof server)) fail("cannot connect", strerror(errno));
    struct epoll_event interest = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poll_set, EPOLL_CTL_ADD, c->fd, &interest);
    ask(c);
}

// Whether the response is whole.
static int is_whole(struct connection *c) {
    c->bytes[c->used] = 0;
    char *end = strstr(c->bytes, "\r\n\r\n");
    if (!end) return 0;
    if (strncmp(c->bytes, "HTTP/1.1 200", 12)) fail("expected status 200, got", c->bytes);
    char *length = strcasestr(c->bytes, "\r\ncontent-length:");
    if (!length || length > end) fail("expected a Content-Length, got", c->bytes);
    size_t whole = (size_t)(end + 4 - c->bytes) + (size_t)atol(length + 17);
    if (whole > sizeof c->bytes - 1 || c->used > whole) fail("expected one small response, got", c->bytes);
    if (c->used == whole) response_size = whole;
    return c->used == whole;
}

static void note_latency(struct connection *c) {
    double seconds = now() - c->asked;
    if (seconds > longest) longest = seconds;
    long microseconds = (long)(seconds * 1e6);
    took[microseconds < latencies ? microseconds : latencies - 1]++;
}

// The microseconds that this part of the responses did not exceed.
static long quantile(double part, long responses) {
    long seen = 0, microseconds = 0;
    while (microseconds < latencies && (seen += took[microseconds]) < part * (double)responses) microseconds++;
    return microseconds + 1;
}

int main(int argc, char **argv) {
    int wanted = argc == 5 ? atoi(argv[3]) : 0;
    if (wanted < 1 || wanted > max_connections) return fprintf(stderr, "usage: load PORT PATH CONNECTIONS SECONDS\n"), 2;
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    request_size = (size_t)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n", argv[2], argv[1]);
    if (request_size >= sizeof request) fail("path too long", argv[2]);
    poll_set = epoll_create1(0);
    for (int i = 0; i < wanted; i++) open_connection(&connections[i]);

    long responses = 0, reconnects = 0;
    struct epoll_event ready[64];
    for (double end = now() + atof(argv[4]); now() < end;) {
        int count = epoll_wait(poll_set, ready, 64, patience_ms);
        if (count == 0) fail("no answer within 5 seconds", "");
        for (int i = 0; i < count; i++) {
            struct connection *c = ready[i].data.ptr;
            ssize_t got = recv(c->fd, c->bytes + c->used, sizeof c->bytes - 1 - c->used, 0);
            if (got <= 0) {
                if (c->used > 0) fail("the connection ended within a response", "");
                reconnects++;
                close(c->fd);
                open_connection(c);
                continue;
            }
            c->used += (size_t)got;
            if (!is_whole(c)) continue;
            note_latency(c);
            responses++;
            ask(c);
        }
    }
    printf("%ld %zu %ld ", responses, response_size, reconnects);
    printf("%ld %ld %.0f\n", quantile(0.5, responses), quantile(0.99, responses), longest * 1e6);
}
