#include "ccurl.h"

#include <dlfcn.h>

#define FUNCTIONS \
    X(curl_easy_cleanup) \
    X(curl_easy_getinfo) \
    X(curl_easy_init) \
    X(curl_easy_pause) \
    X(curl_easy_recv) \
    X(curl_easy_reset) \
    X(curl_easy_send) \
    X(curl_easy_setopt) \
    X(curl_easy_strerror) \
    X(curl_free) \
    X(curl_global_init) \
    X(curl_mime_addpart) \
    X(curl_mime_data) \
    X(curl_mime_filedata) \
    X(curl_mime_filename) \
    X(curl_mime_free) \
    X(curl_mime_init) \
    X(curl_mime_name) \
    X(curl_mime_type) \
    X(curl_multi_add_handle) \
    X(curl_multi_cleanup) \
    X(curl_multi_info_read) \
    X(curl_multi_init) \
    X(curl_multi_remove_handle) \
    X(curl_multi_setopt) \
    X(curl_multi_socket_action) \
    X(curl_share_cleanup) \
    X(curl_share_init) \
    X(curl_share_setopt) \
    X(curl_slist_append) \
    X(curl_slist_free_all) \
    X(curl_url) \
    X(curl_url_cleanup) \
    X(curl_url_get) \
    X(curl_url_set) \
    X(curl_url_strerror)

/* libcurl's functions, by name; set by ccurl_load, and never again. */
static struct {
#define X(name) __typeof__(name) *name;
    FUNCTIONS
#undef X
} curl;

bool ccurl_load(const char **problem) {
    static bool is_loaded;
    if (is_loaded) return true;
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        *problem = dlerror();
        return false;
    }
#define X(name) \
    if (!(*(void **)&curl.name = dlsym(library, #name))) { \
        *problem = dlerror(); \
        return false; \
    }
    FUNCTIONS
#undef X
    if (curl.curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) {
        *problem = "curl_global_init failed";
        return false;
    }
    is_loaded = true;
    return true;
}

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl.curl_easy_setopt(easy, option, value);
}

CURLcode ccurl_set_data_callback(CURL *easy, CURLoption option, ccurl_data_callback callback) {
    return curl.curl_easy_setopt(easy, option, callback);
}

CURLcode ccurl_set_close_callback(CURL *easy, ccurl_close_callback callback) {
    return curl.curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, callback);
}

CURLcode ccurl_set_open_callback(CURL *easy, ccurl_open_callback callback) {
    return curl.curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, callback);
}

CURLcode ccurl_set_request_callback(CURL *easy, ccurl_request_callback callback) {
    return curl.curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

CURLcode ccurl_set_seek_callback(CURL *easy, ccurl_seek_callback callback) {
    return curl.curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, callback);
}

long ccurl_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    curl.curl_easy_getinfo(easy, info, &value);
    return value;
}

curl_off_t ccurl_get_offset(CURL *easy, CURLINFO info) {
    curl_off_t value = 0;
    curl.curl_easy_getinfo(easy, info, &value);
    return value;
}

const char *ccurl_get_text(CURL *easy, CURLINFO info) {
    char *value = NULL;
    curl.curl_easy_getinfo(easy, info, &value);
    return value;
}

struct curl_slist *ccurl_get_list(CURL *easy, CURLINFO info) {
    struct curl_slist *value = NULL;
    curl.curl_easy_getinfo(easy, info, &value);
    return value;
}

void *ccurl_get_private(CURL *easy) {
    void *value = NULL;
    curl.curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value);
    return value;
}

curl_socket_t ccurl_get_socket(CURL *easy) {
    curl_socket_t value = CURL_SOCKET_BAD;
    curl.curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &value);
    return value;
}

unsigned long ccurl_auth_basic(void) {
    return CURLAUTH_BASIC;
}

unsigned long ccurl_auth_digest(void) {
    return CURLAUTH_DIGEST;
}

unsigned long ccurl_auth_bearer(void) {
    return CURLAUTH_BEARER;
}

unsigned long ccurl_auth_basic_or_digest(void) {
    return CURLAUTH_BASIC | CURLAUTH_DIGEST;
}

CURLMcode ccurl_multi_set_callbacks(
    CURLM *multi, ccurl_socket_callback on_socket, ccurl_timer_callback on_timer, void *context) {
    curl.curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl.curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    curl.curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    return curl.curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl.curl_multi_setopt(multi, option, value);
}

CURL *ccurl_multi_next_done(CURLM *multi, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message; (message = curl.curl_multi_info_read(multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}

CURLSHcode ccurl_share_set(CURLSH *share, CURLSHoption option, long value) {
    return curl.curl_share_setopt(share, option, value);
}

unsigned ccurl_append_encoded(void) {
    return CURLU_APPENDQUERY | CURLU_URLENCODE;
}

void ccurl_easy_cleanup(CURL *easy) {
    curl.curl_easy_cleanup(easy);
}

CURL *ccurl_easy_init(void) {
    return curl.curl_easy_init();
}

CURLcode ccurl_easy_pause(CURL *easy, int bits) {
    return curl.curl_easy_pause(easy, bits);
}

void ccurl_easy_reset(CURL *easy) {
    curl.curl_easy_reset(easy);
}

CURLcode ccurl_easy_send(CURL *easy, const void *bytes, size_t count, size_t *sent) {
    return curl.curl_easy_send(easy, bytes, count, sent);
}

CURLcode ccurl_easy_recv(CURL *easy, void *bytes, size_t count, size_t *received) {
    return curl.curl_easy_recv(easy, bytes, count, received);
}

const char *ccurl_easy_strerror(CURLcode code) {
    return curl.curl_easy_strerror(code);
}

void ccurl_free(void *pointer) {
    curl.curl_free(pointer);
}

curl_mimepart *ccurl_mime_addpart(curl_mime *form) {
    return curl.curl_mime_addpart(form);
}

CURLcode ccurl_mime_data(curl_mimepart *part, const char *bytes, size_t count) {
    return curl.curl_mime_data(part, bytes, count);
}

CURLcode ccurl_mime_filedata(curl_mimepart *part, const char *path) {
    return curl.curl_mime_filedata(part, path);
}

CURLcode ccurl_mime_filename(curl_mimepart *part, const char *name) {
    return curl.curl_mime_filename(part, name);
}

void ccurl_mime_free(curl_mime *form) {
    curl.curl_mime_free(form);
}

curl_mime *ccurl_mime_init(CURL *easy) {
    return curl.curl_mime_init(easy);
}

CURLcode ccurl_mime_name(curl_mimepart *part, const char *name) {
    return curl.curl_mime_name(part, name);
}

CURLcode ccurl_mime_type(curl_mimepart *part, const char *type) {
    return curl.curl_mime_type(part, type);
}

CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy) {
    return curl.curl_multi_add_handle(multi, easy);
}

CURLMcode ccurl_multi_cleanup(CURLM *multi) {
    return curl.curl_multi_cleanup(multi);
}

CURLM *ccurl_multi_init(void) {
    return curl.curl_multi_init();
}

CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy) {
    return curl.curl_multi_remove_handle(multi, easy);
}

CURLMcode ccurl_multi_socket_action(CURLM *multi, curl_socket_t socket, int events, int *running) {
    return curl.curl_multi_socket_action(multi, socket, events, running);
}

CURLSHcode ccurl_share_cleanup(CURLSH *share) {
    return curl.curl_share_cleanup(share);
}

CURLSH *ccurl_share_init(void) {
    return curl.curl_share_init();
}

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text) {
    return curl.curl_slist_append(list, text);
}

void ccurl_slist_free_all(struct curl_slist *list) {
    curl.curl_slist_free_all(list);
}

CURLU *ccurl_url(void) {
    return curl.curl_url();
}

void ccurl_url_cleanup(CURLU *url) {
    curl.curl_url_cleanup(url);
}

CURLUcode ccurl_url_get(CURLU *url, CURLUPart part, char **text, unsigned flags) {
    return curl.curl_url_get(url, part, text, flags);
}

CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *text, unsigned flags) {
    return curl.curl_url_set(url, part, text, flags);
}

const char *ccurl_url_strerror(CURLUcode code) {
    return curl.curl_url_strerror(code);
}
