/* The signing keys of the running service: many threads verify and mint while a reload swaps them. */
#ifndef KEYRING_H
#define KEYRING_H

#include "mw/skey.h"
#include "secret_file.h"

struct keyring;

MW_MUST_CHECK enum mw_err keyring_open(const char *path, struct keyring **out, struct secret_file_error *err);
/* Reads the file again. On failure the old keys stay in force. */
MW_MUST_CHECK enum mw_err keyring_reload(struct keyring *ring, struct secret_file_error *err);
/* Takes &ring, allows NULL, clears and wipes. */
void keyring_close(struct keyring **ring);

/* As mw_skey_verify() and mw_skey_mint(), with the keys of this moment. */
enum mw_skey_status keyring_verify(struct keyring *ring, struct mw_str token, int64_t now_s, struct mw_claims *out,
                                   const char **why);
MW_MUST_CHECK enum mw_err keyring_mint(struct keyring *ring, const struct mw_claims *claims, char *out, size_t cap);
size_t keyring_count(struct keyring *ring);

#endif
