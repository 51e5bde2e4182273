/* Names of modules (imported functions and classes, constants), looked up in their module once and remembered until
 * that is changed, as the interpreter does (LOAD_GLOBAL_MODULE). mypyc asks the module's dict each time.
 */

#ifndef STREAMS_COMPILED_NAMES_H
#define STREAMS_COMPILED_NAMES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* Each change of a dict gives it a version that none has had before (PEP 509, up to Python 3.12). */
#if PY_VERSION_HEX < 0x030D0000 && !defined(PYPY_VERSION)

#define NAMES_KNOWN 1024

typedef struct {
    PyObject *dict;
    PyObject *name;
    PyObject *value; /* the dict's: it is there as long as the dict has this version */
    uint64_t version;
} NamesPlace;

static NamesPlace names_known[NAMES_KNOWN];

static inline uint64_t
names_version(PyObject *dict)
{
    return ((PyDictObject *)dict)->ma_version_tag;
}

static int
names_is_module(PyObject *dict)
{
    static PyObject *spec = NULL;
    return (spec != NULL || (spec = PyUnicode_InternFromString("__spec__")) != NULL) && PyDict_Contains(dict, spec) > 0;
}

static PyObject *
names_get_slowly(NamesPlace *place, PyObject *dict, PyObject *name)
{
    PyObject *value = PyDict_GetItemWithError(dict, name);
    /* The dict has the very name then, not one that is equal to it and may be gone sooner. */
    if (value != NULL && PyUnicode_CHECK_INTERNED(name) && names_is_module(dict))
        *place = (NamesPlace){dict, name, value, names_version(dict)};
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
    if (place->dict == dict && place->name == name && place->version == names_version(dict))
        return place->value;
    return names_get_slowly(place, dict, name);
}

#define PyDict_GetItemWithError names_get

#endif
#endif
