#include "media_store.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"
#define ONE HASH "1.jpg"
#define TWO HASH "2.mp4"

struct bench {
    char path[64];
    struct media_store *st;
};

static void open_again(struct bench *b) {
    struct media_error err;
    media_store_close(&b->st);
    if (media_store_open(b->path, MEDIA_STORE_MAKE, &b->st, &err) != MW_OK) fail_msg("%s", err.text);
}

static int set_up(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    if (!b) return -1;
    memcpy(b->path, "/tmp/mw-store-XXXXXX", sizeof "/tmp/mw-store-XXXXXX");
    if (!mkdtemp(b->path)) return -1;
    *state = b;
    open_again(b);
    return 0;
}

static int tear_down(void **state) {
    struct bench *b = *state;
    char command[96];
    media_store_close(&b->st);
    (void)snprintf(command, sizeof command, "rm -r %s", b->path);
    const int rc = system(command); /* NOLINT(cert-env33-c): a name of our own */
    free(b);
    return rc;
}

static void path_of(const struct bench *b, const char *name, char out[static 192]) {
    (void)snprintf(out, 192, "%s/%s", b->path, name);
}

static bool is_there(const struct bench *b, const char *name) {
    char path[192];
    path_of(b, name, path);
    return access(path, F_OK) == 0;
}

static void set_age(const struct bench *b, const char *name, int64_t at_s) {
    char path[192];
    const struct timespec times[2] = {{.tv_sec = at_s}, {.tv_sec = at_s}};
    path_of(b, name, path);
    assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void make(const struct bench *b, const char *name) {
    char path[192];
    path_of(b, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("12345", file);
    (void)fclose(file);
}

static void put(struct bench *b, const char *name, const char *content) {
    struct media_draft d;
    struct media_error err;
    assert_int_equal(media_draft_begin(b->st, &d, &err), MW_OK);
    assert_int_equal(media_draft_write(&d, mw_cstr(content), &err), MW_OK);
    assert_int_equal(media_draft_sync(&d, &err), MW_OK);
    assert_int_equal(media_draft_publish(b->st, &d, name, &err), MW_OK);
    media_draft_end(b->st, &d);
    assert_true(is_there(b, name));
}

static void draft__until_it_is_published__is_not_there(void **state) {
    struct bench *b = *state;
    struct media_draft d;
    struct media_error err;
    struct media_found found;
    char name[64];
    assert_int_equal(media_draft_begin(b->st, &d, &err), MW_OK);
    assert_int_equal(media_draft_write(&d, MW_STR("hello"), &err), MW_OK);
    assert_int_equal(media_store_find(b->st, ONE, &found, &err), MW_ENOENT);
    (void)snprintf(name, sizeof name, "incoming/%s", d.name);
    assert_true(is_there(b, name));
    assert_int_equal(media_draft_publish(b->st, &d, ONE, &err), MW_OK);
    assert_false(is_there(b, name));
    assert_int_equal(media_store_find(b->st, ONE, &found, &err), MW_OK);
    assert_int_equal(found.size, 5);
    (void)close(found.fd);
}

static void draft__given_up__leaves_nothing(void **state) {
    struct bench *b = *state;
    struct media_draft d, none = MEDIA_NO_DRAFT;
    struct media_error err;
    char name[64];
    assert_int_equal(media_draft_begin(b->st, &d, &err), MW_OK);
    (void)snprintf(name, sizeof name, "incoming/%s", d.name);
    media_draft_end(b->st, &d);
    media_draft_end(b->st, &d);
    media_draft_end(b->st, &none);
    assert_false(is_there(b, name));
}

/* Who reads the old one reads on; its date is new. */
static void publish__same_name_again__takes_its_place(void **state) {
    struct bench *b = *state;
    struct media_found before, after;
    struct media_error err;
    char byte = 0;
    put(b, ONE, "hello");
    set_age(b, ONE, 1000);
    assert_int_equal(media_store_find(b->st, ONE, &before, &err), MW_OK);
    assert_int_equal(before.modified_s, 1000);
    put(b, ONE, "hello");
    assert_int_equal(media_store_find(b->st, ONE, &after, &err), MW_OK);
    assert_true(after.modified_s > 1000);
    assert_int_equal(read(before.fd, &byte, 1), 1);
    (void)close(before.fd);
    (void)close(after.fd);
}

/* What a killed process left goes; what a living one writes stays. */
static void open__leftovers__removed_unless_they_are_held(void **state) {
    struct bench *b = *state;
    struct media_draft d;
    struct media_error err;
    char name[64];
    make(b, "incoming/dead");
    assert_int_equal(media_draft_begin(b->st, &d, &err), MW_OK);
    struct bench other = *b;
    other.st = NULL;
    open_again(&other);
    (void)snprintf(name, sizeof name, "incoming/%s", d.name);
    assert_false(is_there(b, "incoming/dead"));
    assert_true(is_there(b, name));
    assert_int_equal(media_draft_publish(b->st, &d, ONE, &err), MW_OK);
    media_store_close(&other.st);
}

static void find__what_is_no_file_of_ours__not_there(void **state) {
    struct bench *b = *state;
    struct media_found found;
    struct media_error err;
    char path[192];
    path_of(b, ONE, path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(media_store_find(b->st, ONE, &found, &err), MW_ENOENT);
    path_of(b, TWO, path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(media_store_find(b->st, TWO, &found, &err), MW_ENOENT);
    path_of(b, HASH "3.gif", path);
    assert_int_equal(mkfifo(path, 0700), 0); /* which must not be waited for */
    assert_int_equal(media_store_find(b->st, HASH "3.gif", &found, &err), MW_ENOENT);
    assert_int_equal(media_store_find(b->st, HASH "4.gif", &found, &err), MW_ENOENT);
}

static void sweep__old_files_of_ours__and_nothing_else(void **state) {
    struct bench *b = *state;
    struct media_swept swept;
    struct media_error err;
    static const char *const others[] = {"readme.txt", HASH "1.html", HASH "1", "quota.jpg"};
    put(b, ONE, "hello");
    put(b, TWO, "world!");
    put(b, HASH "5.png", "!");
    set_age(b, ONE, 999);
    set_age(b, TWO, 998);
    set_age(b, HASH "5.png", 1000);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        make(b, others[i]);
        set_age(b, others[i], 5);
    }
    assert_int_equal(media_store_sweep(b->st, 1000, &swept, &err), MW_OK);
    assert_int_equal(swept.files, 2);
    assert_int_equal(swept.bytes, 11);
    assert_false(is_there(b, ONE));
    assert_false(is_there(b, TWO));
    assert_true(is_there(b, HASH "5.png"));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_true(is_there(b, others[i]));
}

/* A file that comes again while it is being swept stays: whichever of the two comes first. */
static void sweep__waits_for_who_publishes__and_looks_again(void **state) {
    struct bench *b = *state;
    struct media_swept swept;
    struct media_error err;
    char path[192];
    put(b, ONE, "hello");
    set_age(b, ONE, 5);
    path_of(b, "incoming", path);
    int lock = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(lock, LOCK_SH), 0);
    const pid_t child = fork();
    if (child == 0) {
        (void)close(lock); /* or it would hold what it waits for */
        (void)alarm(30);
        _exit(media_store_sweep(b->st, 1000, &swept, &err) == MW_OK && swept.files == 0 ? 0 : 1);
    }
    /* Once it waits for the lock it has seen the old date. */
    char wchan[64] = "", proc[64];
    (void)snprintf(proc, sizeof proc, "/proc/%d/syscall", (int)child);
    for (int i = 0; i < 1000 && strncmp(wchan, "73 ", 3) != 0; i++) { /* flock, on x86-64; elsewhere a second passes */
        FILE *file = fopen(proc, "r");
        if (file && !fgets(wchan, sizeof wchan, file)) wchan[0] = '\0';
        if (file) (void)fclose(file);
        (void)usleep(1000);
    }
    set_age(b, ONE, 2000);
    (void)close(lock);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(is_there(b, ONE));
}

static void open__bad_places__refused_with_words(void **state) {
    struct bench *b = *state;
    struct media_store *st = NULL;
    struct media_error err;
    static const char *const names[] = {"/proc/mw-no-such-place/media", "/dev/null"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        err.text[0] = '\0';
        assert_int_not_equal(media_store_open(names[i], MEDIA_STORE_MAKE, &st, &err), MW_OK);
        assert_int_not_equal(err.text[0], '\0');
        err.text[0] = '\0';
        assert_int_not_equal(media_store_probe(names[i], &err), MW_OK);
        assert_int_not_equal(err.text[0], '\0');
    }
    char path[192];
    path_of(b, "new", path);
    assert_int_equal(media_store_probe(path, &err), MW_OK);
    assert_int_not_equal(media_store_open(path, MEDIA_STORE_AS_IT_IS, &st, &err), MW_OK);
    assert_false(is_there(b, "new"));
    assert_int_equal(media_store_open(path, MEDIA_STORE_MAKE, &st, &err), MW_OK);
    assert_int_equal(media_store_probe(path, &err), MW_OK);
    media_store_close(&st);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(draft__until_it_is_published__is_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(draft__given_up__leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(publish__same_name_again__takes_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__leftovers__removed_unless_they_are_held, set_up, tear_down),
        cmocka_unit_test_setup_teardown(find__what_is_no_file_of_ours__not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sweep__old_files_of_ours__and_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sweep__waits_for_who_publishes__and_looks_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(open__bad_places__refused_with_words, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
