/* Codes: unions of filters, and elections. */
#include "kernels.h"
#include <stdlib.h>
#include <string.h>

#define LANE 16 /* words that are worked on side by side */

#define SOON 6 /* rows: what they need is fetched from memory while others are worked on */

static int are_in_tables(const Table *tables, size_t table_count, size_t rows)
{
    size_t nth, row;
    for (nth = 0; nth < table_count; nth++)
        for (row = 0; row < rows; row++)
            if (tables[nth].places[row] < 0 || (size_t)tables[nth].places[row] >= tables[nth].count)
                return 0;
    return 1;
}

static const uint64_t *own_row(const Table *table, size_t row, size_t words)
{
    return (const uint64_t *)table->rows + (size_t)table->places[row] * words;
}

static void fetch(const Table *tables, size_t table_count, size_t row, size_t words)
{
    size_t nth, word;
    for (nth = 0; nth < table_count; nth++)
        for (word = 0; word < words; word += 8)
            PREFETCH(own_row(tables + nth, row, words) + word);
}

/* The union of a row's LANE words from *start* on. */
WIDE_TOO static void unite_lane(uint64_t *out, size_t row, size_t start, size_t words, const Table *tables, size_t table_count)
{
    uint64_t sum[LANE] = {0};
    size_t nth, word;
    for (nth = 0; nth < table_count; nth++) {
        const uint64_t *own = own_row(tables + nth, row, words) + start;
        for (word = 0; word < LANE; word++)
            sum[word] |= own[word];
    }
    memcpy(out + start, sum, sizeof sum);
}

static void unite_words(uint64_t *out, size_t row, size_t start, size_t words, const Table *tables, size_t table_count)
{
    size_t nth, word;
    for (word = start; word < words; word++) {
        out[word] = 0;
        for (nth = 0; nth < table_count; nth++)
            out[word] |= own_row(tables + nth, row, words)[word];
    }
}

int unite(uint64_t *out, size_t rows, size_t words, const Table *tables, size_t table_count)
{
    size_t row, start;
    if (!are_in_tables(tables, table_count, rows))
        return OUT_OF_TABLE;
    for (row = 0; row < rows; row++, out += words) {
        if (row + SOON < rows)
            fetch(tables, table_count, row + SOON, words);
        for (start = 0; start + LANE <= words; start += LANE)
            unite_lane(out, row, start, words, tables, table_count);
        unite_words(out, row, start, words, tables, table_count);
    }
    return 0;
}

WIDE_TOO int unite_sets(uint64_t *out, size_t sets, size_t words, const uint64_t *table, size_t table_rows,
                        const int32_t *flat, size_t flat_count, const int64_t *lengths)
{
    size_t set, word, at = 0;
    for (set = 0; set < sets; set++, out += words) {
        int64_t left;
        if (lengths[set] < 0 || (size_t)lengths[set] > flat_count - at)
            return OUT_OF_TABLE;
        for (left = lengths[set]; left > 0; left--, at++) {
            const uint64_t *own = table + (size_t)flat[at] * words;
            if (flat[at] < 0 || (size_t)flat[at] >= table_rows)
                return OUT_OF_TABLE;
            for (word = 0; word < words; word++)
                out[word] |= own[word];
        }
    }
    return 0;
}

int set_bits(uint8_t *filters, size_t filter_count, size_t width, const int64_t *rows, size_t count,
             const uint8_t *words, size_t hashes)
{
    const size_t mask = 8 * width - 1;
    size_t nth, hash;
    for (nth = 0; nth < count; nth++) {
        uint8_t *filter;
        if (rows[nth] < 0 || (size_t)rows[nth] >= filter_count)
            return OUT_OF_TABLE;
        filter = filters + (size_t)rows[nth] * width;
        for (hash = 0; hash < hashes; hash++, words += 2) {
            size_t bit = ((size_t)words[0] << 8 | words[1]) & mask;
            filter[bit >> 3] |= (uint8_t)(0x80 >> (bit & 7));
        }
    }
    return 0;
}

#define FEW 64

static int by_number(const void *a, const void *b)
{
    int32_t first = *(const int32_t *)a, second = *(const int32_t *)b;
    return (first > second) - (first < second);
}

static void few_in_order(int32_t *own, size_t count)
{
    size_t nth, place;
    for (nth = 1; nth < count; nth++) {
        int32_t number = own[nth];
        for (place = nth; place > 0 && own[place - 1] > number; place--)
            own[place] = own[place - 1];
        own[place] = number;
    }
}

/* The distinct voters of a row, without zeros, made odd by the tie-breaker (row 0); how many, or -1. */
static int64_t voters_of(const Ballots *b, size_t row, int32_t *own)
{
    const int32_t *all = b->voters + row * b->most;
    size_t nth, count = 0, kept = 0;
    for (nth = 0; nth < b->most; nth++) {
        if (all[nth] < 0 || (size_t)all[nth] >= b->vote_rows)
            return OUT_OF_TABLE;
        if (all[nth])
            own[count++] = all[nth];
    }
    if (count > FEW)
        qsort(own, count, sizeof(int32_t), by_number);
    else
        few_in_order(own, count);
    for (nth = 0; nth < count; nth++)
        if (!nth || own[nth] != own[nth - 1])
            own[kept++] = own[nth];
    if (kept % 2 == 0)
        own[kept++] = 0;
    return (int64_t)kept;
}

#define DIGITS 16 /* a row has fewer than 2^16 voters */

/* Which positions of *lane* words more than half of an odd number of voters set.
 *
 * Counters are kept in binary, one word a digit for 64 positions. Voters are added two at a time: a full adder makes of
 * them and of the lowest digit a new lowest digit and one carry, which goes on as in a counter. */
WIDE_TOO static void majority(const uint64_t *votes, size_t stride, const int32_t *voters, size_t count,
                              uint64_t *restrict won)
{
    uint64_t digits[DIGITS][LANE], carry[LANE];
    size_t nth, place, word, depth = 1;
    const size_t needed = (count + 1) / 2;
    memcpy(digits[0], votes + (size_t)voters[0] * stride, sizeof digits[0]);
    for (nth = 1; nth < count; nth += 2) {
        const uint64_t *a = votes + (size_t)voters[nth] * stride, *b = votes + (size_t)voters[nth + 1] * stride;
        size_t weight = (nth + 1) / 2; /* pairs so far, this one included: the carry runs as far as its lowest one */
        for (word = 0; word < LANE; word++) {
            uint64_t half = a[word] ^ b[word];
            carry[word] = (a[word] & b[word]) | (half & digits[0][word]);
            digits[0][word] ^= half;
        }
        for (place = 1; place < depth; place++) {
            for (word = 0; word < LANE; word++) {
                uint64_t both = digits[place][word] & carry[word];
                digits[place][word] ^= carry[word];
                carry[word] = both;
            }
        }
        if (weight + 1 > ((size_t)1 << (depth - 1)) && depth < DIGITS) /* 2 weight + 1 voters may fill another digit */
            memcpy(digits[depth++], carry, sizeof carry);
    }
    for (word = 0; word < LANE; word++)
        won[word] = ~(uint64_t)0;
    for (place = 0; place < depth; place++)
        for (word = 0; word < LANE; word++)
            won[word] = (needed >> place & 1) ? won[word] & digits[place][word] : won[word] | digits[place][word];
}

int elect(const Ballots *b, uint64_t *codes)
{
    const size_t stride = b->planes * b->words;
    int32_t *own = malloc((b->most + 1) * sizeof(int32_t));
    size_t row, plane, start, word;
    if (own == NULL)
        return OUT_OF_TABLE;
    for (row = 0; row < b->rows; row++) {
        int64_t count = voters_of(b, row, own);
        if (count < 0) {
            free(own);
            return OUT_OF_TABLE;
        }
        memset(codes + row * b->words, 0, b->words * sizeof(uint64_t));
        for (plane = 0; plane < b->planes; plane++) {
            for (start = 0; start < b->words; start += LANE) {
                uint64_t won[LANE];
                majority(b->votes + plane * b->words + start, stride, own, (size_t)count, won);
                for (word = 0; word < LANE; word++)
                    codes[row * b->words + start + word] ^= won[word];
            }
        }
    }
    free(own);
    return 0;
}
