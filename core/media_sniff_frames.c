#include "media_bytes.h"
#include "media_sniff.h"

#define ID3_HEADER 10
#define FRAME_HEADER_MAX 7

/* A frame's header: how long the frame is, and what the next one of the same stream says too. length 0: no frame. */
struct frame {
    uint32_t length, same;
};

/* MPEG audio layer III (ISO 11172-3, 13818-3, and 2.5 for the lowest rates). Layers I and II are no MP3, "free" bit
 * rates have no length, and a UTF-16 byte order mark says layer I. */
static struct frame mp3_frame(const uint8_t *p) {
    enum { MPEG_25 = 0, RESERVED = 1, MPEG_1 = 3, LAYER_3 = 1 };
    static const uint16_t kbps_1[16] = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0};
    static const uint16_t kbps_2[16] = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0};
    static const uint32_t rates[4] = {44100, 48000, 32000, 0};
    const struct frame none = {0, 0};
    const uint32_t word = be32(p);
    if (word >> 21 != 0x7ff) return none;
    const unsigned version = word >> 19 & 3, layer = word >> 17 & 3, emphasis = word & 3;
    if (version == RESERVED || layer != LAYER_3 || emphasis == 2) return none;
    const uint32_t kbps = version == MPEG_1 ? kbps_1[word >> 12 & 15] : kbps_2[word >> 12 & 15];
    const uint32_t rate = rates[word >> 10 & 3] >> (version == MPEG_1 ? 0 : version == MPEG_25 ? 2 : 1);
    if (kbps == 0 || rate == 0) return none;
    const uint32_t samples_8 = version == MPEG_1 ? 144 : 72; /* an eighth of a frame's samples */
    return (struct frame){samples_8 * kbps * 1000 / rate + (word >> 9 & 1), word & 0xfffe0c00};
}

/* AAC in ADTS (ISO 14496-3, 1.A.2.2). */
static struct frame aac_frame(const uint8_t *p) {
    const struct frame none = {0, 0};
    const unsigned layer = p[1] >> 1 & 3, rate = p[2] >> 2 & 15, rates = 13;
    if (p[0] != 0xff || p[1] >> 4 != 15 || layer != 0 || rate >= rates) return none;
    const bool checksum = !(p[1] & 1);
    const uint32_t length = (uint32_t)(p[3] & 3) << 11 | (uint32_t)p[4] << 3 | p[5] >> 5;
    if (length <= (checksum ? 9U : 7U)) return none;
    return (struct frame){length, be32(p) & 0xfffffdc0}; /* all that is fixed, without the private bit */
}

static const struct {
    enum mw_media_type type;
    size_t header;
    struct frame (*read)(const uint8_t *p);
} kinds[] = {{MW_MEDIA_MP3, 4, mp3_frame}, {MW_MEDIA_AAC, 7, aac_frame}};

/* Two bytes of sync are little proof. So a second frame stands where the first one ends, or the file ends there. What
 * is behind the head counts as well when a tag came before: `tagged`. */
static enum mw_media_type frames_at(const uint8_t *head, size_t len, size_t at, bool tagged) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (len - at < kinds[i].header) continue;
        const struct frame first = kinds[i].read(head + at);
        if (first.length == 0) continue;
        const size_t next = at + first.length;
        if (next == len) return kinds[i].type;
        if (len == MW_MEDIA_HEAD_LEN && next + kinds[i].header > len) return tagged ? kinds[i].type : MW_MEDIA_NONE;
        if (next + kinds[i].header > len) continue;
        const struct frame second = kinds[i].read(head + next);
        if (second.length > 0 && second.same == first.same) return kinds[i].type;
    }
    return MW_MEDIA_NONE;
}

/* The length of the ID3v2 tag that the file begins with, or 0. */
static size_t tag_len(const uint8_t *head, size_t len) {
    const uint8_t footer = 0x10;
    if (len < ID3_HEADER || memcmp(head, "ID3", 3) != 0) return 0;
    if (head[3] < 2 || head[3] > 4 || head[4] == 0xff) return 0;
    size_t size = 0;
    for (size_t i = 6; i < ID3_HEADER; i++) {
        if (head[i] & 0x80) return 0;
        size = size << 7 | head[i];
    }
    return ID3_HEADER + size + (head[5] & footer ? ID3_HEADER : 0);
}

static bool is_tag_letter(uint8_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A tag with a picture goes past the head: its first entry's name is then what tells it from a text that begins with
 * "ID3". */
static bool has_entry(const uint8_t *head, size_t len) {
    const size_t letters = head[3] == 2 ? 3 : 4;
    for (size_t i = 0; i < letters; i++)
        if (ID3_HEADER + i >= len || !is_tag_letter(head[ID3_HEADER + i])) return false;
    return true;
}

enum mw_media_type sniff_frames(const uint8_t *head, size_t len) {
    size_t at = tag_len(head, len);
    if (at == 0) return frames_at(head, len, 0, false);
    if (at + FRAME_HEADER_MAX > MW_MEDIA_HEAD_LEN)
        return len == MW_MEDIA_HEAD_LEN && has_entry(head, len) ? MW_MEDIA_MP3 : MW_MEDIA_NONE;
    while (at < len && head[at] == 0) /* some writers pad behind the tag and not in it */
        at++;
    return at < len ? frames_at(head, len, at, true) : MW_MEDIA_NONE;
}

/* Every frame's first byte tells how long it is, and has three bits that are 0. The last frame may be cut, as of a
 * phone that went off, but not the only one: then it is as likely a text. */
enum mw_media_type sniff_amr(const uint8_t *head, size_t len) {
    enum { FRAME_KINDS = 16 };
    static const struct {
        struct mw_str signature;
        uint8_t length[FRAME_KINDS]; /* with the first byte; 0: there is none */
    } bands[] = {{{"#!AMR\n", 6}, {13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1}},
                 {{"#!AMR-WB\n", 9}, {18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 0, 0, 0, 0, 1, 1}}};
    const unsigned zeros = 0x83;
    for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++) {
        size_t at = bands[i].signature.len;
        if (!mw_str_starts(mw_bytes(head, len), bands[i].signature) || at == len) continue;
        bool whole = false;
        while (at < len) {
            const uint8_t length = bands[i].length[head[at] >> 3 & 15];
            if ((head[at] & zeros) != 0 || length == 0) return MW_MEDIA_NONE;
            at += length;
            whole |= at <= len;
        }
        return whole ? MW_MEDIA_AMR : MW_MEDIA_NONE;
    }
    return MW_MEDIA_NONE;
}
