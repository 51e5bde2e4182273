/* streams.state.changed as machine code: the same as changed.py, which says what it is.
 *
 * The fields of a struct are slots of its type, whose places are looked up once for each type and version of it.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>
#include <structmember.h>

#define TYPES 16
#define BYTES(fields) (((fields) + 7) / 8)

typedef struct {
    PyTypeObject *type;
    unsigned int version;
    Py_ssize_t fields;
    Py_ssize_t *places;
} Layout;

static Layout layouts[TYPES];

static PyObject *
not_a_struct(PyTypeObject *type)
{
    return PyErr_Format(PyExc_TypeError, "expected two structs, not of %s", type->tp_name);
}

/* Where the fields of a type are. */
static Layout *
learn(Layout *layout, PyTypeObject *type)
{
    PyObject *names = PyObject_GetAttrString((PyObject *)type, "__struct_fields__");
    if (names == NULL || !PyTuple_CheckExact(names)) {
        Py_XDECREF(names);
        not_a_struct(type);
        return NULL;
    }
    Py_ssize_t fields = PyTuple_GET_SIZE(names);
    Py_ssize_t *places = PyMem_Realloc(layout->places, (fields + 1) * sizeof(Py_ssize_t));
    layout->type = NULL;
    if (places == NULL) {
        Py_DECREF(names);
        PyErr_NoMemory();
        return NULL;
    }
    layout->places = places;
    for (Py_ssize_t i = 0; i < fields; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i), *slot = PyUnicode_Check(name) ? _PyType_Lookup(type, name) : NULL;
        if (slot == NULL || !Py_IS_TYPE(slot, &PyMemberDescr_Type) || !PyType_IsSubtype(type, PyDescr_TYPE(slot))
            || ((PyMemberDescrObject *)slot)->d_member->type != T_OBJECT_EX) {
            Py_DECREF(names);
            not_a_struct(type);
            return NULL;
        }
        places[i] = ((PyMemberDescrObject *)slot)->d_member->offset;
    }
    Py_DECREF(names);
    layout->fields = fields;
    if (PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG)) {
        layout->type = type;
        layout->version = type->tp_version_tag;
    }
    return layout;
}

static Layout *
layout_of(PyTypeObject *type)
{
    Layout *layout = &layouts[((uintptr_t)type >> 4) % TYPES];
    if (layout->type == type && layout->version == type->tp_version_tag)
        return layout;
    return learn(layout, type);
}

/* changed_fields(before, after) */
static PyObject *
changed_fields(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    if (count != 2)
        return PyErr_Format(PyExc_TypeError, "expected two structs, not %zd", count);
    PyTypeObject *type = Py_TYPE(args[0]);
    if (Py_TYPE(args[1]) != type)
        return PyErr_Format(PyExc_TypeError, "expected two of one type, not %s and %s", type->tp_name,
                            Py_TYPE(args[1])->tp_name);
    Layout *layout = layout_of(type);
    if (layout == NULL)
        return NULL;
    unsigned char few[8] = {0}, *mask = few;
    Py_ssize_t bytes = BYTES(layout->fields);
    if (bytes > (Py_ssize_t)sizeof(few) && (mask = PyMem_Calloc(bytes, 1)) == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < layout->fields; i++) {
        Py_ssize_t place = layout->places[i];
        if (*(PyObject **)((char *)args[0] + place) != *(PyObject **)((char *)args[1] + place))
            mask[i / 8] |= (unsigned char)(1 << i % 8);
    }
    PyObject *told = _PyLong_FromByteArray(mask, bytes, 1, 0);
    if (mask != few)
        PyMem_Free(mask);
    return told;
}

static PyMethodDef methods[] = {
    {"changed_fields", (PyCFunction)(void (*)(void))changed_fields, METH_FASTCALL, NULL},
    {NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "streams.state.changed", .m_size = -1, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_changed(void)
{
    return PyModule_Create(&definition);
}
