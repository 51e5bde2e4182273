/* Attributes that are slots of their object (of msgspec's structs, and of classes with __slots__), read without a
 * search through the classes each time, as CPython's interpreter reads them (LOAD_ATTR_SLOT). mypyc asks
 * PyObject_GetAttr for all that is not of its own classes, at ten times the cost.
 */

#ifndef STREAMS_COMPILED_SLOTS_H
#define STREAMS_COMPILED_SLOTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <structmember.h>

/* Where, of so many places, something is remembered of two objects. */
#define PLACES_KNOWN 1024

static inline size_t
place_known(const void *one, const void *other)
{
    uintptr_t hash = ((uintptr_t)one >> 4) * 31 + ((uintptr_t)other >> 4);
    return (hash ^ hash >> 10) % PLACES_KNOWN;
}

#ifndef Py_GIL_DISABLED

typedef struct {
    PyTypeObject *type;
    PyObject *name;
    unsigned int version; /* of the type: another one once it, or one that it inherits from, is changed */
    int offset;
} SlotsPlace;

static SlotsPlace slots_known[PLACES_KNOWN];

/* Remember where an attribute is, if it is a slot. */
static void
slots_learn(SlotsPlace *place, PyTypeObject *type, PyObject *name)
{
    PyObject *descriptor = _PyType_Lookup(type, name);
    /* Another name, though an equal one, may be gone before its place is forgotten. */
    if (descriptor == NULL || !Py_IS_TYPE(descriptor, &PyMemberDescr_Type) ||
        PyDescr_NAME(descriptor) != name || !PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG))
        return;
    PyMemberDef *member = ((PyMemberDescrObject *)descriptor)->d_member;
    if (member->type != T_OBJECT_EX || (member->flags & ~READONLY) || member->offset <= 0 ||
        member->offset > INT32_MAX || !PyType_IsSubtype(type, PyDescr_TYPE(descriptor)))
        return;
    *place = (SlotsPlace){type, name, type->tp_version_tag, (int)member->offset};
}

static PyObject *
slots_get_slowly(SlotsPlace *place, PyObject *object, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type->tp_getattro == PyObject_GenericGetAttr)
        slots_learn(place, type, name);
    return PyObject_GetAttr(object, name);
}

static inline PyObject *
slots_get(PyObject *object, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(object);
    SlotsPlace *place = &slots_known[place_known(type, name)];
    if (place->type == type && place->name == name && place->version == type->tp_version_tag) {
        PyObject *value = *(PyObject **)((char *)object + place->offset);
        if (value != NULL)
            return Py_NewRef(value);
    }
    return slots_get_slowly(place, object, name);
}

#define PyObject_GetAttr slots_get

#endif
#endif
