/* Names of modules (imported functions and classes, constants), looked up in their module once and remembered until
 * that is changed, as the interpreter does (LOAD_GLOBAL_MODULE). mypyc asks the module's dict each time.
 */

#ifndef STREAMS_COMPILED_NAMES_H
#define STREAMS_COMPILED_NAMES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

#include "slots.h"

/* Each change of a dict gives it a version that none has had before (PEP 509). 3.12 and 3.13 still do so, with lower
 * bits for those who watch it, and call the field deprecated; from 3.14 on there is none.
 */
#if PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED)
#define NAMES_REMEMBERED 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

typedef struct {
    PyObject *dict;
    PyObject *name; /* owned: no other can take its place */
    PyObject *value; /* the dict's: it is there as long as the dict has this version */
    uint64_t version;
} NamesPlace;

static NamesPlace names_known[PLACES_KNOWN];

static int
names_is_module(PyObject *dict)
{
    static PyObject *spec = NULL;
    if (spec == NULL)
        spec = PyUnicode_InternFromString("__spec__");
    int is = spec == NULL ? -1 : PyDict_Contains(dict, spec);
    if (is < 0)
        PyErr_Clear(); /* the name was found: not to remember it is all that comes of this */
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
    NamesPlace *place = &names_known[place_known(dict, name)];
    if (place->dict == dict && place->name == name && place->version == ((PyDictObject *)dict)->ma_version_tag)
        return place->value;
    return names_get_slowly(place, dict, name);
}

#define PyDict_GetItemWithError names_get

#pragma GCC diagnostic pop
#else
#define NAMES_REMEMBERED 0
#endif
#endif
