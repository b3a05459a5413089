/* Cells: what Python calls to find and number them. */
#include "arrays.h"
#include <string.h>

PyObject *py_split_page(PyObject *self, PyObject *args)
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

PyObject *py_number_cells(PyObject *self, PyObject *args)
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

PyObject *py_is_plain(PyObject *self, PyObject *args)
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

PyObject *py_plain_digits(PyObject *self, PyObject *args)
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

PyObject *py_side_by_side(PyObject *self, PyObject *args)
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
