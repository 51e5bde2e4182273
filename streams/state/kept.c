/* streams.state.kept as machine code: the same as kept.py, which says what it is. */

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <string.h>

#define HEAD 5 /* bytes that stand before a string, at most */
#define USUAL 512

/* Put a string as msgpack has it; returns what follows it. */
static char *
put(char *into, const char *text, Py_ssize_t length)
{
    if (length < 32)
        *into++ = (char)(0xa0 | length);
    else if (length < 1 << 8) {
        *into++ = (char)0xd9;
        *into++ = (char)length;
    }
    else {
        int bytes = length < 1 << 16 ? 2 : 4;
        *into++ = (char)(bytes == 2 ? 0xda : 0xdb);
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            *into++ = (char)(length >> shift);
    }
    memcpy(into, text, length);
    return into + length;
}

static PyObject *
may_hold(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 3 || !PyBytes_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "expected encoded events, a source and an id");
        return NULL;
    }
    Py_ssize_t source, id;
    const char *source_text = PyUnicode_AsUTF8AndSize(args[1], &source);
    const char *id_text = source_text == NULL ? NULL : PyUnicode_AsUTF8AndSize(args[2], &id);
    if (id_text == NULL)
        return NULL;
    char usual[USUAL], *sought = usual;
    if (source + id + 2 * HEAD > USUAL && (sought = PyMem_Malloc(source + id + 2 * HEAD)) == NULL)
        return PyErr_NoMemory();
    char *end = put(put(sought, source_text, source), id_text, id);
    bool found = memmem(PyBytes_AS_STRING(args[0]), PyBytes_GET_SIZE(args[0]), sought, end - sought) != NULL;
    if (sought != usual)
        PyMem_Free(sought);
    return PyBool_FromLong(found);
}

static PyMethodDef methods[] = {
    {"may_hold", (PyCFunction)(void (*)(void))may_hold, METH_FASTCALL, NULL},
    {NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "streams.state.kept", .m_size = -1, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_kept(void)
{
    return PyModule_Create(&definition);
}
