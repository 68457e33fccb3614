/* Bytes from outside travel as a read-only view with a length; text is put together in a bounded builder. */
#ifndef MW_STR_H
#define MW_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed, not NUL-terminated. ptr NULL means "absent", which is different from an empty string. */
struct mw_str {
    const char *ptr;
    size_t len;
};

#define MW_STR(literal) ((struct mw_str){(literal), sizeof(literal) - 1})

/* The only place that measures a C string; NULL gives the absent view. */
static inline struct mw_str mw_cstr(const char *s) {
    return (struct mw_str){s, s ? strlen(s) : 0};
}
static inline struct mw_str mw_bytes(const void *p, size_t len) {
    return (struct mw_str){p, len};
}

/* Absent never equals anything, not even absent. Not for secrets: see mw_secret_eq(). */
static inline bool mw_str_eq(struct mw_str a, struct mw_str b) {
    return a.ptr && b.ptr && a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}
static inline bool mw_str_starts(struct mw_str s, struct mw_str prefix) {
    return s.ptr && s.len >= prefix.len && memcmp(s.ptr, prefix.ptr, prefix.len) == 0;
}
/* The rest after the first n bytes; n > len gives an empty view at the end. */
static inline struct mw_str mw_str_skip(struct mw_str s, size_t n) {
    if (n > s.len) n = s.len;
    return (struct mw_str){s.ptr ? s.ptr + n : NULL, s.len - n};
}

/* Copies s with a terminating NUL. False, and dst untouched, when s is absent, holds a NUL or needs more than cap
 * bytes. */
bool mw_str_copy(char *dst, size_t cap, struct mw_str s);

/* Builder over memory of the caller. What does not fit sets `overflow` and is left out; nothing is ever written past
 * cap. Not NUL-terminated: use mw_buf_cstr(). */
struct mw_buf {
    char *ptr;
    size_t cap, len;
    bool overflow;
};

static inline struct mw_buf mw_buf_over(void *mem, size_t cap) {
    return (struct mw_buf){mem, cap, 0, false};
}
static inline struct mw_str mw_buf_str(const struct mw_buf *b) {
    return (struct mw_str){b->ptr, b->len};
}
/* Once something was left out, nothing more is taken: what stands in the buffer is always a clean beginning. Inline, so
 * that a literal is copied by a store or two. */
static inline void mw_buf_put(struct mw_buf *b, struct mw_str s) {
    if (!s.ptr || s.len == 0) return;
    if (b->overflow || s.len > b->cap - b->len) {
        b->overflow = true;
        return;
    }
    memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
}
static inline void mw_buf_putc(struct mw_buf *b, char c) {
    mw_buf_put(b, (struct mw_str){&c, 1});
}
void mw_buf_puti(struct mw_buf *b, int64_t v); /* decimal */
/* s as a JSON string with its quotes. s is valid UTF-8; control characters are escaped. */
void mw_buf_put_json(struct mw_buf *b, struct mw_str s);
/* Terminates and returns the text, or NULL when it overflowed or no byte is left for the NUL. */
const char *mw_buf_cstr(struct mw_buf *b);

#endif
