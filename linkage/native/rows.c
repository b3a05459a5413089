/* Lines of an encoded file -> columns. A line that is written in any other way ends it. */
#include "kernels.h"
#include <string.h>

#define BAD 0x80000000u

/* The six bits of a letter, or BAD. */
static uint32_t plain[256], safe[256];

static void fill(uint32_t *table, const char *letters)
{
    size_t place;
    for (place = 0; place < 256; place++)
        table[place] = BAD;
    for (place = 0; place < 64; place++)
        table[(uint8_t)letters[place]] = (uint32_t)place;
}

void learn_letters(void)
{
    fill(plain, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    fill(safe, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

typedef struct {
    const uint8_t *at, *end;
} Cursor;

static inline int skip(Cursor *cursor, const void *text, size_t size)
{
    if ((size_t)(cursor->end - cursor->at) < size || memcmp(cursor->at, text, size) != 0)
        return 0;
    cursor->at += size;
    return 1;
}

#define SKIP(cursor, text) skip(cursor, text, sizeof(text) - 1)

static int pseudonym(Cursor *cursor, uint8_t *out)
{
    size_t place;
    if (cursor->end - cursor->at < PSEUDONYM_LETTERS)
        return 0;
    for (place = 0; place < PSEUDONYM_LETTERS; place++) {
        const uint8_t letter = cursor->at[place];
        if (!((letter >= 'a' && letter <= 'z') || (letter >= '2' && letter <= '7')))
            return 0;
        out[place] = letter;
    }
    cursor->at += PSEUDONYM_LETTERS;
    return 1;
}

/* Base64 of *width* bytes, padded; spare bits are zero. */
static int code(Cursor *cursor, uint8_t *out, size_t width)
{
    const size_t whole = width / 3, rest = width % 3;
    const uint8_t *at = cursor->at;
    uint32_t bad = 0, word;
    size_t nth;
    if ((size_t)(cursor->end - at) < 4 * (whole + (rest != 0)))
        return 0;
    for (nth = 0; nth < whole; nth++, at += 4, out += 3) {
        const uint32_t a = plain[at[0]], b = plain[at[1]], c = plain[at[2]], d = plain[at[3]];
        bad |= a | b | c | d;
        word = a << 18 | b << 12 | c << 6 | d;
        out[0] = (uint8_t)(word >> 16);
        out[1] = (uint8_t)(word >> 8);
        out[2] = (uint8_t)word;
    }
    if (rest) {
        const uint32_t a = plain[at[0]], b = plain[at[1]], c = rest == 2 ? plain[at[2]] : 0;
        bad |= a | b | c;
        if (at[3] != '=' || (rest == 1 && at[2] != '='))
            return 0;
        word = a << 18 | b << 12 | c << 6;
        out[0] = (uint8_t)(word >> 16);
        if (rest == 2)
            out[1] = (uint8_t)(word >> 8);
        if (word & (rest == 2 ? 0xFFu : 0xFFFFu))
            return 0;
        at += 4;
    }
    cursor->at = at;
    return !(bad & BAD);
}

/* Eleven letters; the last one's two spare bits are left out. */
static int token(Cursor *cursor, uint64_t *out)
{
    uint64_t number = 0;
    uint32_t bad = 0;
    size_t place;
    if (cursor->end - cursor->at < TOKEN_LETTERS)
        return 0;
    for (place = 0; place < TOKEN_LETTERS; place++) {
        const uint32_t six = safe[cursor->at[place]];
        bad |= six;
        number = place + 1 < TOKEN_LETTERS ? number << 6 | (six & 63) : number << 4 | (six & 63) >> 2;
    }
    cursor->at += TOKEN_LETTERS;
    *out = number;
    return !(bad & BAD);
}

static int codes(Lines *lines, Cursor *cursor)
{
    uint8_t *out = (uint8_t *)(lines->matrix + lines->rows * lines->words);
    size_t nth;
    for (nth = 0; nth < lines->code_count; nth++) {
        if (!skip(cursor, lines->leads[nth], lines->lead_sizes[nth]))
            return 0;
        if (!SKIP(cursor, "null") && !(SKIP(cursor, "\"") && code(cursor, out, lines->widths[nth]) && SKIP(cursor, "\"")))
            return 0;
        out += (lines->widths[nth] + 7) / 8 * 8;
    }
    return 1;
}

static int tokens(Lines *lines, Cursor *cursor)
{
    size_t count = 0;
    uint64_t *out = lines->tokens + lines->token_count;
    if (!SKIP(cursor, "},\"blocks\":["))
        return 0;
    while (!SKIP(cursor, "]")) {
        if (count == lines->most_tokens || (count && !SKIP(cursor, ",")))
            return 0;
        if (!SKIP(cursor, "\"") || !token(cursor, out + count) || !SKIP(cursor, "\""))
            return 0;
        count++;
    }
    lines->token_counts[lines->rows] = (uint8_t)count;
    return 1;
}

/* As hashing.schema.AgeBand writes them, from the youngest. */
static const char *const BANDS[] = {"under_5", "5_12", "13_17", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus"};

static int age(Lines *lines, Cursor *cursor)
{
    uint8_t nth;
    lines->ages[lines->rows] = 0;
    if (!SKIP(cursor, ",\"age\":\""))
        return 1;
    for (nth = 0; nth < sizeof BANDS / sizeof *BANDS; nth++)
        if (skip(cursor, BANDS[nth], strlen(BANDS[nth]))) {
            lines->ages[lines->rows] = nth + 1;
            return SKIP(cursor, "\"");
        }
    return 0;
}

static int household(Lines *lines, Cursor *cursor)
{
    uint8_t *out = lines->homes + PSEUDONYM_LETTERS * lines->home_count;
    lines->has_home[lines->rows] = 0;
    if (!SKIP(cursor, ",\"household\":"))
        return 0;
    if (SKIP(cursor, "null"))
        return 1;
    lines->has_home[lines->rows] = 1;
    return SKIP(cursor, "\"") && pseudonym(cursor, out) && SKIP(cursor, "\"");
}

/* Services and consent: nothing of either, or a text that is read in Python. */
static int tail(Lines *lines, Cursor *cursor)
{
    int64_t *where = lines->tails + 2 * lines->rows;
    const uint8_t *start = cursor->at + 1, *end;
    where[0] = where[1] = 0;
    if (SKIP(cursor, ",\"services\":[],\"consent\":null}\n"))
        return 1;
    if (!SKIP(cursor, ",\"services\":"))
        return 0;
    end = memchr(cursor->at, '\n', (size_t)(cursor->end - cursor->at));
    if (end == NULL)
        return 0;
    where[0] = start - lines->text;
    where[1] = end - lines->text;
    cursor->at = end + 1;
    return 1;
}

static int row(Lines *lines, Cursor *cursor)
{
    return SKIP(cursor, "{\"row\":\"") && pseudonym(cursor, lines->pseudonyms + PSEUDONYM_LETTERS * lines->rows) &&
           SKIP(cursor, "\",\"codes\":{") && codes(lines, cursor) && tokens(lines, cursor) &&
           age(lines, cursor) && household(lines, cursor) && tail(lines, cursor);
}

void read_lines(Lines *lines)
{
    lines->rows = lines->consumed = lines->token_count = lines->home_count = 0;
    while (lines->rows < lines->most_rows && lines->consumed < lines->size) {
        Cursor cursor;
        cursor.at = lines->text + lines->consumed;
        cursor.end = lines->text + lines->size;
        if ((size_t)(cursor.end - cursor.at) > lines->longest)
            cursor.end = cursor.at + lines->longest;
        if (!row(lines, &cursor))
            return;
        lines->token_count += lines->token_counts[lines->rows];
        lines->home_count += lines->has_home[lines->rows];
        lines->consumed = (size_t)(cursor.at - lines->text);
        lines->rows++;
    }
}
