/* Arrays from Python, checked before a loop runs over them, and the functions that Python calls. */
#ifndef HEADCOUNT_ARRAYS_H
#define HEADCOUNT_ARRAYS_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include "kernels.h"

#define MOST_ARRAYS 64 /* tables, parts or codes in one call */
#define MOST_VOTERS 65535

void wrong_size(void);
int is_product(Py_ssize_t size, size_t a, size_t b);
int is_count(Py_ssize_t number);

typedef struct {
    Py_buffer views[3 * MOST_ARRAYS + 8];
    size_t count;
} Held;
void let_go(Held *held);
Py_buffer *taken(Held *held, PyObject *item, int flags);
Py_ssize_t all_taken(Held *held, PyObject *tuples, Py_ssize_t width, Py_buffer **views);

PyObject *py_split_page(PyObject *self, PyObject *args);
PyObject *py_number_cells(PyObject *self, PyObject *args);
PyObject *py_is_plain(PyObject *self, PyObject *args);
PyObject *py_plain_digits(PyObject *self, PyObject *args);
PyObject *py_side_by_side(PyObject *self, PyObject *args);
PyObject *py_digit_texts(PyObject *self, PyObject *args);
PyObject *py_padded_blocks(PyObject *self, PyObject *args);
PyObject *py_key_blocks(PyObject *self, PyObject *args);
PyObject *py_finished_tokens(PyObject *self, PyObject *args);
PyObject *py_unite(PyObject *self, PyObject *args);
PyObject *py_unite_sets(PyObject *self, PyObject *args);
PyObject *py_set_bits(PyObject *self, PyObject *args);
PyObject *py_elect(PyObject *self, PyObject *args);
PyObject *py_pseudonym_texts(PyObject *self, PyObject *args);
PyObject *py_pseudonym_ranks(PyObject *self, PyObject *args);
PyObject *py_row_texts(PyObject *self, PyObject *args);

#endif
