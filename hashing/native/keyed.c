/* What goes into AES and what comes out of it: padded texts, blocking keys, blocking tokens. AES itself is not here. */
#include "kernels.h"
#include <stdlib.h>
#include <string.h>

void digit_texts(const int64_t *numbers, size_t count, size_t width, uint8_t *letters)
{
    size_t row, place;
    for (row = 0; row < count; row++, letters += width) {
        uint64_t number = (uint64_t)numbers[row];
        for (place = width; place-- > 0; number /= 10)
            letters[place] = (uint8_t)('0' + number % 10);
    }
}

/* Texts behind a lead, padded for CMAC (RFC 4493): each as many blocks as the longest takes, its own ones first. */
void padded_blocks(const uint8_t *lead, size_t lead_size, const uint8_t *letters, size_t width, const int64_t *lengths,
                   size_t count, const uint8_t *whole, const uint8_t *shorter, size_t blocks, uint8_t *out)
{
    size_t row, place;
    memset(out, 0, count * blocks * BLOCK);
    for (row = 0; row < count; row++, letters += width, out += blocks * BLOCK) {
        const size_t size = lead_size + (size_t)lengths[row], own = size ? (size + BLOCK - 1) / BLOCK : 1;
        const uint8_t *key = size == own * BLOCK ? whole : shorter;
        memcpy(out, lead, lead_size);
        memcpy(out + lead_size, letters, (size_t)lengths[row]);
        if (size < own * BLOCK)
            out[size] = 0x80;
        for (place = 0; place < BLOCK; place++)
            out[(own - 1) * BLOCK + place] ^= key[place];
    }
}

typedef struct {
    const uint64_t *lanes;
    int count;
} Values; /* of one part, of one row */

static int values_of(const Part *part, size_t row, Values *values)
{
    int64_t place = part->places ? part->places[row] : (int64_t)row;
    if (place < 0 || (size_t)place >= part->values)
        return OUT_OF_TABLE;
    values->lanes = part->lanes + (size_t)place * part->most * 2;
    values->count = part->counts[place];
    return values->count < 0 || (size_t)values->count > part->most ? OUT_OF_TABLE : 0;
}

/* The first pairs of a sounding given name and a surname, either of which may come first: sums lane by lane. */
static void full_names(const Values *roots, const Values *lasts, uint64_t *lanes, Values *full)
{
    int root, last;
    full->lanes = lanes;
    full->count = 0;
    for (root = 0; root < roots->count; root++)
        for (last = 0; last < lasts->count && full->count < MOST_FULL_NAMES; last++, full->count++) {
            lanes[2 * full->count] = roots->lanes[2 * root] + lasts->lanes[2 * last];
            lanes[2 * full->count + 1] = roots->lanes[2 * root + 1] + lasts->lanes[2 * last + 1];
        }
}

/* All choices of one value of each part, the last part's changing first. Returns how many; at most *room*. */
static size_t chosen(const Values *values, const uint8_t *parts, size_t count, const uint64_t *kind, uint64_t *out,
                     size_t room)
{
    const Values *own = values + parts[0];
    uint64_t lanes[2];
    size_t made = 0;
    int nth;
    for (nth = 0; nth < own->count && made < room; nth++) {
        lanes[0] = kind[0] ^ own->lanes[2 * nth];
        lanes[1] = kind[1] ^ own->lanes[2 * nth + 1];
        if (count > 1) {
            made += chosen(values, parts + 1, count - 1, lanes, out + 2 * made, room - made);
        } else {
            memcpy(out + 2 * made, lanes, sizeof lanes);
            made++;
        }
    }
    return made;
}

int64_t key_blocks(const Keys *keys, uint64_t *out, size_t room, int32_t *counts)
{
    Values values[FULL + 1];
    uint64_t lanes[2 * MOST_FULL_NAMES];
    size_t row, part, key, total = 0;
    for (row = 0; row < keys->rows; row++) {
        const uint8_t *program = keys->program;
        size_t made = 0;
        if (room - total < keys->most)
            return OUT_OF_TABLE;
        for (part = 0; part < keys->part_count; part++)
            if (values_of(keys->parts + part, row, values + part))
                return OUT_OF_TABLE;
        full_names(values + keys->root, values + keys->last, lanes, values + FULL);
        for (key = 0; key < keys->key_count; key++, program += 1 + program[0])
            made += chosen(values, program + 1, program[0], keys->kinds + 2 * key, out + 2 * (total + made),
                           keys->most - made);
        counts[row] = (int32_t)made;
        total += made;
    }
    return (int64_t)total;
}

static uint64_t big_endian(const uint8_t *bytes)
{
    uint64_t number = 0;
    size_t place;
    for (place = 0; place < 8; place++)
        number = number << 8 | bytes[place];
    return number;
}

static void in_order(uint64_t *tokens, size_t count)
{
    size_t nth, place;
    for (nth = 1; nth < count; nth++) {
        uint64_t token = tokens[nth];
        for (place = nth; place > 0 && tokens[place - 1] > token; place--)
            tokens[place] = tokens[place - 1];
        tokens[place] = token;
    }
}

static size_t distinct(uint64_t *tokens, size_t count)
{
    size_t nth, kept = 0;
    for (nth = 0; nth < count; nth++)
        if (tokens[nth] != UINT64_MAX && (!kept || tokens[nth] != tokens[kept - 1]))
            tokens[kept++] = tokens[nth];
    return kept;
}

/* Each row's tokens in order, once each; filled up to *filled* with words of the row's filling where there is one. */
int64_t finished_tokens(const uint8_t *blocks, size_t block_count, int32_t *counts, size_t rows, const uint8_t *filling,
                        size_t filled, uint64_t *out, size_t room)
{
    size_t row, nth, used = 0, total = 0;
    for (row = 0; row < rows; row++) {
        uint64_t *own = out + total;
        size_t count = (size_t)counts[row];
        if (counts[row] < 0 || count > block_count - used || (count > filled ? count : filled) > room - total)
            return OUT_OF_TABLE;
        for (nth = 0; nth < count; nth++)
            own[nth] = big_endian(blocks + (used + nth) * BLOCK);
        used += count;
        in_order(own, count);
        count = distinct(own, count);
        if (filled && count < filled) {
            for (; count < filled; count++)
                own[count] = big_endian(filling + (row * filled + count) * 8);
            in_order(own, count);
        }
        counts[row] = (int32_t)count;
        total += count;
    }
    return (int64_t)total;
}
