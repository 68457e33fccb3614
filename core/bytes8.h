/* Eight bytes of a text at a time. What finds bytes sets the top bit of each that is a hit. A subtraction may borrow
 * from the byte above, so that what stands behind the first hit means nothing: the answers tell whether there is a hit,
 * and which is the first, also when several are joined by '|'. */
#ifndef MW_CORE_BYTES8_H
#define MW_CORE_BYTES8_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BYTES8_ONES UINT64_C(0x0101010101010101)
#define BYTES8_TOPS (BYTES8_ONES << 7)

/* The first byte is the lowest. */
static inline uint64_t bytes8_load(const void *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return le64toh(word);
}

static inline uint64_t bytes8_not_ascii(uint64_t word) {
    return word & BYTES8_TOPS;
}

/* limit <= 0x80 */
static inline uint64_t bytes8_below(uint64_t word, unsigned char limit) {
    return (word - BYTES8_ONES * limit) & ~word & BYTES8_TOPS;
}

static inline uint64_t bytes8_equal(uint64_t word, unsigned char c) {
    return bytes8_below(word ^ BYTES8_ONES * c, 1);
}

/* What a JSON string cannot hold as it is: quote, backslash, and what is below 0x20. With its bit 1 turned a quote is
 * 0x20, and the two that were there are 0x22 and 0x23, so that one comparison finds it with those below. */
static inline uint64_t bytes8_special(uint64_t word) {
    return bytes8_below(word ^ BYTES8_ONES * 0x02, 0x21) | bytes8_equal(word, '\\');
}

/* How many bytes stand in front of the first hit: 8 when there is none. */
static inline size_t bytes8_before(uint64_t hits) {
    return hits ? (size_t)__builtin_ctzll(hits) / 8 : 8;
}

#endif
