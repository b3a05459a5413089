/* Loops over arrays of bytes and numbers. They know nothing of Python; whoever calls them has checked every size.
 *
 * What comes from a file is text, and nothing is believed of it: a line that is not letter for letter what
 * ``headcount hash`` writes is left to the reader in Python.
 */
#ifndef HEADCOUNT_LINKAGE_KERNELS_H
#define HEADCOUNT_LINKAGE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define MOST_CODES 64
#define MOST_FEATURES 64
#define PSEUDONYM_LETTERS 16
#define TOKEN_LETTERS 11 /* of base64 without padding, for eight bytes */

#ifdef _MSC_VER
#define restrict __restrict
#endif
#if defined(__GNUC__) && defined(__x86_64__) && defined(__linux__) && !defined(__clang__)
#define WIDE_TOO __attribute__((target_clones("avx2", "default")))
#else
#define WIDE_TOO
#endif

/* pairs.c */
enum { DICE, AGREEMENT, MEAN_DICE, MEAN_AGREEMENT, LACKING, RARITY, TOKENS, FEWEST, NEAR, KINDS };
typedef struct {
    const uint64_t *matrix; /* (count, words): the codes side by side */
    const uint16_t *ones;   /* (count, code_count) */
    const int16_t *agencies;
    const int32_t *homes;
    size_t count, words, code_count;
    const int32_t *bits; /* of each code */
} Table;
typedef struct {
    const int32_t *left, *right;
    const float *rarity;
    const int16_t *tokens, *fewest;
    size_t count;
} Pairs;
typedef struct {
    const int32_t *kinds, *codes;
    const int32_t *cut_ends; /* where those of each feature end; they begin where the one before ends */
    const double *cuts;
    size_t count;
} Features;
/* Whether every end of a pair is in the table; if not, nothing is to be believed of *found*. */
int pair_patterns(const Table *table, const Pairs *pairs, const Features *features, int64_t *found);
void count_ones(const Table *table, uint16_t *ones);

/* rows.c */
typedef struct {
    const uint8_t *text;
    size_t size;
    size_t longest; /* line, with its end */
    size_t code_count, words, most_rows, most_tokens; /* tokens of a row */
    const uint8_t *leads[MOST_CODES]; /* what stands before each code */
    size_t lead_sizes[MOST_CODES], widths[MOST_CODES]; /* in bytes */
    uint64_t *matrix; /* (most_rows, words), all zero */
    uint8_t *pseudonyms, *homes, *has_home, *token_counts, *ages; /* 0, or which age band from 1 on */
    uint64_t *tokens; /* room for most_rows * most_tokens */
    int64_t *tails;   /* (most_rows, 2): where services and consent lie; zeros where there is neither */
    size_t rows, consumed, token_count, home_count;
} Lines;
/* As many lines as are written as they should be, from the first on. */
void read_lines(Lines *lines);

#endif
