/* streams.state.ahead in machine code: rows are far apart in memory, and what has to come from there takes as long as
 * hundreds of instructions. Looked up one right after the other, the processor waits for many of them at once.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define LINE 64 /* bytes that come from memory together */
#define LINES 10 /* of a row that are asked for: more than most have */

/* fetch_ahead(rows, keys) */
static PyObject *
fetch_ahead(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 2 || !PyDict_Check(args[0]) || !PyList_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "expected a dict of rows and a list of keys");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(args[1]); i++) {
        PyObject *row = PyDict_GetItemWithError(args[0], PyList_GET_ITEM(args[1], i));
        if (row == NULL && PyErr_Occurred())
            return NULL;
        if (row != NULL)
            for (int line = 0; line < LINES; line++)
                __builtin_prefetch((const char *)row + LINE * line, 1, 2); /* 1: who reads it counts a reference */
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"fetch_ahead", (PyCFunction)(void (*)(void))fetch_ahead, METH_FASTCALL, NULL},
    {NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "streams.state.ahead", .m_size = -1, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_ahead(void)
{
    return PyModule_Create(&definition);
}
