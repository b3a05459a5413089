/* Loops over arrays of bytes and numbers. They know nothing of Python; whoever calls them has checked every size.
 *
 * What comes from a file are cells (where they lie in the text) and places in tables. Places are checked here, one by
 * one, and a loop that meets one that is out of its table stops and says so.
 */
#ifndef HEADCOUNT_KERNELS_H
#define HEADCOUNT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define BLOCK 16           /* bytes of AES */
#define PSEUDONYM_BYTES 10
#define PSEUDONYM_LETTERS 16
#define TOKEN_LETTERS 11   /* of base64 without padding, for eight bytes */
#define FULL 255           /* the part that joins two names */
#define MOST_FULL_NAMES 6
#define OUT_OF_TABLE (-1)  /* a place that is in no table, or an array that is too small */

#ifdef _MSC_VER
#define restrict __restrict
#endif
#if defined(__GNUC__) && defined(__x86_64__) && defined(__linux__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE_TOO __attribute__((target_clones("avx2", "default")))
#else
#define WIDE_TOO
#endif
#ifdef __GNUC__
#define PREFETCH(place) __builtin_prefetch(place)
#else
#define PREFETCH(place) ((void)0)
#endif

typedef struct {
    const uint8_t *text;
    const int64_t *starts;
    const int32_t *lengths;
    size_t count, size; /* of cells, of the text in bytes */
} Cells;

/* cells.c */
typedef struct {
    uint8_t *text;
    size_t size, columns, most_rows, longest;
    uint8_t delimiter;
    int is_last;
    int64_t *starts;
    int32_t *lengths;
    int32_t *widths; /* how many cells each row has */
    size_t rows, consumed;
    int is_odd;
} Page;
void split_page(Page *page);

typedef struct {
    int32_t *slots;
    size_t slot_count; /* a power of two */
    uint64_t *hashes;
    int64_t *ends;     /* where each value ends in the store; one more than there are values, the first is 0 */
    size_t most_values;
    uint8_t *store;
    size_t store_size;
    size_t count;
    uint64_t seed;
} Numbering;
/* How many cells were numbered; fewer than all where there is no room for another value. */
size_t number_cells(Numbering *numbering, const Cells *cells, int32_t *places);
int is_plain(const Cells *cells);
int plain_digits(const Cells *cells, size_t width, int64_t *numbers);
void laid_side_by_side(const Cells *cells, size_t width, uint8_t *letters);

/* keyed.c */
void digit_texts(const int64_t *numbers, size_t count, size_t width, uint8_t *letters);
void padded_blocks(const uint8_t *lead, size_t lead_size, const uint8_t *letters, size_t width, const int64_t *lengths,
                   size_t count, const uint8_t *whole, const uint8_t *shorter, size_t blocks, uint8_t *out);
typedef struct {
    const uint64_t *lanes; /* (values, most, 2) */
    const int8_t *counts;  /* of values */
    const int32_t *places; /* of rows; NULL where each row has values of its own */
    size_t values, most;
} Part;
typedef struct {
    const Part *parts;
    size_t part_count, key_count;
    const uint8_t *program; /* of each key: how many parts, and which */
    size_t root, last;
    const uint64_t *kinds;  /* (keys, 2) */
    size_t rows, most;      /* keys of a row */
} Keys;
/* How many blocks were laid out; OUT_OF_TABLE where a place is in no table or there is no room. */
int64_t key_blocks(const Keys *keys, uint64_t *out, size_t room, int32_t *counts);
int64_t finished_tokens(const uint8_t *blocks, size_t block_count, int32_t *counts, size_t rows, const uint8_t *filling,
                        size_t filled, uint64_t *out, size_t room);

/* codes.c */
typedef struct {
    const void *rows;
    const int32_t *places;
    size_t count;
} Table;
int unite(uint64_t *out, size_t rows, size_t words, const Table *tables, size_t table_count);
int unite_sets(uint64_t *out, size_t sets, size_t words, const uint64_t *table, size_t table_rows, const int32_t *flat,
               size_t flat_count, const int64_t *lengths);
int set_bits(uint8_t *filters, size_t filter_count, size_t width, const int64_t *rows, size_t count,
             const uint8_t *words, size_t hashes);
typedef struct {
    const uint64_t *votes; /* of voters; those of row 0 break ties */
    size_t vote_rows, planes, words;
    const int32_t *voters; /* (rows, most): 0 where there is none */
    size_t rows, most;
} Ballots;
int elect(const Ballots *ballots, uint64_t *codes);

/* lines.c */
typedef struct {
    const uint8_t *values, *present, *lead;
    size_t width, lead_size;
} CodeText;
typedef struct {
    const uint8_t *pseudonyms;
    const CodeText *codes;
    size_t code_count, rows;
    const uint64_t *tokens;
    const int32_t *counts;
    size_t token_count;
    const uint8_t *tails;
    const int64_t *tail_ends;
    size_t tail_size;
} RowTexts;
void prepare_letters(void); /* once, before any text is written */
void pseudonym_texts(const uint8_t *drawn, size_t count, uint8_t *letters);
void pseudonym_ranks(const uint8_t *drawn, size_t count, uint64_t *ranks);
size_t row_texts_room(const RowTexts *texts);
int64_t row_texts(const RowTexts *texts, uint8_t *out);

#endif
