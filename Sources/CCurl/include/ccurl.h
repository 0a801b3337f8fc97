/* libcurl, loaded when the first client is made: its three dozen libraries would more than double the time that every
 * program takes to start. Needs libcurl4-openssl-dev to build, and libcurl.so.4 when a client is made.
 *
 * libcurl's setters and getters are variadic, which Swift cannot call: here each has one form per type of value. Strings
 * are copied by libcurl unless its manual says otherwise. Everything else is libcurl's function of that name. */
#ifndef CCURL_H
#define CCURL_H

#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <stdbool.h>

#pragma clang assume_nonnull begin

/* Loads libcurl; false, with what is wrong at *problem, when that cannot be. Nothing else may be called before. Not to
 * be called by two threads at once. */
bool ccurl_load(const char *_Nullable *_Nonnull problem);

CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value);
CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *_Nullable value);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *_Nullable value);
/* fread-like: CURLOPT_WRITEFUNCTION, HEADERFUNCTION, READFUNCTION. */
typedef size_t (*_Nonnull ccurl_data_callback)(char *_Nonnull bytes, size_t size, size_t count, void *_Nonnull context);
CURLcode ccurl_set_data_callback(CURL *easy, CURLoption option, ccurl_data_callback callback);
typedef int (*_Nonnull ccurl_close_callback)(void *_Nonnull context, curl_socket_t socket);
CURLcode ccurl_set_close_callback(CURL *easy, ccurl_close_callback callback);
/* CURLOPT_SOCKOPTFUNCTION: a socket was opened for a connection. */
typedef int (*_Nonnull ccurl_open_callback)(void *_Nonnull context, curl_socket_t socket, curlsocktype purpose);
CURLcode ccurl_set_open_callback(CURL *easy, ccurl_open_callback callback);
typedef int (*_Nonnull ccurl_request_callback)(
    void *_Nonnull context, char *_Nullable remote, char *_Nullable local, int remote_port, int local_port);
CURLcode ccurl_set_request_callback(CURL *easy, ccurl_request_callback callback);
typedef int (*_Nonnull ccurl_seek_callback)(void *_Nonnull context, curl_off_t offset, int origin);
CURLcode ccurl_set_seek_callback(CURL *easy, ccurl_seek_callback callback);
long ccurl_get_long(CURL *easy, CURLINFO info);
curl_off_t ccurl_get_offset(CURL *easy, CURLINFO info);
/* The text belongs to the handle. */
const char *_Nullable ccurl_get_text(CURL *easy, CURLINFO info);
struct curl_slist *_Nullable ccurl_get_list(CURL *easy, CURLINFO info);
void *_Nullable ccurl_get_private(CURL *easy);
curl_socket_t ccurl_get_socket(CURL *easy);
/* Macros that Swift does not see. */
unsigned long ccurl_auth_basic(void);
unsigned long ccurl_auth_digest(void);
unsigned long ccurl_auth_bearer(void);
unsigned long ccurl_auth_basic_or_digest(void);

typedef int (*_Nonnull ccurl_socket_callback)(
    CURL *_Nullable easy, curl_socket_t socket, int what, void *_Nonnull context, void *_Nullable of_socket);
typedef int (*_Nonnull ccurl_timer_callback)(CURLM *_Nullable multi, long milliseconds, void *_Nonnull context);
CURLMcode ccurl_multi_set_callbacks(
    CURLM *multi, ccurl_socket_callback on_socket, ccurl_timer_callback on_timer, void *_Nonnull context);
CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);
/* The next transfer that has ended and how, NULL when there is none. */
CURL *_Nullable ccurl_multi_next_done(CURLM *multi, CURLcode *_Nonnull result);
CURLSHcode ccurl_share_set(CURLSH *share, CURLSHoption option, long value);
unsigned ccurl_append_encoded(void);

void ccurl_easy_cleanup(CURL *easy);
CURL *_Nullable ccurl_easy_init(void);
CURLcode ccurl_easy_pause(CURL *easy, int bits);
void ccurl_easy_reset(CURL *easy);
CURLcode ccurl_easy_send(CURL *easy, const void *bytes, size_t count, size_t *sent);
CURLcode ccurl_easy_recv(CURL *easy, void *bytes, size_t count, size_t *received);
const char *ccurl_easy_strerror(CURLcode code);
void ccurl_free(void *_Nullable pointer);
curl_mimepart *_Nullable ccurl_mime_addpart(curl_mime *form);
CURLcode ccurl_mime_data(curl_mimepart *part, const char *_Nullable bytes, size_t count);
CURLcode ccurl_mime_filedata(curl_mimepart *part, const char *path);
CURLcode ccurl_mime_filename(curl_mimepart *part, const char *name);
void ccurl_mime_free(curl_mime *form);
curl_mime *_Nullable ccurl_mime_init(CURL *easy);
CURLcode ccurl_mime_name(curl_mimepart *part, const char *name);
CURLcode ccurl_mime_type(curl_mimepart *part, const char *type);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_cleanup(CURLM *multi);
CURLM *_Nullable ccurl_multi_init(void);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_socket_action(CURLM *multi, curl_socket_t socket, int events, int *running);
CURLSHcode ccurl_share_cleanup(CURLSH *share);
CURLSH *_Nullable ccurl_share_init(void);
struct curl_slist *_Nullable ccurl_slist_append(struct curl_slist *_Nullable list, const char *text);
void ccurl_slist_free_all(struct curl_slist *_Nullable list);
CURLU *_Nullable ccurl_url(void);
void ccurl_url_cleanup(CURLU *url);
CURLUcode ccurl_url_get(CURLU *url, CURLUPart part, char *_Nullable *_Nonnull text, unsigned flags);
CURLUcode ccurl_url_set(CURLU *url, CURLUPart part, const char *_Nullable text, unsigned flags);
const char *ccurl_url_strerror(CURLUcode code);

#pragma clang assume_nonnull end

#endif
