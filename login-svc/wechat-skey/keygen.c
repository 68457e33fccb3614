#include "key_file.h"
#include "mw/base32.h"
#include "mw/identity.h"
#include "mw/secret.h"
#include "tool.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

struct keygen_args {
    const char *folder, *kid;
    bool rotate;
};

static int read_args(int argc, char **argv, struct keygen_args *out) {
    static const struct option options[] = {
        {"kid", required_argument, NULL, 'k'}, {"rotate", no_argument, NULL, 'r'}, {NULL, 0, NULL, 0}};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'k')
            out->kid = optarg;
        else if (option == 'r')
            out->rotate = true;
        else
            return complain_option(argv[optind - 1]);
    }
    if (argc - optind != 1) return complain_usage("keygen: name one folder");
    out->folder = argv[optind];
    if (out->kid && !mw_is_kid(mw_cstr(out->kid)))
        return complain_usage("--kid: 1 to 64 printable ASCII characters without blanks, quotes and backslash");
    return STATUS_OK;
}

static bool put_path(char out[static PATH_MAX], const char *folder, const char *name) {
    struct mw_buf b = mw_buf_over(out, PATH_MAX);
    mw_buf_put(&b, mw_cstr(folder));
    mw_buf_putc(&b, '/');
    mw_buf_put(&b, mw_cstr(name));
    if (mw_buf_cstr(&b)) return true;
    complain("%s: the name is too long", folder);
    return false;
}

/* k-YYYYMMDD-xxxx: the date tells operators which key is old; the letters keep two of one day apart. */
static bool make_kid(char out[static MW_KID_MAX + 1]) {
    uint8_t raw[3];
    char letters[MW_BASE32_LEN(sizeof raw)], date[sizeof "20251231"];
    const time_t now = time(NULL);
    struct tm utc;
    struct mw_buf b = mw_buf_over(letters, sizeof letters);
    if (mw_random(raw, sizeof raw) != MW_OK || !gmtime_r(&now, &utc)) {
        complain("the system has no random bytes, or no date, to give");
        return false;
    }
    mw_base32_put(&b, mw_bytes(raw, sizeof raw));
    if (strftime(date, sizeof date, "%Y%m%d", &utc) == 0) date[0] = '\0';
    (void)snprintf(out, MW_KID_MAX + 1, "k-%s-%.4s", date, letters);
    return true;
}

static bool choose_kid(const struct keygen_args *args, char out[static MW_KID_MAX + 1]) {
    return args->kid ? mw_str_copy(out, MW_KID_MAX + 1, mw_cstr(args->kid)) : make_kid(out);
}

static int create_secret(const char *path) {
    uint8_t secret[MW_SECRET_KEY_LEN];
    enum mw_err err = mw_random(secret, sizeof secret);
    if (err != MW_OK)
        complain("the system has no random bytes to give");
    else
        err = key_file_create(path, 0600, mw_bytes(secret, sizeof secret));
    mw_wipe(secret, sizeof secret);
    if (err == MW_OK) (void)printf("%s: made. Keep a copy in a safe place: every uid comes from it\n", path);
    if (err == MW_EEXIST) (void)printf("%s: there already, kept\n", path);
    return err == MW_OK || err == MW_EEXIST ? STATUS_OK : STATUS_FAILED;
}

static int refuse_to_overwrite(const char *path, const char *folder) {
    complain("%s is there already and stays as it is. To sign with a new key: wechat-skey keygen --rotate %s", path,
             folder);
    return STATUS_FAILED;
}

static int create_signing_keys(const char *path, const char *kid, const char *folder) {
    char text[512];
    enum mw_err err = mw_jwks_generate(mw_cstr(kid), text, sizeof text);
    if (err != MW_OK)
        complain("cannot make a key: %s", mw_err_text(err));
    else
        err = key_file_create(path, 0640, mw_cstr(text));
    mw_wipe(text, sizeof text);
    if (err == MW_EEXIST) return refuse_to_overwrite(path, folder);
    if (err != MW_OK) return STATUS_FAILED;
    (void)printf("%s: made, kid %s. Mosquitto has to be able to read it: chgrp mosquitto %s\n", path, kid, path);
    return STATUS_OK;
}

/* Made when it is missing. Everybody may look in: the files have modes of their own. */
static bool have_folder(const char *folder) {
    struct stat st;
    if (mkdir(folder, 0755) == 0) return true;
    if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode)) return true;
    complain("%s is not a folder and can not be made. Make it first: mkdir -p %s", folder, folder);
    return false;
}

/* The secret first: signing.jwks stands for a finished run, also when this one is cut off between the two. */
static int create(const struct keygen_args *args, const char *jwks_path) {
    char secret_path[PATH_MAX], kid[MW_KID_MAX + 1];
    struct stat st;
    if (args->folder == NULL || !have_folder(args->folder)) return STATUS_FAILED;
    if (lstat(jwks_path, &st) == 0) return refuse_to_overwrite(jwks_path, args->folder);
    if (!put_path(secret_path, args->folder, "login-svc.key") || !choose_kid(args, kid)) return STATUS_FAILED;
    const int status = create_secret(secret_path);
    return status == STATUS_OK ? create_signing_keys(jwks_path, kid, args->folder) : status;
}

/* The new key in front of the others. */
static int add_key(struct mw_keyset *set, const char *kid) {
    if (mw_keyset_find(set, mw_cstr(kid))) {
        complain("there is a key with kid %s already: choose another --kid", kid);
        return STATUS_FAILED;
    }
    if (set->count == MW_KEYS_MAX) {
        complain("there are %d keys already: first remove those whose last skey has expired, they are the last ones",
                 MW_KEYS_MAX);
        return STATUS_FAILED;
    }
    memmove(&set->keys[1], &set->keys[0], set->count * sizeof set->keys[0]);
    set->count++;
    if (mw_key_generate(mw_cstr(kid), &set->keys[0]) == MW_OK) return STATUS_OK;
    complain("the system has no random bytes to give");
    return STATUS_FAILED;
}

static int write_set(const char *path, const struct mw_keyset *set) {
    static char text[MW_JWKS_TEXT_MAX];
    enum mw_err err = mw_jwks_write(set, text, sizeof text);
    if (err != MW_OK)
        complain("cannot put the keys together: %s", mw_err_text(err));
    else
        err = key_file_replace(path, mw_cstr(text));
    mw_wipe(text, sizeof text);
    return err == MW_OK ? STATUS_OK : STATUS_FAILED;
}

static int rotate(const struct keygen_args *args, const char *jwks_path) {
    char kid[MW_KID_MAX + 1];
    struct mw_keyset set = {0};
    if (!choose_kid(args, kid) || key_file_load(jwks_path, &set) != MW_OK) return STATUS_FAILED;
    int status = add_key(&set, kid);
    if (status == STATUS_OK) status = write_set(jwks_path, &set);
    if (status == STATUS_OK)
        (void)printf("%s: %s signs from the next reload on, %zu older %s still verified. Now send SIGHUP to mosquitto, "
                     "then to mosquitto-wechat-login. Take an old key out when its last skey has expired\n",
                     jwks_path, kid, set.count - 1, set.count == 2 ? "key is" : "keys are");
    mw_keyset_wipe(&set);
    return status;
}

int keygen_main(int argc, char **argv) {
    struct keygen_args args = {0};
    char jwks_path[PATH_MAX];
    const int status = read_args(argc, argv, &args);
    if (status != STATUS_OK) return status;
    if (!put_path(jwks_path, args.folder, "signing.jwks")) return STATUS_FAILED;
    return args.rotate ? rotate(&args, jwks_path) : create(&args, jwks_path);
}
