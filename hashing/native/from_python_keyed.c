/* What is keyed: what Python calls before and behind AES. */
#include "arrays.h"

PyObject *py_digit_texts(PyObject *self, PyObject *args)
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

PyObject *py_padded_blocks(PyObject *self, PyObject *args)
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

PyObject *py_key_blocks(PyObject *self, PyObject *args)
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

PyObject *py_finished_tokens(PyObject *self, PyObject *args)
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
