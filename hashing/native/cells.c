/* Delimited text, and the cells in it. */
#include "kernels.h"
#include <string.h>

/* A cell that begins at *at*. Moves *at* behind it and what ends it: the delimiter, or a line break.
 * Returns 1 at the end of a row, 0 at the end of a cell, -1 where the page ends first, -2 where it is odd. */
static int end_of_cell(Page *page, size_t *at)
{
    uint8_t mark;
    if (*at >= page->size)
        return page->is_last ? 1 : -1;
    mark = page->text[*at];
    if (mark == page->delimiter) {
        *at += 1;
        return 0;
    }
    if (mark == '\n') {
        *at += 1;
        return 1;
    }
    if (mark != '\r')
        return -2;
    if (*at + 1 >= page->size && !page->is_last)
        return -1;
    *at += (*at + 1 < page->size && page->text[*at + 1] == '\n') ? 2 : 1;
    return 1;
}

static int unquoted(Page *page, size_t *at, size_t *start, size_t *length)
{
    const uint8_t delimiter = page->delimiter;
    size_t here = *at;
    while (here < page->size && page->text[here] != delimiter && page->text[here] != '\n' && page->text[here] != '\r')
        here++;
    *start = *at;
    *length = here - *at;
    *at = here;
    return end_of_cell(page, at);
}

/* A cell in quotation marks; doubled ones inside are made single where they stand. */
static int quoted(Page *page, size_t *at, size_t *start, size_t *length)
{
    size_t from = *at + 1, to = *at + 1;
    for (;;) {
        const uint8_t *mark = from < page->size ? memchr(page->text + from, '"', page->size - from) : NULL;
        size_t some;
        if (mark == NULL)
            return page->is_last ? -2 : -1;
        some = (size_t)(mark - (page->text + from));
        if (from + some + 1 >= page->size && !page->is_last)
            return -1;
        if (to != from)
            memmove(page->text + to, page->text + from, some);
        from += some + 1;
        to += some;
        if (from >= page->size || page->text[from] != '"')
            break;
        page->text[to++] = '"';
        from++;
    }
    *start = *at + 1;
    *length = to - *start;
    *at = from;
    return end_of_cell(page, at);
}

/* One row. Where the page ends inside it, nothing of it may have been changed: see is_whole_row. */
static int one_row(Page *page, size_t *at, size_t row)
{
    size_t column = 0, start = *at, length = 0;
    int ended = 0;
    if (*at < page->size && (page->text[*at] == '\n' || page->text[*at] == '\r'))
        ended = end_of_cell(page, at); /* a row without a cell */
    while (!ended) {
        int is_quoted = *at < page->size && page->text[*at] == '"';
        ended = is_quoted ? quoted(page, at, &start, &length) : unquoted(page, at, &start, &length);
        if (ended < 0)
            return ended;
        if (column >= page->columns || length > page->longest)
            return -2;
        page->starts[column * page->most_rows + row] = (int64_t)start;
        page->lengths[column * page->most_rows + row] = (int32_t)length;
        column++;
    }
    page->widths[row] = (int32_t)column;
    for (; column < page->columns && ended > 0; column++) {
        page->starts[column * page->most_rows + row] = 0;
        page->lengths[column * page->most_rows + row] = 0;
    }
    return ended;
}

/* Whether a row ends on the page: a line break outside of quotation marks. Quick, and changes nothing. */
static int is_whole_row(const Page *page, size_t at)
{
    int inside = 0, at_start = 1;
    if (page->is_last)
        return 1;
    for (; at < page->size; at++) {
        uint8_t mark = page->text[at];
        if (mark == '"' && (inside || at_start)) {
            if (inside && at + 1 < page->size && page->text[at + 1] == '"')
                at++;
            else
                inside = !inside;
            at_start = 0;
        } else if (!inside && mark == '\n') {
            return 1;
        } else if (!inside && mark == '\r') {
            return at + 1 < page->size;
        } else {
            at_start = mark == page->delimiter;
        }
    }
    return 0;
}

void split_page(Page *page)
{
    size_t at = 0;
    page->rows = page->consumed = 0;
    page->is_odd = 0;
    while (page->rows < page->most_rows && at < page->size) {
        int ended;
        if (page->size - at < 65536 && !is_whole_row(page, at))
            return;
        ended = one_row(page, &at, page->rows);
        if (ended <= 0) {
            page->is_odd = 1;
            return;
        }
        page->rows++;
        page->consumed = at;
    }
}

static uint64_t mixed(uint64_t a)
{
    a ^= a >> 32;
    a *= 0xd6e8feb86659fd93u;
    a ^= a >> 32;
    a *= 0xd6e8feb86659fd93u;
    return a ^ (a >> 32);
}

static uint64_t hash_of(const uint8_t *text, size_t size, uint64_t seed)
{
    uint64_t hash = seed ^ size, word;
    for (; size >= 8; size -= 8, text += 8) {
        memcpy(&word, text, 8);
        hash = mixed(hash ^ word);
    }
    if (size) {
        word = 0;
        memcpy(&word, text, size);
        hash = mixed(hash ^ word ^ ((uint64_t)size << 56));
    }
    return hash;
}

static int is_same(const Numbering *n, size_t value, uint64_t hash, const uint8_t *text, size_t size)
{
    return n->hashes[value] == hash && (size_t)(n->ends[value + 1] - n->ends[value]) == size &&
           memcmp(n->store + n->ends[value], text, size) == 0;
}

/* The place of one value; -1 where it is new and there is no room for it. */
static int32_t place_of(Numbering *n, const uint8_t *text, size_t size)
{
    const uint64_t hash = hash_of(text, size, n->seed);
    const size_t mask = n->slot_count - 1;
    size_t slot = (size_t)hash & mask;
    for (; n->slots[slot] >= 0; slot = (slot + 1) & mask)
        if (is_same(n, (size_t)n->slots[slot], hash, text, size))
            return n->slots[slot];
    if (n->count >= n->most_values || size > n->store_size - (size_t)n->ends[n->count])
        return -1;
    memcpy(n->store + n->ends[n->count], text, size);
    n->ends[n->count + 1] = n->ends[n->count] + (int64_t)size;
    n->hashes[n->count] = hash;
    n->slots[slot] = (int32_t)n->count;
    return (int32_t)n->count++;
}

size_t number_cells(Numbering *numbering, const Cells *cells, int32_t *places)
{
    size_t row;
    for (row = 0; row < cells->count; row++) {
        int32_t place = place_of(numbering, cells->text + cells->starts[row], (size_t)cells->lengths[row]);
        if (place < 0)
            break;
        places[row] = place;
    }
    return row;
}

static int is_digit(uint8_t letter)
{
    return letter >= '0' && letter <= '9';
}

static int is_letter(uint8_t letter)
{
    letter |= 0x20;
    return letter >= 'a' && letter <= 'z';
}

int is_plain(const Cells *cells)
{
    size_t row, filled = 0;
    for (row = 0; row < cells->count; row++) {
        const uint8_t *text = cells->text + cells->starts[row];
        int32_t place, digits = 0;
        for (place = 0; place < cells->lengths[row]; place++) {
            if (is_digit(text[place]))
                digits++;
            else if (!is_letter(text[place]))
                return 0;
        }
        if (cells->lengths[row] && !digits)
            return 0;
        filled += cells->lengths[row] > 0;
    }
    return filled > 0;
}

int plain_digits(const Cells *cells, size_t width, int64_t *numbers)
{
    size_t row, filled = 0;
    for (row = 0; row < cells->count; row++) {
        const uint8_t *text = cells->text + cells->starts[row];
        int64_t number = 0;
        size_t place;
        numbers[row] = -1;
        if (cells->lengths[row] == 0)
            continue;
        if ((size_t)cells->lengths[row] != width)
            return 0;
        for (place = 0; place < width; place++) {
            if (!is_digit(text[place]))
                return 0;
            number = 10 * number + (text[place] - '0');
        }
        numbers[row] = number;
        filled++;
    }
    return filled > 0;
}

void laid_side_by_side(const Cells *cells, size_t width, uint8_t *letters)
{
    size_t row;
    for (row = 0; row < cells->count; row++) {
        size_t size = (size_t)cells->lengths[row];
        memcpy(letters + row * width, cells->text + cells->starts[row], size < width ? size : width);
    }
}
