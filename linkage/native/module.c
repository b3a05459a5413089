/* The module: takes arrays from Python, checks that they are as large as they must be, and runs the loops over them
 * without holding up other threads. */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <string.h>
#include "kernels.h"

#define MOST_ARRAYS 16
#define MOST_BITS 65535 /* of a code: its ones are counted with 16 bits */

void learn_letters(void);

typedef struct {
    Py_buffer views[MOST_ARRAYS];
    size_t count;
} Held;

static void let_go(Held *held)
{
    while (held->count)
        PyBuffer_Release(&held->views[--held->count]);
}

static void wrong_size(void)
{
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "an array is not as large as the others need it, or a place is in no table");
}

/* None, or an error; the arrays are let go. */
static PyObject *finished(Held *held, int is_right)
{
    let_go(held);
    if (!is_right)
        wrong_size();
    return is_right ? Py_NewRef(Py_None) : NULL;
}

/* Whether a size is a * b. */
static int is_product(const Py_buffer *view, size_t a, size_t b)
{
    return (b == 0 || a <= (size_t)PY_SSIZE_T_MAX / b) && (size_t)view->len == a * b;
}

/* The bytes of all arguments; the last *writable* of them are written to. */
static int all_taken(Held *held, PyObject *args, Py_ssize_t count, Py_ssize_t writable)
{
    Py_ssize_t nth;
    held->count = 0;
    if (PyTuple_Size(args) != count) {
        PyErr_SetString(PyExc_TypeError, "too many arrays, or too few");
        return 0;
    }
    for (nth = 0; nth < count; nth++) {
        const int flags = nth >= count - writable ? PyBUF_WRITABLE : PyBUF_SIMPLE;
        if (PyObject_GetBuffer(PyTuple_GetItem(args, nth), &held->views[nth], flags) < 0)
            return 0;
        held->count++;
    }
    return 1;
}

/* Codes of *bits* side by side in a matrix; how many records there are follows from its size. */
static int is_table(Table *table, const Py_buffer *matrix, const Py_buffer *bits)
{
    size_t code;
    table->bits = bits->buf;
    table->code_count = (size_t)bits->len / 4;
    table->words = 0;
    if (!is_product(bits, table->code_count, 4) || table->code_count == 0 || table->code_count > MOST_CODES)
        return 0;
    for (code = 0; code < table->code_count; code++) {
        if (table->bits[code] < 1 || table->bits[code] > MOST_BITS)
            return 0;
        table->words += ((size_t)table->bits[code] + 63) / 64;
    }
    table->matrix = matrix->buf;
    table->count = (size_t)matrix->len / (8 * table->words);
    return is_product(matrix, table->count, 8 * table->words);
}

static int are_features(Features *features, const Py_buffer *kinds, const Py_buffer *codes, const Py_buffer *ends,
                        const Py_buffer *cuts, size_t code_count)
{
    size_t nth;
    int32_t before = 0;
    features->kinds = kinds->buf;
    features->codes = codes->buf;
    features->cut_ends = ends->buf;
    features->cuts = cuts->buf;
    features->count = (size_t)kinds->len / 4;
    if (!is_product(kinds, features->count, 4) || !is_product(codes, features->count, 4) ||
        !is_product(ends, features->count, 4) || features->count == 0 || features->count > MOST_FEATURES)
        return 0;
    for (nth = 0; nth < features->count; before = features->cut_ends[nth++])
        if (features->kinds[nth] < 0 || features->kinds[nth] >= KINDS || features->codes[nth] < 0 ||
            (size_t)features->codes[nth] >= code_count || features->cut_ends[nth] < before)
            return 0;
    return is_product(cuts, (size_t)before, 8);
}

static int are_pairs(Pairs *pairs, const Py_buffer *views)
{
    pairs->left = views[0].buf;
    pairs->right = views[1].buf;
    pairs->rarity = views[2].buf;
    pairs->tokens = views[3].buf;
    pairs->fewest = views[4].buf;
    pairs->count = (size_t)views[0].len / 4;
    return is_product(&views[0], pairs->count, 4) && is_product(&views[1], pairs->count, 4) &&
           is_product(&views[2], pairs->count, 4) && is_product(&views[3], pairs->count, 2) &&
           is_product(&views[4], pairs->count, 2);
}

static PyObject *py_pair_patterns(PyObject *self, PyObject *args)
{
    Held held;
    Table table;
    Pairs pairs;
    Features features;
    int is_right = 0;
    (void)self;
    if (all_taken(&held, args, 15, 1)) {
        const Py_buffer *v = held.views;
        is_right = is_table(&table, &v[0], &v[1]) && is_product(&v[2], table.count * table.code_count, 2) &&
                   is_product(&v[3], table.count, 2) && is_product(&v[4], table.count, 4) && are_pairs(&pairs, v + 5) &&
                   are_features(&features, &v[10], &v[11], &v[12], &v[13], table.code_count) &&
                   is_product(&v[14], pairs.count, 8);
        if (is_right) {
            table.ones = v[2].buf;
            table.agencies = v[3].buf;
            table.homes = v[4].buf;
            Py_BEGIN_ALLOW_THREADS
            is_right = pair_patterns(&table, &pairs, &features, v[14].buf);
            Py_END_ALLOW_THREADS
        }
    }
    return finished(&held, is_right);
}

static PyObject *py_count_ones(PyObject *self, PyObject *args)
{
    Held held;
    Table table;
    int is_right = 0;
    (void)self;
    if (all_taken(&held, args, 3, 1)) {
        const Py_buffer *v = held.views;
        is_right = is_table(&table, &v[0], &v[1]) && is_product(&v[2], table.count * table.code_count, 2);
        if (is_right) {
            Py_BEGIN_ALLOW_THREADS
            count_ones(&table, v[2].buf);
            Py_END_ALLOW_THREADS
        }
    }
    return finished(&held, is_right);
}

/* The texts that stand before codes, one behind another. */
static int are_leads(Lines *lines, const Py_buffer *leads, const Py_buffer *sizes, const Py_buffer *widths)
{
    const int32_t *own = sizes->buf, *bytes = widths->buf;
    const uint8_t *lead = leads->buf;
    size_t nth, left = (size_t)leads->len;
    lines->code_count = (size_t)sizes->len / 4;
    lines->words = 0;
    if (!is_product(sizes, lines->code_count, 4) || !is_product(widths, lines->code_count, 4) ||
        lines->code_count == 0 || lines->code_count > MOST_CODES)
        return 0;
    for (nth = 0; nth < lines->code_count; nth++) {
        if (own[nth] < 1 || (size_t)own[nth] > left || bytes[nth] < 1 || bytes[nth] > MOST_BITS)
            return 0;
        lines->leads[nth] = lead;
        lines->lead_sizes[nth] = (size_t)own[nth];
        lines->widths[nth] = (size_t)bytes[nth];
        lines->words += ((size_t)bytes[nth] + 7) / 8;
        lead += own[nth];
        left -= (size_t)own[nth];
    }
    return left == 0;
}

static int have_room(Lines *lines, const Py_buffer *views)
{
    lines->pseudonyms = views[0].buf;
    lines->homes = views[1].buf;
    lines->has_home = views[2].buf;
    lines->token_counts = views[3].buf;
    lines->tokens = views[4].buf;
    lines->tails = views[5].buf;
    lines->matrix = views[6].buf;
    lines->ages = views[7].buf;
    lines->most_rows = (size_t)views[2].len;
    return is_product(&views[0], lines->most_rows, PSEUDONYM_LETTERS) &&
           is_product(&views[1], lines->most_rows, PSEUDONYM_LETTERS) && is_product(&views[3], lines->most_rows, 1) &&
           lines->most_rows > 0 && lines->most_rows <= INT32_MAX && is_product(&views[5], lines->most_rows, 16) &&
           is_product(&views[6], lines->most_rows, 8 * lines->words) && is_product(&views[7], lines->most_rows, 1);
}

static PyObject *py_read_lines(PyObject *self, PyObject *args)
{
    Held held = {.count = 0};
    Lines lines;
    Py_ssize_t start, longest;
    PyObject *arrays, *found = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "nnO!", &start, &longest, &PyTuple_Type, &arrays))
        return NULL;
    memset(&lines, 0, sizeof lines);
    if (all_taken(&held, arrays, 12, 8)) {
        const Py_buffer *v = held.views;
        if (start >= 0 && start <= v[0].len && longest > 0 && are_leads(&lines, &v[1], &v[2], &v[3]) &&
            have_room(&lines, v + 4) && (size_t)v[8].len % (8 * lines.most_rows) == 0) {
            lines.text = (const uint8_t *)v[0].buf + start;
            lines.size = (size_t)(v[0].len - start);
            lines.longest = (size_t)longest;
            lines.most_tokens = (size_t)v[8].len / (8 * lines.most_rows);
            if (lines.most_tokens <= 255) {
                Py_BEGIN_ALLOW_THREADS
                memset(lines.matrix, 0, lines.most_rows * lines.words * 8);
                read_lines(&lines);
                Py_END_ALLOW_THREADS
                found = Py_BuildValue("nnnn", (Py_ssize_t)lines.rows, (Py_ssize_t)lines.consumed,
                                      (Py_ssize_t)lines.token_count, (Py_ssize_t)lines.home_count);
            }
        }
    }
    let_go(&held);
    if (found == NULL)
        wrong_size();
    return found;
}

static PyMethodDef methods[] = {
    {"pair_patterns", py_pair_patterns, METH_VARARGS, "The pattern of levels of each pair."},
    {"count_ones", py_count_ones, METH_VARARGS, "How many bits each code of each record has set."},
    {"read_lines", py_read_lines, METH_VARARGS, "Lines of an encoded file as columns, up to one that is written otherwise."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", "Loops over arrays, for linkage.accelerator alone.", 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void)
{
    learn_letters();
    return PyModuleDef_Init(&definition);
}
