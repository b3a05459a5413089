/* Codes: what Python calls for filters and elections. */
#include "arrays.h"

PyObject *py_unite(PyObject *self, PyObject *args)
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

PyObject *py_unite_sets(PyObject *self, PyObject *args)
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

PyObject *py_set_bits(PyObject *self, PyObject *args)
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

PyObject *py_elect(PyObject *self, PyObject *args)
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
