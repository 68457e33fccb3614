#include "router.h"

static bool fits(const struct route *row, struct mw_str path) {
    const struct mw_str want = mw_cstr(row->path);
    if (want.ptr[want.len - 1] == '/') return path.len > want.len && mw_str_starts(path, want);
    return mw_str_eq(path, want);
}

enum router_verdict router_find(const struct routes *routes, struct mw_str method, struct mw_str path,
                                const struct route **out, char allow[static REPLY_ALLOW_MAX]) {
    struct mw_buf list = mw_buf_over(allow, REPLY_ALLOW_MAX);
    for (size_t i = 0; i < routes->count; i++) {
        const struct route *row = &routes->rows[i];
        if (!fits(row, path)) continue;
        if (mw_str_eq(method, mw_cstr(row->method))) {
            *out = row;
            return ROUTER_FOUND;
        }
        if (list.len > 0) mw_buf_put(&list, MW_STR(", "));
        mw_buf_put(&list, mw_cstr(row->method));
    }
    if (list.len == 0) return ROUTER_NO_PATH;
    return mw_buf_cstr(&list) ? ROUTER_NO_METHOD : ROUTER_NO_PATH;
}
