/* Takes arrays from Python and lets them go again. */
#include "arrays.h"

void wrong_size(void)
{
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "an array is not as large as the others need it, or a place is in no table");
}

/* Whether a size is a * b. */
int is_product(Py_ssize_t size, size_t a, size_t b)
{
    return (b == 0 || a <= (size_t)PY_SSIZE_T_MAX / b) && (size_t)size == a * b;
}

int is_count(Py_ssize_t number)
{
    return number > 0 && number <= INT32_MAX;
}

void let_go(Held *held)
{
    while (held->count)
        PyBuffer_Release(&held->views[--held->count]);
}

/* The bytes of an argument, or NULL: of None, or with an error set. */
Py_buffer *taken(Held *held, PyObject *item, int flags)
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
Py_ssize_t all_taken(Held *held, PyObject *tuples, Py_ssize_t width, Py_buffer **views)
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
