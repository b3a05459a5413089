/* The module: the functions that Python calls, each of which takes arrays, checks that they are as large as they must be,
 * and runs a loop over them without holding up other threads. */
#include "arrays.h"

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
