/* Names of modules (imported functions and classes, constants), looked up in their module once and remembered until
 * that is changed, as the interpreter does (LOAD_GLOBAL_MODULE). mypyc asks the module's dict each time.
 */

#ifndef STREAMS_COMPILED_NAMES_H
#define STREAMS_COMPILED_NAMES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* Each change of a dict gives it a version that none has had before (PEP 509); later Pythons are to do without. */
#if PY_VERSION_HEX < 0x030C0000

#define NAMES_KNOWN 1024

typedef struct {
    PyObject *dict;
    PyObject *name; /* owned: no other can take its place */
    PyObject *value; /* the dict's: it is there as long as the dict has this version */
    uint64_t version;
} NamesPlace;

static NamesPlace names_known[NAMES_KNOWN];

static int
names_is_module(PyObject *dict)
{
    static PyObject *spec = NULL;
    int is = (spec != NULL || (spec = PyUnicode_InternFromString("__spec__")) != NULL) ? PyDict_Contains(dict, spec) : -1;
    if (is < 0)
        PyErr_Clear();
    return is > 0;
}

static PyObject *
names_get_slowly(NamesPlace *place, PyObject *dict, PyObject *name)
{
    uint64_t version = ((PyDictObject *)dict)->ma_version_tag;
    PyObject *value = PyDict_GetItemWithError(dict, name);
    if (value != NULL && PyUnicode_CHECK_INTERNED(name) && names_is_module(dict)) {
        PyObject *before = place->name;
        *place = (NamesPlace){dict, Py_NewRef(name), value, version};
        Py_XDECREF(before);
    }
    return value;
}

/* PyDict_GetItemWithError, by which mypyc looks into all dicts. */
static inline PyObject *
names_get(PyObject *dict, PyObject *name)
{
    if (!PyUnicode_CheckExact(name) || !PyDict_CheckExact(dict))
        return PyDict_GetItemWithError(dict, name);
    uintptr_t hash = ((uintptr_t)dict >> 4) * 31 + ((uintptr_t)name >> 4);
    NamesPlace *place = &names_known[(hash ^ hash >> 10) % NAMES_KNOWN];
    if (place->dict == dict && place->name == name && place->version == ((PyDictObject *)dict)->ma_version_tag)
        return place->value;
    return names_get_slowly(place, dict, name);
}

#define PyDict_GetItemWithError names_get

#endif
#endif
