#include "key_file.h"
#include "mw/secret.h"
#include "mw/skey.h"
#include "token_view.h"
#include "tool.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX 65536

struct inspect_args {
    const char *keys;
    struct mw_str token; /* absent: on standard input */
};

static int read_args(int argc, char **argv, struct inspect_args *out) {
    static const struct option options[] = {{"keys", required_argument, NULL, 'k'}, {NULL, 0, NULL, 0}};
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option != 'k') return complain_option(argv[optind - 1]);
        out->keys = optarg;
    }
    if (argc - optind > 1) return complain_usage("inspect: one token at a time");
    out->token = mw_cstr(optind < argc ? argv[optind] : NULL);
    return STATUS_OK;
}

/* All of standard input; more than a token can be is enough to see that it is too long. */
static bool read_input(char *mem, size_t cap, struct mw_str *out) {
    size_t len = 0;
    ssize_t n = 0;
    if (isatty(STDIN_FILENO)) (void)fputs("Token, then Enter and Ctrl-D: ", stderr);
    do {
        n = read(STDIN_FILENO, mem + len, cap - len);
        if (n > 0) len += (size_t)n;
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0) {
        complain("cannot read standard input: %s", strerror(errno));
        return false;
    }
    *out = mw_bytes(mem, len);
    return true;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What copying brings along. */
static struct mw_str trim(struct mw_str s) {
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_blank(s.ptr[0]))
        s = mw_str_skip(s, 1);
    return s;
}

static int judge(const char *keys_path, struct mw_str token, int64_t now_s) {
    static struct mw_keyset set;
    struct mw_claims claims;
    const char *why = NULL;
    if (key_file_load(keys_path, &set) != MW_OK) return STATUS_FAILED;
    const enum mw_skey_status status = mw_skey_verify(&set, token, now_s, &claims, &why);
    mw_keyset_wipe(&set);
    if (status == MW_SKEY_VALID) {
        (void)puts("valid");
        return STATUS_OK;
    }
    (void)printf("refused: %s\n", why ? why : mw_skey_status_text(status));
    return STATUS_FAILED;
}

int inspect_main(int argc, char **argv) {
    static char input[INPUT_MAX];
    struct inspect_args args = {0};
    const int64_t now_s = time(NULL);
    int status = read_args(argc, argv, &args);
    if (status != STATUS_OK) return status;
    if (!args.token.ptr && !read_input(input, sizeof input, &args.token)) return STATUS_FAILED;
    args.token = trim(args.token);
    if (args.token.len == 0) return complain_usage("inspect: no token");
    token_view_print(args.token, now_s);
    if (args.keys) {
        status = judge(args.keys, args.token, now_s);
    } else {
        (void)puts("signature not checked: name the keys with --keys FILE");
        status = STATUS_FAILED;
    }
    mw_wipe(input, sizeof input);
    return status;
}
