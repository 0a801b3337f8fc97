// The reference of the row "get": the least that GETs through libcurl cost. HANDLES easy handles over one multi handle,
// driven by curl_multi_socket_action and epoll, each asked again for the same URL as soon as it is done.
// Usage: multi URL REQUESTS    Prints: requests, CPU seconds (user + system) they took, after a warm-up of a tenth.
// Fails (exit 1) on anything but a 200 that says "hello".
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { handles = 16, max_events = 64, body_size = 5 };

struct transfer {
    CURL *easy;
    size_t received;
};

static struct transfer transfers[handles];
static CURLM *multi;
static int poll_set;
static double due = -1;  // when libcurl wants to be called without an event; negative for never

static void fail(const char *what, const char *why) {
    fprintf(stderr, "multi: %s: %s\n", what, why);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static size_t receive(char *bytes, size_t size, size_t count, void *received) {
    (void)bytes;
    *(size_t *)received += size * count;
    return size * count;
}

static int watch(CURL *easy, curl_socket_t fd, int what, void *context, void *known) {
    (void)easy, (void)context;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(poll_set, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event interest = {.data.fd = fd};
    if (what & CURL_POLL_IN) interest.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) interest.events |= EPOLLOUT;
    epoll_ctl(poll_set, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &interest);
    if (!known) curl_multi_assign(multi, fd, &poll_set);  // any pointer but NULL: registered
    return 0;
}

static int set_timer(CURLM *of, long milliseconds, void *context) {
    (void)of, (void)context;
    due = milliseconds < 0 ? -1 : now() + (double)milliseconds / 1e3;
    return 0;
}

static void begin(struct transfer *transfer) {
    transfer->received = 0;
    if (curl_multi_add_handle(multi, transfer->easy)) fail("curl_multi_add_handle", "refused");
}

// Starts `count` requests in all, at most one on each handle at a time, and returns when they are done.
static void run(long count) {
    long started = 0, done = 0;
    for (int i = 0; i < handles && started < count; i++, started++) begin(&transfers[i]);
    struct epoll_event ready[max_events];
    while (done < count) {
        int running, timeout = -1;
        if (due >= 0) {
            double left = due - now();
            timeout = left > 0 ? (int)(left * 1e3) + 1 : 0;
        }
        int events = epoll_wait(poll_set, ready, max_events, timeout);
        if (due >= 0 && due <= now()) {
            due = -1;
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        for (int i = 0; i < events; i++) {
            int what = (ready[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) | (ready[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
            if (ready[i].events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
            curl_multi_socket_action(multi, ready[i].data.fd, what, &running);
        }
        CURLMsg *message;
        for (int left; (message = curl_multi_info_read(multi, &left));) {
            long status = 0;
            CURL *easy = message->easy_handle;
            CURLcode result = message->data.result;
            struct transfer *transfer;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            if (result) fail("request", curl_easy_strerror(result));
            if (status != 200 || transfer->received != body_size) fail("response", "expected a 200 with 5 bytes");
            curl_multi_remove_handle(multi, easy);
            done++;
            if (started < count) {
                started++;
                begin(transfer);
            }
        }
    }
}

int main(int argc, char **argv) {
    long count = argc == 3 ? atol(argv[2]) : 0;
    if (count < 1) return fprintf(stderr, "usage: multi URL REQUESTS\n"), 2;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    poll_set = epoll_create1(0);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    for (int i = 0; i < handles; i++) {
        CURL *easy = transfers[i].easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        // The same bytes are asked by both sides: libcurl writes a request letter by letter.
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "greenhouse/0.1");
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfers[i].received);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfers[i]);
    }
    run(count / 10 + 1);
    double start = cpu_seconds();
    run(count);
    printf("%ld %.6f\n", count, cpu_seconds() - start);
    return 0;
}
