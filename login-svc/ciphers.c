#include "ciphers.h"

#include <pthread.h>

static EVP_CIPHER *cbc, *gcm; /* kept to the end of the process */

static void look_up(void) {
    cbc = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
    gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

static void look_up_once(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, look_up);
}

const EVP_CIPHER *cipher_aes_128_cbc(void) {
    look_up_once();
    return cbc;
}

const EVP_CIPHER *cipher_aes_256_gcm(void) {
    look_up_once();
    return gcm;
}
