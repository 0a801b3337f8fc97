/* OpenSSL 3 (libssl-dev): the message digests of libcrypto. */
#include <openssl/evp.h>
