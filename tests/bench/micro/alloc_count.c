#include "micro.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <stdlib.h>

static uint64_t count;

/* The linker's --wrap gives these names their meaning: __wrap_ is called for it, __real_ is the function itself. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size) {
    count++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
    count++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size) {
    count++;
    return __real_realloc(p, size);
}

uint64_t alloc_count(void) {
    return count;
}

static void *crypto_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return malloc(size);
}

static void *crypto_realloc(void *p, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return realloc(p, size);
}

static void crypto_free(void *p, const char *file, int line) {
    (void)file;
    (void)line;
    free(p);
}

bool alloc_count_libraries(void) {
    struct cJSON_Hooks hooks = {malloc, free};
    cJSON_InitHooks(&hooks);
    return CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) == 1;
}
