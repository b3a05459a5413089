/* Lines: what Python calls to write rows. */
#include "arrays.h"

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

PyObject *py_pseudonym_texts(PyObject *self, PyObject *args)
{
    (void)self;
    return pseudonyms_made(args, PSEUDONYM_LETTERS, 0);
}

PyObject *py_pseudonym_ranks(PyObject *self, PyObject *args)
{
    (void)self;
    return pseudonyms_made(args, 8, 1);
}

PyObject *py_row_texts(PyObject *self, PyObject *args)
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
