/* The module: takes arrays from Python, checks that they are as large as they must be, and runs the loops over them
 * without holding up other threads. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <string.h>
#include "kernels.h"

#define MOST_ARRAYS 64 /* tables, parts or codes in one call */
#define MOST_VOTERS 65535

static void wrong_size(void)
{
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "an array is not as large as the others need it, or a place is in no table");
}

/* Whether a size is a * b. */
static int is_product(Py_ssize_t size, size_t a, size_t b)
{
    return (b == 0 || a <= (size_t)PY_SSIZE_T_MAX / b) && (size_t)size == a * b;
}

static int is_count(Py_ssize_t number)
{
    return number > 0 && number <= INT32_MAX;
}

typedef struct {
    Py_buffer views[3 * MOST_ARRAYS + 8];
    size_t count;
} Held;

static void let_go(Held *held)
{
    while (held->count)
        PyBuffer_Release(&held->views[--held->count]);
}

/* The bytes of an argument, or NULL: of None, or with an error set. */
static Py_buffer *taken(Held *held, PyObject *item, int flags)
{
    Py_buffer *view = &held->views[held->count];
    if (item == NULL || item == Py_None || held->count >= sizeof held->views / sizeof held->views[0])
        return NULL;
    if (PyObject_GetBuffer(item, view, flags) < 0)
        return NULL;
    held->count++;
    return view;
}

/* The bytes of all items of a tuple of tuples of *width* arrays, one behind the other; how many tuples, or -1. */
static Py_ssize_t all_taken(Held *held, PyObject *tuples, Py_ssize_t width, Py_buffer **views)
{
    Py_ssize_t count = PyTuple_Size(tuples), nth, place;
    if (count < 0 || count > MOST_ARRAYS)
        return -1;
    for (nth = 0; nth < count; nth++) {
        PyObject *own = PyTuple_GetItem(tuples, nth);
        if (own == NULL || PyTuple_Size(own) != width)
            return -1;
        for (place = 0; place < width; place++) {
            PyObject *item = PyTuple_GetItem(own, place);
            views[nth * width + place] = taken(held, item, PyBUF_SIMPLE);
            if (PyErr_Occurred() || (item != Py_None && views[nth * width + place] == NULL))
                return -1;
        }
    }
    return count;
}

/* ---- cells ---- */

static PyObject *py_split_page(PyObject *self, PyObject *args)
{
    Py_buffer text, starts, lengths, widths;
    Py_ssize_t size, columns, longest;
    int delimiter, is_last, is_right;
    Page page;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*nipnnw*w*w*", &text, &size, &delimiter, &is_last, &longest, &columns, &starts,
                          &lengths, &widths))
        return NULL;
    memset(&page, 0, sizeof page);
    is_right = is_count(columns) && is_count(longest) && size >= 0 && size <= text.len && delimiter > 0 &&
               delimiter < 128 && starts.len % (8 * columns) == 0 && lengths.len == starts.len / 2 &&
               widths.len == lengths.len / columns;
    if (is_right) {
        page.text = text.buf;
        page.size = (size_t)size;
        page.columns = (size_t)columns;
        page.most_rows = (size_t)(starts.len / (8 * columns));
        page.longest = (size_t)longest;
        page.delimiter = (uint8_t)delimiter;
        page.is_last = is_last;
        page.starts = starts.buf;
        page.lengths = lengths.buf;
        page.widths = widths.buf;
        Py_BEGIN_ALLOW_THREADS
        split_page(&page);
        Py_END_ALLOW_THREADS
    } else {
        wrong_size();
    }
    PyBuffer_Release(&text);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&lengths);
    PyBuffer_Release(&widths);
    return is_right ? Py_BuildValue("nni", (Py_ssize_t)page.rows, (Py_ssize_t)page.consumed, page.is_odd) : NULL;
}

/* Cells, where each of them lies within the text. */
static int cells_of(Cells *cells, const Py_buffer *text, const Py_buffer *starts, const Py_buffer *lengths)
{
    size_t nth;
    cells->text = text->buf;
    cells->starts = starts->buf;
    cells->lengths = lengths->buf;
    cells->count = (size_t)(starts->len / 8);
    cells->size = (size_t)text->len;
    if (!is_product(starts->len, cells->count, 8) || !is_product(lengths->len, cells->count, 4))
        return 0;
    for (nth = 0; nth < cells->count; nth++)
        if (cells->lengths[nth] < 0 || cells->starts[nth] < 0 || cells->starts[nth] > text->len - cells->lengths[nth])
            return 0;
    return 1;
}

static int is_numbering(Numbering *n, const Py_buffer *slots, const Py_buffer *hashes, const Py_buffer *ends,
                        const Py_buffer *store, Py_ssize_t count)
{
    n->slots = slots->buf;
    n->slot_count = (size_t)(slots->len / 4);
    n->hashes = hashes->buf;
    n->most_values = (size_t)(hashes->len / 8);
    n->ends = ends->buf;
    n->store = store->buf;
    n->store_size = (size_t)store->len;
    n->count = (size_t)count;
    return count >= 0 && n->count <= n->most_values && n->most_values < n->slot_count && n->slot_count <= INT32_MAX &&
           (n->slot_count & (n->slot_count - 1)) == 0 && is_product(ends->len, n->most_values + 1, 8) &&
           n->ends[n->count] >= 0 && (size_t)n->ends[n->count] <= n->store_size;
}

static PyObject *py_number_cells(PyObject *self, PyObject *args)
{
    Py_buffer text, starts, lengths, slots, hashes, ends, store, places;
    Py_ssize_t count;
    unsigned long long seed;
    Numbering numbering;
    Cells cells;
    size_t done = 0;
    int is_right;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*w*w*w*w*nKw*", &text, &starts, &lengths, &slots, &hashes, &ends, &store, &count,
                          &seed, &places))
        return NULL;
    is_right = cells_of(&cells, &text, &starts, &lengths) && is_numbering(&numbering, &slots, &hashes, &ends, &store, count) &&
               is_product(places.len, cells.count, 4);
    if (is_right) {
        numbering.seed = seed;
        Py_BEGIN_ALLOW_THREADS
        done = number_cells(&numbering, &cells, places.buf);
        Py_END_ALLOW_THREADS
    } else {
        wrong_size();
    }
    PyBuffer_Release(&text);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&lengths);
    PyBuffer_Release(&slots);
    PyBuffer_Release(&hashes);
    PyBuffer_Release(&ends);
    PyBuffer_Release(&store);
    PyBuffer_Release(&places);
    return is_right ? Py_BuildValue("nn", (Py_ssize_t)done, (Py_ssize_t)numbering.count) : NULL;
}

static PyObject *py_is_plain(PyObject *self, PyObject *args)
{
    Py_buffer text, starts, lengths;
    Cells cells;
    int is_right, answer = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*", &text, &starts, &lengths))
        return NULL;
    is_right = cells_of(&cells, &text, &starts, &lengths);
    if (is_right)
        answer = is_plain(&cells);
    else
        wrong_size();
    PyBuffer_Release(&text);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&lengths);
    return is_right ? PyBool_FromLong(answer) : NULL;
}

static PyObject *py_plain_digits(PyObject *self, PyObject *args)
{
    Py_buffer text, starts, lengths, numbers;
    Py_ssize_t width;
    Cells cells;
    int is_right, answer = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*nw*", &text, &starts, &lengths, &width, &numbers))
        return NULL;
    is_right = cells_of(&cells, &text, &starts, &lengths) && width > 0 && width <= 18 &&
               is_product(numbers.len, cells.count, 8);
    if (is_right)
        answer = plain_digits(&cells, (size_t)width, numbers.buf);
    else
        wrong_size();
    PyBuffer_Release(&text);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&lengths);
    PyBuffer_Release(&numbers);
    return is_right ? PyBool_FromLong(answer) : NULL;
}

static PyObject *py_side_by_side(PyObject *self, PyObject *args)
{
    Py_buffer text, starts, lengths, letters;
    Py_ssize_t width;
    Cells cells;
    int is_right;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*nw*", &text, &starts, &lengths, &width, &letters))
        return NULL;
    is_right = cells_of(&cells, &text, &starts, &lengths) && is_count(width) &&
               is_product(letters.len, cells.count, (size_t)width);
    if (is_right)
        laid_side_by_side(&cells, (size_t)width, letters.buf);
    else
        wrong_size();
    PyBuffer_Release(&text);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&lengths);
    PyBuffer_Release(&letters);
    return is_right ? Py_NewRef(Py_None) : NULL;
}

/* ---- what is keyed ---- */

static PyObject *py_digit_texts(PyObject *self, PyObject *args)
{
    Py_buffer numbers, letters;
    Py_ssize_t width;
    int is_right;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*nw*", &numbers, &width, &letters))
        return NULL;
    is_right = width > 0 && width <= 18 && numbers.len % 8 == 0 && is_product(letters.len, (size_t)numbers.len / 8, (size_t)width);
    if (is_right)
        digit_texts(numbers.buf, (size_t)numbers.len / 8, (size_t)width, letters.buf);
    else
        wrong_size();
    PyBuffer_Release(&numbers);
    PyBuffer_Release(&letters);
    return is_right ? Py_NewRef(Py_None) : NULL;
}

static int fit_blocks(const Py_buffer *lead, Py_ssize_t width, const Py_buffer *lengths, Py_ssize_t blocks)
{
    const int64_t *own = lengths->buf;
    Py_ssize_t nth;
    for (nth = 0; nth < lengths->len / 8; nth++)
        if (own[nth] < 0 || own[nth] > width || lead->len + own[nth] > blocks * BLOCK)
            return 0;
    return 1;
}

static PyObject *py_padded_blocks(PyObject *self, PyObject *args)
{
    Py_buffer lead, letters, lengths, whole, shorter, out;
    Py_ssize_t width, blocks;
    size_t count;
    int is_right;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*ny*y*y*nw*", &lead, &letters, &width, &lengths, &whole, &shorter, &blocks, &out))
        return NULL;
    count = (size_t)lengths.len / 8;
    is_right = is_count(width) && is_count(blocks) && lengths.len % 8 == 0 && is_product(letters.len, count, (size_t)width) &&
               is_product(out.len, count, (size_t)blocks * BLOCK) && whole.len == BLOCK && shorter.len == BLOCK &&
               fit_blocks(&lead, width, &lengths, blocks);
    if (is_right) {
        Py_BEGIN_ALLOW_THREADS
        padded_blocks(lead.buf, (size_t)lead.len, letters.buf, (size_t)width, lengths.buf, count, whole.buf, shorter.buf,
                      (size_t)blocks, out.buf);
        Py_END_ALLOW_THREADS
    } else {
        wrong_size();
    }
    PyBuffer_Release(&lead);
    PyBuffer_Release(&letters);
    PyBuffer_Release(&lengths);
    PyBuffer_Release(&whole);
    PyBuffer_Release(&shorter);
    PyBuffer_Release(&out);
    return is_right ? Py_NewRef(Py_None) : NULL;
}

/* Whether a program names as many keys as there are kinds, each of parts that there are. */
static int is_program(const Py_buffer *program, size_t keys, size_t parts)
{
    const uint8_t *code = program->buf;
    Py_ssize_t at = 0, end;
    for (; keys > 0; keys--) {
        if (at >= program->len || code[at] == 0)
            return 0;
        end = at + 1 + code[at];
        for (at++; at < end; at++)
            if (at >= program->len || (code[at] != FULL && code[at] >= parts))
                return 0;
    }
    return at == program->len;
}

static int are_parts(Part *parts, Py_buffer **views, Py_ssize_t count, size_t rows)
{
    Py_ssize_t nth;
    for (nth = 0; nth < count; nth++, views += 3) {
        Part *part = parts + nth;
        part->lanes = views[0]->buf;
        part->counts = views[1]->buf;
        part->places = views[2] ? views[2]->buf : NULL;
        part->values = (size_t)views[1]->len;
        part->most = part->values ? (size_t)views[0]->len / BLOCK / part->values : 0;
        if (!is_product(views[0]->len, part->values, part->most * BLOCK))
            return 0;
        if (views[2] ? !is_product(views[2]->len, rows, 4) : part->values != rows)
            return 0;
    }
    return 1;
}

static PyObject *py_key_blocks(PyObject *self, PyObject *args)
{
    PyObject *tuples;
    Py_buffer program, kinds, out, counts, *views[3 * MOST_ARRAYS];
    Py_ssize_t root, last, most, count;
    Part parts[MOST_ARRAYS];
    Held held = {.count = 0};
    Keys keys;
    int64_t made = OUT_OF_TABLE;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!y*nny*nw*w*", &PyTuple_Type, &tuples, &program, &root, &last, &kinds, &most, &out, &counts))
        return NULL;
    count = all_taken(&held, tuples, 3, views);
    keys.rows = (size_t)counts.len / 4;
    if (count > 0 && root >= 0 && root < count && last >= 0 && last < count && is_count(most) && kinds.len % BLOCK == 0 &&
        counts.len % 4 == 0 && out.len % BLOCK == 0 && is_program(&program, (size_t)kinds.len / BLOCK, (size_t)count) &&
        are_parts(parts, views, count, keys.rows)) {
        keys.parts = parts;
        keys.part_count = (size_t)count;
        keys.key_count = (size_t)kinds.len / BLOCK;
        keys.program = program.buf;
        keys.root = (size_t)root;
        keys.last = (size_t)last;
        keys.kinds = kinds.buf;
        keys.most = (size_t)most;
        Py_BEGIN_ALLOW_THREADS
        made = key_blocks(&keys, out.buf, (size_t)out.len / BLOCK, counts.buf);
        Py_END_ALLOW_THREADS
    }
    if (made < 0)
        wrong_size();
    let_go(&held);
    PyBuffer_Release(&program);
    PyBuffer_Release(&kinds);
    PyBuffer_Release(&out);
    PyBuffer_Release(&counts);
    return made < 0 ? NULL : PyLong_FromLongLong(made);
}

static PyObject *py_finished_tokens(PyObject *self, PyObject *args)
{
    Py_buffer blocks, counts, filling, out;
    Py_ssize_t filled;
    int64_t made = OUT_OF_TABLE;
    size_t rows;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*w*y*nw*", &blocks, &counts, &filling, &filled, &out))
        return NULL;
    rows = (size_t)counts.len / 4;
    if (filled >= 0 && filled <= INT32_MAX && counts.len % 4 == 0 && blocks.len % BLOCK == 0 && out.len % 8 == 0 &&
        is_product(filling.len, rows, 8 * (size_t)filled)) {
        Py_BEGIN_ALLOW_THREADS
        made = finished_tokens(blocks.buf, (size_t)blocks.len / BLOCK, counts.buf, rows, filling.buf, (size_t)filled, out.buf,
                               (size_t)out.len / 8);
        Py_END_ALLOW_THREADS
    }
    if (made < 0)
        wrong_size();
    PyBuffer_Release(&blocks);
    PyBuffer_Release(&counts);
    PyBuffer_Release(&filling);
    PyBuffer_Release(&out);
    return made < 0 ? NULL : PyLong_FromLongLong(made);
}

/* ---- codes ---- */

static PyObject *py_unite(PyObject *self, PyObject *args)
{
    PyObject *tuples;
    Py_buffer out, *views[2 * MOST_ARRAYS];
    Py_ssize_t words, count, nth;
    Table tables[MOST_ARRAYS];
    Held held = {.count = 0};
    size_t rows;
    int is_right;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*nO!", &out, &words, &PyTuple_Type, &tuples))
        return NULL;
    count = all_taken(&held, tuples, 2, views);
    is_right = count >= 0 && is_count(words) && out.len % (8 * words) == 0;
    rows = is_right ? (size_t)(out.len / (8 * words)) : 0;
    for (nth = 0; is_right && nth < count; nth++) {
        is_right = views[2 * nth] && views[2 * nth + 1] && is_product(views[2 * nth + 1]->len, rows, 4);
        if (is_right) {
            tables[nth].rows = views[2 * nth]->buf;
            tables[nth].count = (size_t)(views[2 * nth]->len / (8 * words));
            tables[nth].places = views[2 * nth + 1]->buf;
        }
    }
    if (is_right) {
        Py_BEGIN_ALLOW_THREADS
        is_right = unite(out.buf, rows, (size_t)words, tables, (size_t)count) == 0;
        Py_END_ALLOW_THREADS
    }
    if (!is_right)
        wrong_size();
    let_go(&held);
    PyBuffer_Release(&out);
    return is_right ? Py_NewRef(Py_None) : NULL;
}

static PyObject *py_unite_sets(PyObject *self, PyObject *args)
{
    Py_buffer out, table, flat, lengths;
    Py_ssize_t words;
    int is_right;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*ny*y*y*", &out, &words, &table, &flat, &lengths))
        return NULL;
    is_right = is_count(words) && lengths.len % 8 == 0 && flat.len % 4 == 0 && table.len % (8 * words) == 0 &&
               is_product(out.len, (size_t)lengths.len / 8, 8 * (size_t)words);
    if (is_right) {
        Py_BEGIN_ALLOW_THREADS
        is_right = unite_sets(out.buf, (size_t)lengths.len / 8, (size_t)words, table.buf, (size_t)(table.len / (8 * words)),
                              flat.buf, (size_t)flat.len / 4, lengths.buf) == 0;
        Py_END_ALLOW_THREADS
    }
    if (!is_right)
        wrong_size();
    PyBuffer_Release(&out);
    PyBuffer_Release(&table);
    PyBuffer_Release(&flat);
    PyBuffer_Release(&lengths);
    return is_right ? Py_NewRef(Py_None) : NULL;
}

static PyObject *py_set_bits(PyObject *self, PyObject *args)
{
    Py_buffer filters, rows, words;
    Py_ssize_t width, hashes;
    int is_right;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*ny*y*n", &filters, &width, &rows, &words, &hashes))
        return NULL;
    is_right = is_count(width) && is_count(hashes) && (width & (width - 1)) == 0 && width <= 8192 && filters.len % width == 0 &&
               rows.len % 8 == 0 && is_product(words.len, (size_t)rows.len / 8, 2 * (size_t)hashes);
    if (is_right) {
        Py_BEGIN_ALLOW_THREADS
        is_right = set_bits(filters.buf, (size_t)(filters.len / width), (size_t)width, rows.buf, (size_t)rows.len / 8,
                            words.buf, (size_t)hashes) == 0;
        Py_END_ALLOW_THREADS
    }
    if (!is_right)
        wrong_size();
    PyBuffer_Release(&filters);
    PyBuffer_Release(&rows);
    PyBuffer_Release(&words);
    return is_right ? Py_NewRef(Py_None) : NULL;
}

static PyObject *py_elect(PyObject *self, PyObject *args)
{
    Py_buffer votes, voters, codes;
    Py_ssize_t most, planes, words;
    Ballots ballots;
    int is_right;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*nnnw*", &votes, &voters, &most, &planes, &words, &codes))
        return NULL;
    is_right = is_count(most) && most < MOST_VOTERS && is_count(planes) && planes < 64 && is_count(words) && words % 16 == 0 &&
               voters.len % (4 * most) == 0 && votes.len > 0 && votes.len % (8 * planes * words) == 0 &&
               is_product(codes.len, (size_t)(voters.len / (4 * most)), 8 * (size_t)words);
    if (is_right) {
        ballots.votes = votes.buf;
        ballots.vote_rows = (size_t)(votes.len / (8 * planes * words));
        ballots.planes = (size_t)planes;
        ballots.words = (size_t)words;
        ballots.voters = voters.buf;
        ballots.rows = (size_t)(voters.len / (4 * most));
        ballots.most = (size_t)most;
        Py_BEGIN_ALLOW_THREADS
        is_right = elect(&ballots, codes.buf) == 0;
        Py_END_ALLOW_THREADS
    }
    if (!is_right)
        wrong_size();
    PyBuffer_Release(&votes);
    PyBuffer_Release(&voters);
    PyBuffer_Release(&codes);
    return is_right ? Py_NewRef(Py_None) : NULL;
}

/* ---- lines ---- */

static int are_codes(CodeText *codes, Py_buffer **views, Py_ssize_t count, size_t rows)
{
    Py_ssize_t nth;
    for (nth = 0; nth < count; nth++, views += 3) {
        if (!views[0] || !views[1] || !views[2] || !is_product(views[1]->len, rows, 1))
            return 0;
        codes[nth].values = views[0]->buf;
        codes[nth].present = views[1]->buf;
        codes[nth].lead = views[2]->buf;
        codes[nth].lead_size = (size_t)views[2]->len;
        codes[nth].width = (size_t)views[0]->len / rows;
        if (!is_product(views[0]->len, rows, codes[nth].width))
            return 0;
    }
    return 1;
}

/* Pseudonyms of bytes, each written as *width* bytes. */
static PyObject *pseudonyms_made(PyObject *args, Py_ssize_t width, int as_ranks)
{
    Py_buffer drawn, out;
    size_t count;
    int is_right;
    if (!PyArg_ParseTuple(args, "y*w*", &drawn, &out))
        return NULL;
    count = (size_t)drawn.len / PSEUDONYM_BYTES;
    is_right = is_product(drawn.len, count, PSEUDONYM_BYTES) && is_product(out.len, count, (size_t)width);
    if (is_right) {
        Py_BEGIN_ALLOW_THREADS
        if (as_ranks)
            pseudonym_ranks(drawn.buf, count, out.buf);
        else
            pseudonym_texts(drawn.buf, count, out.buf);
        Py_END_ALLOW_THREADS
    } else {
        wrong_size();
    }
    PyBuffer_Release(&drawn);
    PyBuffer_Release(&out);
    return is_right ? Py_NewRef(Py_None) : NULL;
}

static PyObject *py_pseudonym_texts(PyObject *self, PyObject *args)
{
    (void)self;
    return pseudonyms_made(args, PSEUDONYM_LETTERS, 0);
}

static PyObject *py_pseudonym_ranks(PyObject *self, PyObject *args)
{
    (void)self;
    return pseudonyms_made(args, 8, 1);
}

static PyObject *py_row_texts(PyObject *self, PyObject *args)
{
    PyObject *tuples, *into;
    Py_buffer pseudonyms, tokens, counts, tails, tail_ends, *out = NULL, *views[3 * MOST_ARRAYS];
    Py_ssize_t count;
    CodeText codes[MOST_ARRAYS];
    Held held = {.count = 0};
    RowTexts texts;
    int64_t size = OUT_OF_TABLE;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*O!y*y*y*y*O", &pseudonyms, &PyTuple_Type, &tuples, &tokens, &counts, &tails, &tail_ends, &into))
        return NULL;
    texts.rows = (size_t)pseudonyms.len / PSEUDONYM_BYTES;
    count = all_taken(&held, tuples, 3, views);
    if (count >= 0)
        out = taken(&held, into, PyBUF_WRITABLE);
    if (count >= 0 && !PyErr_Occurred() && texts.rows > 0 && is_product(pseudonyms.len, texts.rows, PSEUDONYM_BYTES) &&
        is_product(counts.len, texts.rows, 4) && is_product(tail_ends.len, texts.rows, 8) && tokens.len % 8 == 0 &&
        are_codes(codes, views, count, texts.rows)) {
        texts.pseudonyms = pseudonyms.buf;
        texts.codes = codes;
        texts.code_count = (size_t)count;
        texts.tokens = tokens.buf;
        texts.token_count = (size_t)tokens.len / 8;
        texts.counts = counts.buf;
        texts.tails = tails.buf;
        texts.tail_size = (size_t)tails.len;
        texts.tail_ends = tail_ends.buf;
        if (out == NULL) {
            size = (int64_t)row_texts_room(&texts);
        } else if ((size_t)out->len >= row_texts_room(&texts)) {
            Py_BEGIN_ALLOW_THREADS
            size = row_texts(&texts, out->buf);
            Py_END_ALLOW_THREADS
        }
    }
    if (size < 0)
        wrong_size();
    let_go(&held);
    PyBuffer_Release(&pseudonyms);
    PyBuffer_Release(&tokens);
    PyBuffer_Release(&counts);
    PyBuffer_Release(&tails);
    PyBuffer_Release(&tail_ends);
    return size < 0 ? NULL : PyLong_FromLongLong(size);
}

static PyMethodDef methods[] = {
    {"split_page", py_split_page, METH_VARARGS, "Where the cells of some rows of delimited text lie."},
    {"number_cells", py_number_cells, METH_VARARGS, "The places of cells among distinct values."},
    {"is_plain", py_is_plain, METH_VARARGS, "Whether cells are ASCII letters and digits, none of them letters alone."},
    {"plain_digits", py_plain_digits, METH_VARARGS, "The numbers in cells, where each has as many digits or none."},
    {"side_by_side", py_side_by_side, METH_VARARGS, "The letters of cells in rows."},
    {"digit_texts", py_digit_texts, METH_VARARGS, "Numbers as digits."},
    {"padded_blocks", py_padded_blocks, METH_VARARGS, "Texts padded for CMAC."},
    {"key_blocks", py_key_blocks, METH_VARARGS, "What is encrypted of each row's blocking keys."},
    {"finished_tokens", py_finished_tokens, METH_VARARGS, "Blocking tokens in order, once each, filled up."},
    {"unite", py_unite, METH_VARARGS, "Unions of the rows of tables."},
    {"unite_sets", py_unite_sets, METH_VARARGS, "Unions of the rows of a table, for sets of them."},
    {"set_bits", py_set_bits, METH_VARARGS, "Set the bits that tokens draw."},
    {"elect", py_elect, METH_VARARGS, "SAUL codes of voters."},
    {"pseudonym_texts", py_pseudonym_texts, METH_VARARGS, "The letters of pseudonyms."},
    {"pseudonym_ranks", py_pseudonym_ranks, METH_VARARGS, "Numbers in the order of pseudonyms."},
    {"row_texts", py_row_texts, METH_VARARGS, "Lines of JSON; how much room they need where there is none to write to."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", "Loops over arrays, for hashing.accelerator alone.", 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void)
{
    prepare_letters();
    return PyModuleDef_Init(&definition);
}
