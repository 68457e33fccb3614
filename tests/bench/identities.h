/* Who logs in: anonymous clients, users by a pattern, skeys from a file, or skeys minted on the spot. */
#ifndef BENCH_IDENTITIES_H
#define BENCH_IDENTITIES_H

#include "mw/skey.h"

#define IDENTITY_TEXT_MAX 128

struct identity {
    char name[IDENTITY_TEXT_MAX + 1]; /* uid or user name: stands in user/<name>, and is the client id */
    bool anonymous;
    char username[IDENTITY_TEXT_MAX + 1];
    char password[MW_SKEY_MAX + 1];
};

struct identity_options {
    const char *user;     /* with %d for the number */
    const char *password; /* of those users */
    const char *skeys;    /* file of lines: uid sid skey */
    const char *keys;     /* signing.jwks to mint with */
    const char *app_id;
};

struct identities;

/* At most one of user, skeys and keys is not empty. *why is static text. */
MW_MUST_CHECK enum mw_err identities_open(const struct identity_options *options, struct identities **out,
                                          const char **why);
void identities_free(struct identities **ids);
/* MW_ENOENT: the file has fewer lines. */
MW_MUST_CHECK enum mw_err identities_get(const struct identities *ids, uint32_t number, struct identity *out);

#endif
