#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "symbol_linux.h"

enum { DEPTH_MOST = 64, ENTRIES_MOST = 2000000 };

typedef struct Walk {
    Dwarf_Addr address;
    Dwarf_Die unit;
    Dwarf_Die inlined[SYMBOL_FRAMES]; /* outermost first */
    int n_inlined;
    int entries;
} Walk;

/* --- addresses --- */

/* strace prints the offset in the file (with libunwind) or the address in the
 * module (with libdw); where linkers lay both out alike they are the same. */
static Dwarf_Addr address_of(Elf *elf, uint64_t offset)
{
    size_t count = 0;
    GElf_Phdr segment;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count && i < 64; i++)
        if (gelf_getphdr(elf, (int)i, &segment) && segment.p_type == PT_LOAD &&
            (segment.p_flags & PF_X) && offset >= segment.p_offset &&
            offset - segment.p_offset < segment.p_filesz)
            return segment.p_vaddr + (offset - segment.p_offset);
    return offset;
}

/* Some compilers leave out the table of address ranges. */
static bool find_unit(Dwarf *dwarf, Dwarf_Addr address, Dwarf_Die *unit)
{
    if (dwarf_addrdie(dwarf, address, unit))
        return true;
    Dwarf_CU *cu = NULL;
    for (int i = 0; i < 4096; i++) {
        if (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, unit, NULL) != 0)
            return false;
        if (dwarf_haspc(unit, address) == 1)
            return true;
    }
    return false;
}

/* --- inlined calls --- */

/* Namespaces and types have no addresses, but what has may lie in them. */
static bool may_hold(Dwarf_Die *die, Dwarf_Addr address)
{
    switch (dwarf_tag(die)) {
    case DW_TAG_subprogram:
    case DW_TAG_inlined_subroutine:
    case DW_TAG_lexical_block:
    case DW_TAG_try_block:
    case DW_TAG_catch_block:
        return dwarf_haspc(die, address) == 1;
    case DW_TAG_namespace:
    case DW_TAG_module:
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
        return true;
    default:
        return false;
    }
}

static bool descend(Walk *walk, Dwarf_Die *parent, int depth)
{
    Dwarf_Die die;
    if (depth == DEPTH_MOST || dwarf_child(parent, &die) != 0)
        return false;
    do {
        if (++walk->entries > ENTRIES_MOST)
            return true;
        if (!may_hold(&die, walk->address))
            continue;
        int tag = dwarf_tag(&die);
        if (tag == DW_TAG_inlined_subroutine && walk->n_inlined < SYMBOL_FRAMES - 1)
            walk->inlined[walk->n_inlined++] = die;
        bool below = descend(walk, &die, depth + 1);
        if (below || tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine)
            return true;
    } while (dwarf_siblingof(&die, &die) == 0);
    return false;
}

/* --- answers --- */

static void add_frame(SymbolAnswer *answer, const char *file, int line)
{
    if (!file || answer->count == SYMBOL_FRAMES || strlen(file) >= SYMBOL_NAME)
        return;
    strcpy(answer->frames[answer->count].file, file);
    answer->frames[answer->count++].line = line;
}

/* Where the code at the address itself comes from. */
static void add_innermost(Walk *walk, SymbolAnswer *answer)
{
    int number = 0;
    Dwarf_Line *line = dwarf_getsrc_die(&walk->unit, walk->address);
    if (line && dwarf_lineno(line, &number) == 0)
        add_frame(answer, dwarf_linesrc(line, NULL, NULL), number);
}

static void add_call(Walk *walk, Dwarf_Die *inlined, SymbolAnswer *answer)
{
    Dwarf_Attribute attribute;
    Dwarf_Word file = 0, line = 0;
    Dwarf_Files *files;
    size_t count;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) == 0 &&
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) == 0 &&
        dwarf_getsrcfiles(&walk->unit, &files, &count) == 0 && file < count)
        add_frame(answer, dwarf_filesrc(files, file, NULL, NULL), (int)line);
}

static void answer_one(Dwarf *dwarf, uint64_t offset, SymbolAnswer *answer)
{
    Walk walk = {.address = address_of(dwarf_getelf(dwarf), offset)};
    if (!find_unit(dwarf, walk.address, &walk.unit))
        return;
    add_innermost(&walk, answer);
    descend(&walk, &walk.unit, 0);
    while (walk.n_inlined > 0)
        add_call(&walk, &walk.inlined[--walk.n_inlined], answer);
}

void symbol_serve(int binary, int channel)
{
    uint64_t offset;
    SymbolAnswer answer;
    elf_version(EV_CURRENT);
    Dwarf *dwarf = dwarf_begin(binary, DWARF_C_READ);
    memset(&answer, 0, sizeof answer);
    answer.count = dwarf != NULL;
    while (write(channel, &answer, sizeof answer) == (ssize_t)sizeof answer &&
           read(channel, &offset, sizeof offset) == (ssize_t)sizeof offset) {
        memset(&answer, 0, sizeof answer);
        if (dwarf)
            answer_one(dwarf, offset, &answer);
    }
    dwarf_end(dwarf);
}
