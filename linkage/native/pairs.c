/* Pairs of records -> patterns of levels, as linkage/levels.py works them out with numpy. */
#include "kernels.h"
#include <math.h>

#define AHEAD 6 /* pairs whose codes are on their way from memory */

#if defined(__GNUC__)
#define FETCH(place) __builtin_prefetch(place)
#define ONES(word) ((uint32_t)__builtin_popcountll(word))
#else
#define FETCH(place) ((void)(place))
static uint32_t ONES(uint64_t word)
{
    word -= (word >> 1) & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)((word * 0x0101010101010101u) >> 56);
}
#endif

typedef struct {
    double dice[MOST_CODES], agreement[MOST_CODES];
    int lacks[MOST_CODES];
    int lacking;
} Compared;

static size_t words_of(int32_t bits)
{
    return ((size_t)bits + 63) / 64;
}

static void fetch(const Table *table, int32_t record)
{
    const char *row = (const char *)(table->matrix + (size_t)record * table->words);
    const size_t size = table->words * sizeof(uint64_t);
    size_t place;
    for (place = 0; place < size; place += 64)
        FETCH(row + place);
    FETCH(table->ones + (size_t)record * table->code_count);
    FETCH(table->homes + record);
}

static inline void compare(const Table *table, int32_t left, int32_t right, Compared *found)
{
    const uint64_t *one = table->matrix + (size_t)left * table->words;
    const uint64_t *other = table->matrix + (size_t)right * table->words;
    const uint16_t *own = table->ones + (size_t)left * table->code_count;
    const uint16_t *others = table->ones + (size_t)right * table->code_count;
    size_t code, word;
    found->lacking = 0;
    for (code = 0; code < table->code_count; code++) {
        const size_t words = words_of(table->bits[code]);
        const int32_t either = (int32_t)own[code] + others[code];
        uint32_t shared = 0;
        found->lacks[code] = own[code] == 0 || others[code] == 0;
        found->lacking += found->lacks[code];
        if (!found->lacks[code]) {
            for (word = 0; word < words; word++)
                shared += ONES(one[word] & other[word]);
            found->dice[code] = 2.0 * (double)shared / (double)either;
            found->agreement[code] = (double)(table->bits[code] - (either - 2 * (int32_t)shared)) / (double)table->bits[code];
        }
        one += words;
        other += words;
    }
}

/* The mean over the codes that both have, added in their order: the same double on every machine. */
static double mean(const Table *table, const Compared *found, const double *values)
{
    double sum = 0.0;
    size_t code;
    for (code = 0; code < table->code_count; code++)
        if (!found->lacks[code])
            sum += values[code];
    return sum / (double)((int)table->code_count - found->lacking);
}

static double nearness(const Table *table, int32_t left, int32_t right)
{
    const int is_home = table->homes[left] == table->homes[right] && table->homes[left] >= 0;
    return (double)((table->agencies[left] == table->agencies[right]) + is_home);
}

/* The value of a feature, and whether there is one. */
static inline int value_of(const Table *table, const Pairs *pairs, size_t nth, const Compared *found, int32_t kind,
                           int32_t code, double *value)
{
    const int none = (size_t)found->lacking == table->code_count;
    switch (kind) {
    case DICE:
        *value = found->dice[code];
        return !found->lacks[code];
    case AGREEMENT:
        *value = found->agreement[code];
        return !found->lacks[code];
    case MEAN_DICE:
        *value = none ? 0.0 : mean(table, found, found->dice);
        return !none;
    case MEAN_AGREEMENT:
        *value = none ? 0.0 : mean(table, found, found->agreement);
        return !none;
    case LACKING:
        *value = found->lacking;
        return 1;
    case RARITY:
        *value = pairs->rarity[nth];
        return 1;
    case TOKENS:
        *value = pairs->tokens[nth];
        return 1;
    case FEWEST:
        *value = pairs->fewest[nth];
        return 1;
    default:
        *value = nearness(table, pairs->left[nth], pairs->right[nth]);
        return 1;
    }
}

static inline int64_t pattern_of(const Table *table, const Pairs *pairs, size_t nth, const Compared *found,
                                 const Features *features)
{
    int64_t total = 0;
    size_t place = features->count;
    while (place-- > 0) {
        const int32_t start = place ? features->cut_ends[place - 1] : 0, end = features->cut_ends[place];
        int64_t level = 0;
        double value = 0.0;
        int32_t cut;
        if (value_of(table, pairs, nth, found, features->kinds[place], features->codes[place], &value) && !isnan(value))
            for (cut = start, level = 1; cut < end; cut++)
                level += value >= features->cuts[cut];
        total = total * (end - start + 2) + level;
    }
    return total;
}

WIDE_TOO int pair_patterns(const Table *table, const Pairs *pairs, const Features *features, int64_t *found)
{
    Compared compared = {{0}, {0}, {0}, 0};
    size_t nth;
    for (nth = 0; nth < pairs->count; nth++)
        if (pairs->left[nth] < 0 || (size_t)pairs->left[nth] >= table->count || pairs->right[nth] < 0 ||
            (size_t)pairs->right[nth] >= table->count)
            return 0;
    for (nth = 0; nth < pairs->count; nth++) {
        if (nth + AHEAD < pairs->count) {
            fetch(table, pairs->right[nth + AHEAD]);
            if (pairs->left[nth + AHEAD] != pairs->left[nth])
                fetch(table, pairs->left[nth + AHEAD]);
        }
        compare(table, pairs->left[nth], pairs->right[nth], &compared);
        found[nth] = pattern_of(table, pairs, nth, &compared, features);
    }
    return 1;
}

WIDE_TOO void count_ones(const Table *table, uint16_t *ones)
{
    const uint64_t *row = table->matrix;
    size_t record, code, word;
    for (record = 0; record < table->count; record++) {
        for (code = 0; code < table->code_count; code++) {
            const size_t words = words_of(table->bits[code]);
            uint32_t sum = 0;
            for (word = 0; word < words; word++)
                sum += ONES(row[word]);
            *ones++ = (uint16_t)sum;
            row += words;
        }
    }
}
