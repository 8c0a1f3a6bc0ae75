#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sandbox.h"

char *sandbox_find(const char *name)
{
    const char *path = getenv("PATH");
    char *all = x_printf("%s:/usr/bin:/bin:/usr/local/bin", path ? path : "");
    char *found = NULL, *save = NULL;
    for (char *dir = strtok_r(all, ":", &save); dir && !found; dir = strtok_r(NULL, ":", &save)) {
        char *candidate = x_printf("%s/%s", dir, name);
        if (dir[0] == '/' && access(candidate, X_OK) == 0)
            found = candidate;
        else
            free(candidate);
    }
    free(all);
    return found;
}

/* Many a machine's `cc` is a link to one of these, which goes by the name of the link and is
 * none of our business: the compiler itself is wanted. */
static bool is_wrapper(const char *real)
{
    static const char *const wrappers[] = {"ccache", "sccache", "distcc", "icecc", "colorgcc"};
    const char *name = strrchr(real, '/') + 1;
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
        if (strcmp(name, wrappers[i]) == 0)
            return true;
    return false;
}

/* Only /usr is inside. PATH may lead to a home folder first, or to a wrapper there. */
static char *below_usr(const char *path)
{
    char *real = path ? realpath(path, NULL) : NULL;
    if (real && strncmp(real, "/usr/", 5) == 0 && access(real, X_OK) == 0 && !is_wrapper(real))
        return real;
    free(real);
    return NULL;
}

char *sandbox_tool(const char *name)
{
    char *path = sandbox_find(name), *usual = x_printf("/usr/bin/%s", name);
    char *found = below_usr(path);
    if (!found)
        found = below_usr(usual);
    free(path);
    free(usual);
    return found;
}

/* --- Rust --- */

/* rustup's own note of the toolchain in use: default_toolchain = "NAME" */
static char *rustup_default(const char *home)
{
    static const char key[] = "default_toolchain = \"";
    char *path = x_printf("%s/settings.toml", home), text[4096], *found = NULL;
    FILE *file = fopen(path, "re");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = 0;
    char *at = strstr(text, key);
    if (at) {
        at += strlen(key);
        found = x_printf("%s/toolchains/%.*s", home, (int)strcspn(at, "\"\n"), at);
    }
    if (file)
        fclose(file);
    free(path);
    return found;
}

static char *rustup_toolchain(void)
{
    const char *asked = getenv("RUSTUP_HOME"), *home = getenv("HOME");
    char *folder = asked ? x_strdup(asked) : x_printf("%s/.rustup", home ? home : "");
    char *toolchain = rustup_default(folder);
    char *cargo = toolchain ? x_printf("%s/bin/cargo", toolchain) : NULL;
    if (!cargo || access(cargo, X_OK) < 0) {
        free(toolchain);
        toolchain = NULL;
    }
    free(cargo);
    free(folder);
    return toolchain;
}

char *sandbox_rust(void)
{
    char *cargo = sandbox_tool("cargo"), *rustc = sandbox_tool("rustc"), *found = NULL;
    if (cargo && rustc)
        found = x_strdup("/usr");
    free(cargo);
    free(rustc);
    return found ? found : rustup_toolchain();
}
