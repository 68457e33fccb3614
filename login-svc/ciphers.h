/* libcrypto's ciphers. EVP_aes_128_cbc() and its like are looked up anew for every use, which costs as much as the
 * deciphering; these are looked up once. Any thread. */
#ifndef CIPHERS_H
#define CIPHERS_H

#include <openssl/evp.h>

/* NULL, which EVP_EncryptInit_ex() and EVP_DecryptInit_ex() refuse in a fresh context, when libcrypto has it not. */
const EVP_CIPHER *cipher_aes_128_cbc(void);
const EVP_CIPHER *cipher_aes_256_gcm(void);

#endif
