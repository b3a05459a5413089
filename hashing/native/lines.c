/* The text of encoded rows: JSON, a line a row. */
#include "kernels.h"
#include <string.h>

static const char STANDARD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL_SAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char BASE32[] = "abcdefghijklmnopqrstuvwxyz234567";

static const char HEAD[] = "{\"row\":\"", CODES[] = "\",\"codes\":{", BLOCKS[] = "},\"blocks\":[", NOTHING[] = "null";

static size_t base64_size(size_t width)
{
    return (width + 2) / 3 * 4;
}

static uint8_t *put(uint8_t *out, const void *text, size_t size)
{
    memcpy(out, text, size);
    return out + size;
}

static uint8_t pairs[1 << 12][2]; /* the two letters of twelve bits */

void prepare_letters(void)
{
    size_t twelve;
    for (twelve = 0; twelve < sizeof pairs / 2; twelve++) {
        pairs[twelve][0] = (uint8_t)STANDARD[twelve >> 6];
        pairs[twelve][1] = (uint8_t)STANDARD[twelve & 63];
    }
}

static uint8_t *put_base64(uint8_t *out, const uint8_t *bytes, size_t size)
{
    for (; size >= 3; size -= 3, bytes += 3, out += 4) {
        uint32_t three = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        memcpy(out, pairs[three >> 12], 2);
        memcpy(out + 2, pairs[three & 4095], 2);
    }
    if (size) {
        uint32_t rest = (uint32_t)bytes[0] << 16 | (size == 2 ? (uint32_t)bytes[1] << 8 : 0);
        out[0] = (uint8_t)STANDARD[rest >> 18];
        out[1] = (uint8_t)STANDARD[rest >> 12 & 63];
        out[2] = size == 2 ? (uint8_t)STANDARD[rest >> 6 & 63] : '=';
        out[3] = '=';
        out += 4;
    }
    return out;
}

static uint8_t *put_pseudonym(uint8_t *out, const uint8_t *bytes)
{
    size_t half, nth;
    for (half = 0; half < 2; half++, bytes += 5) {
        uint64_t forty = (uint64_t)bytes[0] << 32 | (uint64_t)bytes[1] << 24 | (uint64_t)bytes[2] << 16 |
                         (uint64_t)bytes[3] << 8 | bytes[4];
        for (nth = 0; nth < 8; nth++)
            *out++ = (uint8_t)BASE32[forty >> (35 - 5 * nth) & 31];
    }
    return out;
}

void pseudonym_texts(const uint8_t *drawn, size_t count, uint8_t *letters)
{
    for (; count > 0; count--, drawn += PSEUDONYM_BYTES)
        letters = put_pseudonym(letters, drawn);
}

/* The first twelve letters as a number that orders as they do: digits, which are the last of the alphabet, come first. */
void pseudonym_ranks(const uint8_t *drawn, size_t count, uint64_t *ranks)
{
    size_t row, nth;
    for (row = 0; row < count; row++, drawn += PSEUDONYM_BYTES) {
        uint64_t first = 0;
        ranks[row] = 0;
        for (nth = 0; nth < 8; nth++)
            first = first << 8 | drawn[nth];
        for (nth = 0; nth < 12; nth++)
            ranks[row] = ranks[row] << 5 | (((first >> (59 - 5 * nth)) + 6) & 31);
    }
}

static uint8_t *put_token(uint8_t *out, uint64_t token)
{
    size_t nth;
    *out++ = '"';
    for (nth = 0; nth < TOKEN_LETTERS - 1; nth++)
        *out++ = (uint8_t)URL_SAFE[token >> (58 - 6 * nth) & 63];
    *out++ = (uint8_t)URL_SAFE[token << 2 & 63];
    *out++ = '"';
    *out++ = ',';
    return out;
}

size_t row_texts_room(const RowTexts *texts)
{
    size_t nth, row = sizeof HEAD + PSEUDONYM_LETTERS + sizeof CODES + sizeof BLOCKS;
    for (nth = 0; nth < texts->code_count; nth++)
        row += texts->codes[nth].lead_size + base64_size(texts->codes[nth].width) + 2 + sizeof NOTHING;
    return texts->rows * row + texts->token_count * (TOKEN_LETTERS + 3) + texts->tail_size;
}

static uint8_t *put_codes(uint8_t *out, const RowTexts *texts, size_t row)
{
    size_t nth;
    for (nth = 0; nth < texts->code_count; nth++) {
        const CodeText *code = texts->codes + nth;
        out = put(out, code->lead, code->lead_size);
        if (code->present[row]) {
            *out++ = '"';
            out = put_base64(out, code->values + row * code->width, code->width);
            *out++ = '"';
        } else {
            out = put(out, NOTHING, sizeof NOTHING - 1);
        }
    }
    return out;
}

/* How many bytes were written; *out* has row_texts_room. */
int64_t row_texts(const RowTexts *texts, uint8_t *out)
{
    uint8_t *const start = out;
    size_t row, used = 0;
    int64_t tail = 0;
    for (row = 0; row < texts->rows; row++) {
        int32_t left = texts->counts[row];
        if (left < 0 || (size_t)left > texts->token_count - used)
            return OUT_OF_TABLE;
        if (texts->tail_ends[row] < tail || (size_t)texts->tail_ends[row] > texts->tail_size)
            return OUT_OF_TABLE;
        out = put(out, HEAD, sizeof HEAD - 1);
        out = put_pseudonym(out, texts->pseudonyms + row * PSEUDONYM_BYTES);
        out = put(out, CODES, sizeof CODES - 1);
        out = put_codes(out, texts, row);
        out = put(out, BLOCKS, sizeof BLOCKS - 1);
        for (; left > 0; left--)
            out = put_token(out, texts->tokens[used++]);
        if (out[-1] == ',')
            out--;
        out = put(out, texts->tails + tail, (size_t)(texts->tail_ends[row] - tail));
        tail = texts->tail_ends[row];
    }
    return out - start;
}
