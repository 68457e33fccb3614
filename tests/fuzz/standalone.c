/* Runs a fuzzer's function over files, or over all files of folders, without libFuzzer: any compiler, same checks. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1 << 20)
#define PATH_SIZE 4096

/* The input has a block of its own size, so that sanitizers see every read past its end. */
static int run_file(const char *path) {
    static uint8_t whole[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return -1;
    }
    const size_t size = fread(whole, 1, sizeof whole, file);
    const int failed = ferror(file);
    (void)fclose(file);
    uint8_t *input = malloc(size ? size : 1);
    if (failed || !input) {
        fprintf(stderr, "%s: cannot be read\n", path);
        free(input);
        return -1;
    }
    for (size_t i = 0; i < size; i++)
        input[i] = whole[i];
    (void)fprintf(stderr, "%s\n", path); /* before it runs: the last name is the one that crashed */
    (void)LLVMFuzzerTestOneInput(input, size);
    free(input);
    return 1;
}

/* The number of inputs, or -1. */
static int run_folder(const char *folder) {
    int count = 0;
    DIR *dir = opendir(folder);
    if (!dir) {
        perror(folder);
        return -1;
    }
    for (const struct dirent *entry; count >= 0 && (entry = readdir(dir));) {
        char path[PATH_SIZE];
        if (entry->d_name[0] == '.') continue;
        const int len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        const int ran = len > 0 && len < PATH_SIZE ? run_file(path) : -1;
        count = ran < 0 ? -1 : count + ran;
    }
    (void)closedir(dir);
    return count;
}

int main(int argc, char **argv) {
    int count = 0;
    for (int i = 1; i < argc; i++) {
        struct stat st;
        const int ran = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode) ? run_folder(argv[i]) : run_file(argv[i]);
        if (ran < 0) return 1;
        count += ran;
    }
    (void)printf("%d inputs\n", count);
    return count > 0 ? 0 : 1; /* a corpus that got lost is not a pass */
}
