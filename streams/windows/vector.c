/* streams.windows.vector as machine code: the same as vector.py, which says what it is.
 *
 * The numbers are in the order in which their slots came, with an index once they are more than a few. A number
 * that has become 0 keeps its place until there is need for it, and is never seen from outside.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 8
#define METRICS (1 << WIDTH)
#define FEW 8 /* up to so many are looked through one by one */
#define MOST (UINT32_C(1) << 30) /* entries: places in an index are of 32 bits */
#define RADIX 256

typedef struct {
    int64_t slot;
    int64_t number;
} Entry;

typedef __int128 Wide; /* no sum of what entries hold outgrows it */

typedef struct {
    PyObject_HEAD
    Entry *entries;
    uint32_t *index; /* place in the entries + 1, 0 where there is none; NULL while they are few */
    uint32_t used, room, mask;
} Vector;

static PyTypeObject VectorType;

#define is_vector(object) Py_IS_TYPE(object, &VectorType)

static inline uint32_t
hash_of(int64_t slot)
{
    return (uint32_t)(((uint64_t)slot * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

static inline Entry *
find(const Vector *self, int64_t slot)
{
    if (self->index == NULL) {
        for (uint32_t i = 0; i < self->used; i++)
            if (self->entries[i].slot == slot)
                return &self->entries[i];
        return NULL;
    }
    for (uint32_t at = hash_of(slot) & self->mask; self->index[at]; at = (at + 1) & self->mask)
        if (self->entries[self->index[at] - 1].slot == slot)
            return &self->entries[self->index[at] - 1];
    return NULL;
}

static inline void
note(Vector *self, uint32_t place)
{
    uint32_t at = hash_of(self->entries[place].slot) & self->mask;
    while (self->index[at])
        at = (at + 1) & self->mask;
    self->index[at] = place + 1;
}

/* Make room for more, where that can be without what is 0. What may fail comes first: until all of it is there,
 * the entries and their index stay as they are. */
static int
make_room(Vector *self, size_t more)
{
    size_t kept = 0, room = self->room ? self->room : 4;
    for (uint32_t i = 0; i < self->used; i++)
        kept += self->entries[i].number != 0;
    while (more <= MOST && room <= MOST && (room < kept + more || room / 4 * 3 < kept))
        room *= 2;
    if (more > MOST || room > MOST) {
        PyErr_NoMemory();
        return -1;
    }
    Entry *entries = self->entries;
    uint32_t *index = self->index;
    if (room > FEW && (index == NULL || self->mask + 1 != 2 * room)) {
        index = PyMem_Malloc(2 * room * sizeof(uint32_t));
        if (index == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    if (room != self->room) {
        entries = PyMem_Realloc(self->entries, room * sizeof(Entry));
        if (entries == NULL) {
            if (index != self->index)
                PyMem_Free(index);
            PyErr_NoMemory();
            return -1;
        }
    }
    if (index != self->index)
        PyMem_Free(self->index);
    self->entries = entries;
    self->index = index;
    self->room = (uint32_t)room;
    kept = 0;
    for (uint32_t i = 0; i < self->used; i++)
        if (entries[i].number)
            entries[kept++] = entries[i];
    self->used = (uint32_t)kept;
    if (index == NULL)
        return 0;
    self->mask = (uint32_t)(2 * room - 1);
    memset(index, 0, 2 * room * sizeof(uint32_t));
    for (uint32_t i = 0; i < self->used; i++)
        note(self, i);
    return 0;
}

static inline int
add_one(Vector *self, int64_t slot, int64_t number)
{
    Entry *entry = find(self, slot);
    if (entry == NULL) {
        if (!number)
            return 0;
        if (self->used == self->room && make_room(self, 1) < 0)
            return -1;
        self->entries[self->used].slot = slot;
        self->entries[self->used].number = number;
        if (self->index != NULL)
            note(self, self->used);
        self->used++;
        return 0;
    }
    int64_t total;
    if (__builtin_add_overflow(entry->number, number, &total)) {
        PyErr_Format(PyExc_OverflowError, "the number in slot %lld outgrows 64 bits", (long long)slot);
        return -1;
    }
    entry->number = total;
    return 0;
}

/* An integer, of which only those of 64 bits are taken. An object that makes one of itself is none: what it does
 * meanwhile could change what is being looked at. */
static int
integer(PyObject *object, int64_t *into)
{
    if (!PyLong_Check(object)) {
        PyErr_Format(PyExc_TypeError, "expected an int, not %.100s", Py_TYPE(object)->tp_name);
        return -1;
    }
    int beyond = 0;
    *into = PyLong_AsLongLongAndOverflow(object, &beyond);
    if (!beyond)
        return *into == -1 && PyErr_Occurred() ? -1 : 0;
    PyErr_SetString(PyExc_OverflowError, "an integer outgrows 64 bits");
    return -1;
}

/* The entry of a slot that may be any object: NULL where there is none, with an error or without. */
static Entry *
entry_of(const Vector *self, PyObject *key)
{
    int beyond = 0;
    if (!PyLong_Check(key)) {
        PyErr_Format(PyExc_TypeError, "expected an int, not %.100s", Py_TYPE(key)->tp_name);
        return NULL;
    }
    int64_t slot = PyLong_AsLongLongAndOverflow(key, &beyond);
    Entry *entry = beyond || (slot == -1 && PyErr_Occurred()) ? NULL : find(self, slot);
    return entry != NULL && entry->number ? entry : NULL;
}

static Vector *
new_vector(size_t room)
{
    Vector *self = PyObject_New(Vector, &VectorType);
    if (self == NULL)
        return NULL;
    self->entries = NULL;
    self->index = NULL;
    self->used = self->room = self->mask = 0;
    if (room && make_room(self, room) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static void
vector_dealloc(Vector *self)
{
    PyMem_Free(self->entries);
    PyMem_Free(self->index);
    PyObject_Free(self);
}

static int
add_dict(Vector *self, PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    int64_t slot, number;
    while (PyDict_Next(dict, &at, &key, &value))
        if (integer(key, &slot) < 0 || integer(value, &number) < 0 || add_one(self, slot, number) < 0)
            return -1;
    return 0;
}

static int
add_vector(Vector *self, const Vector *other)
{
    for (uint32_t i = 0; i < other->used; i++)
        if (add_one(self, other->entries[i].slot, other->entries[i].number) < 0)
            return -1;
    return 0;
}

static PyObject *
vector_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *of = NULL;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "Vector() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "|O!:Vector", &PyDict_Type, &of))
        return NULL;
    Vector *self = new_vector(of ? (size_t)PyDict_GET_SIZE(of) : 0);
    if (self != NULL && of != NULL && add_dict(self, of) < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static Py_ssize_t
vector_length(Vector *self)
{
    Py_ssize_t length = 0;
    for (uint32_t i = 0; i < self->used; i++)
        length += self->entries[i].number != 0;
    return length;
}

static int
vector_bool(Vector *self)
{
    for (uint32_t i = 0; i < self->used; i++)
        if (self->entries[i].number)
            return 1;
    return 0;
}

static PyObject *
vector_subscript(Vector *self, PyObject *key)
{
    const Entry *entry = entry_of(self, key);
    if (entry != NULL)
        return PyLong_FromLongLong(entry->number);
    if (!PyErr_Occurred())
        PyErr_SetObject(PyExc_KeyError, key);
    return NULL;
}

static int
vector_contains(Vector *self, PyObject *key)
{
    return entry_of(self, key) != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
}

static PyObject *
vector_get(Vector *self, PyObject *const *args, Py_ssize_t count)
{
    if (count < 1 || count > 2) {
        PyErr_SetString(PyExc_TypeError, "get expected 1 or 2 arguments");
        return NULL;
    }
    const Entry *entry = entry_of(self, args[0]);
    if (entry != NULL)
        return PyLong_FromLongLong(entry->number);
    return PyErr_Occurred() ? NULL : Py_NewRef(count == 2 ? args[1] : Py_None);
}

enum { KEYS, VALUES, ITEMS };

static PyObject *
listed(Vector *self, int what)
{
    PyObject *list = PyList_New(vector_length(self));
    Py_ssize_t at = 0;
    if (list == NULL)
        return NULL;
    for (uint32_t i = 0; i < self->used; i++) {
        const Entry entry = self->entries[i];
        PyObject *found;
        if (!entry.number)
            continue;
        if (what == ITEMS)
            found = Py_BuildValue("(LL)", (long long)entry.slot, (long long)entry.number);
        else
            found = PyLong_FromLongLong(what == KEYS ? entry.slot : entry.number);
        if (found == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, at++, found);
    }
    return list;
}

static PyObject *
vector_keys(Vector *self, PyObject *ignored)
{
    return listed(self, KEYS);
}

static PyObject *
vector_values(Vector *self, PyObject *ignored)
{
    return listed(self, VALUES);
}

static PyObject *
vector_items(Vector *self, PyObject *ignored)
{
    return listed(self, ITEMS);
}

static PyObject *
vector_iter(Vector *self)
{
    PyObject *keys = listed(self, KEYS), *found = keys ? PyObject_GetIter(keys) : NULL;
    Py_XDECREF(keys);
    return found;
}

static PyObject *
vector_copy(Vector *self, PyObject *ignored)
{
    Vector *copy = new_vector(self->used);
    if (copy != NULL && add_vector(copy, self) < 0)
        Py_CLEAR(copy);
    return (PyObject *)copy;
}

static PyObject *
vector_add(Vector *self, PyObject *const *args, Py_ssize_t count)
{
    int64_t slot, number;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "add expected a slot and a number");
        return NULL;
    }
    if (integer(args[0], &slot) < 0 || integer(args[1], &number) < 0 || add_one(self, slot, number) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *
vector_merge(Vector *self, PyObject *other)
{
    if (is_vector(other) ? add_vector(self, (Vector *)other) < 0
        : PyDict_Check(other) ? add_dict(self, other) < 0
                              : (PyErr_SetString(PyExc_TypeError, "expected a Vector or a dict"), 1))
        return NULL;
    Py_RETURN_NONE;
}

static int
equals_vector(Vector *self, Vector *other)
{
    if (vector_length(self) != vector_length(other))
        return 0;
    for (uint32_t i = 0; i < self->used; i++) {
        const Entry *entry = &self->entries[i], *found;
        if (entry->number && ((found = find(other, entry->slot)) == NULL || found->number != entry->number))
            return 0;
    }
    return 1;
}

static int
equals_dict(Vector *self, PyObject *other)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    if (vector_length(self) != PyDict_GET_SIZE(other))
        return 0;
    while (PyDict_Next(other, &at, &key, &value)) {
        int beyond = 0;
        const Entry *entry = entry_of(self, key);
        if (PyErr_Occurred())
            return -1;
        if (entry == NULL || !PyLong_Check(value))
            return 0;
        int64_t number = PyLong_AsLongLongAndOverflow(value, &beyond);
        if (beyond || number != entry->number)
            return 0;
    }
    return 1;
}

static PyObject *
vector_compare(PyObject *one, PyObject *other, int how)
{
    if ((how != Py_EQ && how != Py_NE) || !is_vector(one) || !(is_vector(other) || PyDict_Check(other)))
        Py_RETURN_NOTIMPLEMENTED;
    int equal = is_vector(other) ? equals_vector((Vector *)one, (Vector *)other) : equals_dict((Vector *)one, other);
    return equal < 0 ? NULL : PyBool_FromLong(equal == (how == Py_EQ));
}

static PyObject *
vector_repr(Vector *self)
{
    PyObject *dict = PyDict_New(), *text = NULL;
    if (dict != NULL && PyDict_Update(dict, (PyObject *)self) == 0)
        text = PyUnicode_FromFormat("Vector(%R)", dict);
    Py_XDECREF(dict);
    return text;
}

/* MessagePack: https://github.com/msgpack/msgpack/blob/master/spec.md */

static unsigned char *
put_big(unsigned char *to, unsigned char tag, uint64_t value, int bytes)
{
    *to++ = tag;
    for (int i = bytes - 1; i >= 0; i--)
        *to++ = (unsigned char)(value >> (8 * i));
    return to;
}

static unsigned char *
put_integer(unsigned char *to, int64_t value)
{
    if (value >= -32 && value < 128) {
        *to++ = (unsigned char)value;
        return to;
    }
    if (value >= 0)
        return value <= 0xff         ? put_big(to, 0xcc, (uint64_t)value, 1)
               : value <= 0xffff     ? put_big(to, 0xcd, (uint64_t)value, 2)
               : value <= 0xffffffff ? put_big(to, 0xce, (uint64_t)value, 4)
                                     : put_big(to, 0xcf, (uint64_t)value, 8);
    return value >= INT8_MIN    ? put_big(to, 0xd0, (uint64_t)value, 1)
           : value >= INT16_MIN ? put_big(to, 0xd1, (uint64_t)value, 2)
           : value >= INT32_MIN ? put_big(to, 0xd2, (uint64_t)value, 4)
                                : put_big(to, 0xd3, (uint64_t)value, 8);
}

static unsigned char *
put_length(unsigned char *to, Py_ssize_t length)
{
    if (length < 16) {
        *to++ = (unsigned char)(0x80 | length);
        return to;
    }
    return length <= 0xffff ? put_big(to, 0xde, (uint64_t)length, 2) : put_big(to, 0xdf, (uint64_t)length, 4);
}

#define ROOM_OF(entries) (LENGTH + 2 * INTEGER * (Py_ssize_t)(entries))
#define LENGTH 5 /* the most that a length takes, */
#define INTEGER 9 /* and an integer */

static unsigned char *
put_vector(unsigned char *to, Vector *self)
{
    to = put_length(to, vector_length(self));
    for (uint32_t i = 0; i < self->used; i++) {
        if (self->entries[i].number) {
            to = put_integer(to, self->entries[i].slot);
            to = put_integer(to, self->entries[i].number);
        }
    }
    return to;
}

static PyObject *
vector_encode(Vector *self, PyObject *ignored)
{
    PyObject *found = PyBytes_FromStringAndSize(NULL, ROOM_OF(self->used));
    if (found == NULL)
        return NULL;
    unsigned char *start = (unsigned char *)PyBytes_AS_STRING(found);
    _PyBytes_Resize(&found, put_vector(start, self) - start);
    return found;
}

/* encode_map(vectors) */
static PyObject *
encode_map(PyObject *module, PyObject *vectors)
{
    PyObject *key, *value;
    Py_ssize_t at = 0, room = LENGTH;
    int64_t number;
    if (!PyDict_Check(vectors)) {
        PyErr_SetString(PyExc_TypeError, "expected a dict of Vectors");
        return NULL;
    }
    while (PyDict_Next(vectors, &at, &key, &value)) {
        if (!is_vector(value)) {
            PyErr_SetString(PyExc_TypeError, "expected a dict of Vectors");
            return NULL;
        }
        room += INTEGER + ROOM_OF(((Vector *)value)->used);
    }
    PyObject *found = PyBytes_FromStringAndSize(NULL, room);
    if (found == NULL)
        return NULL;
    unsigned char *start = (unsigned char *)PyBytes_AS_STRING(found);
    unsigned char *to = put_length(start, PyDict_GET_SIZE(vectors));
    for (at = 0; PyDict_Next(vectors, &at, &key, &value);) {
        if (integer(key, &number) < 0) {
            Py_DECREF(found);
            return NULL;
        }
        to = put_vector(put_integer(to, number), (Vector *)value);
    }
    _PyBytes_Resize(&found, to - start);
    return found;
}

static int
take_big(const unsigned char **from, const unsigned char *end, int bytes, uint64_t *into)
{
    if (end - *from < bytes)
        return -1;
    *into = 0;
    while (bytes--)
        *into = *into << 8 | *(*from)++;
    return 0;
}

static int
take_integer(const unsigned char **from, const unsigned char *end, int64_t *into)
{
    uint64_t value;
    if (*from >= end)
        return -1;
    unsigned char tag = *(*from)++;
    if (tag < 0x80 || tag >= 0xe0) {
        *into = (int8_t)tag;
        return 0;
    }
    if (tag < 0xcc || tag > 0xd3 || take_big(from, end, 1 << (tag & 3), &value) < 0)
        return -1;
    if (tag == 0xcf && value > INT64_MAX)
        return -1;
    *into = tag == 0xd0   ? (int8_t)value
            : tag == 0xd1 ? (int16_t)value
            : tag == 0xd2 ? (int32_t)value
                          : (int64_t)value;
    return 0;
}

static Vector *
decoded(const unsigned char *from, const unsigned char *end)
{
    uint64_t length = 0;
    int64_t slot, number;
    unsigned char tag = from < end ? *from++ : 0;
    if ((tag & 0xf0) == 0x80)
        length = tag & 0xf;
    else if ((tag != 0xde && tag != 0xdf) || take_big(&from, end, tag == 0xde ? 2 : 4, &length) < 0)
        goto broken;
    if (length > (uint64_t)(end - from) / 2)
        goto broken;
    Vector *self = new_vector((size_t)length);
    while (self != NULL && length--) {
        if (take_integer(&from, end, &slot) < 0 || take_integer(&from, end, &number) < 0) {
            Py_DECREF(self);
            goto broken;
        }
        if (add_one(self, slot, number) < 0)
            Py_CLEAR(self);
    }
    if (self == NULL || from == end)
        return self;
    Py_DECREF(self);
broken:
    PyErr_SetString(PyExc_ValueError, "expected a MessagePack map of integers of 64 bits");
    return NULL;
}

static PyObject *
vector_decode(PyObject *type, PyObject *bytes)
{
    Py_buffer view;
    if (PyObject_GetBuffer(bytes, &view, PyBUF_SIMPLE) < 0)
        return NULL;
    Vector *self = decoded(view.buf, (const unsigned char *)view.buf + view.len);
    PyBuffer_Release(&view);
    return (PyObject *)self;
}

static PyMethodDef vector_methods[] = {
    {"get", (PyCFunction)(void (*)(void))vector_get, METH_FASTCALL, NULL},
    {"keys", (PyCFunction)vector_keys, METH_NOARGS, NULL},
    {"values", (PyCFunction)vector_values, METH_NOARGS, NULL},
    {"items", (PyCFunction)vector_items, METH_NOARGS, NULL},
    {"copy", (PyCFunction)vector_copy, METH_NOARGS, NULL},
    {"add", (PyCFunction)(void (*)(void))vector_add, METH_FASTCALL, NULL},
    {"merge", (PyCFunction)vector_merge, METH_O, NULL},
    {"encode", (PyCFunction)vector_encode, METH_NOARGS, NULL},
    {"decode", (PyCFunction)vector_decode, METH_O | METH_CLASS, NULL},
    {NULL},
};

static PyNumberMethods vector_number = {.nb_bool = (inquiry)vector_bool};
static PySequenceMethods vector_sequence = {.sq_contains = (objobjproc)vector_contains};
static PyMappingMethods vector_mapping = {
    .mp_length = (lenfunc)vector_length,
    .mp_subscript = (binaryfunc)vector_subscript,
};

static PyTypeObject VectorType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "streams.windows.vector.Vector",
    .tp_basicsize = sizeof(Vector),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = vector_new,
    .tp_dealloc = (destructor)vector_dealloc,
    .tp_repr = (reprfunc)vector_repr,
    .tp_iter = (getiterfunc)vector_iter,
    .tp_richcompare = vector_compare,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_as_number = &vector_number,
    .tp_as_sequence = &vector_sequence,
    .tp_as_mapping = &vector_mapping,
    .tp_methods = vector_methods,
};

/* observe(into, additions, metric, sign) */
static PyObject *
observe(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    int64_t metric, sign, slot, number, change;
    if (count != 4 || !PyList_Check(args[0]) || !PyTuple_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "expected a list of Vectors, a tuple of additions, a metric and a sign");
        return NULL;
    }
    if (integer(args[2], &metric) < 0 || integer(args[3], &sign) < 0)
        return NULL;
    if (metric < 0 || metric >= METRICS)
        return PyErr_Format(PyExc_OverflowError, "metric %lld of a family, expected 0 to %d", (long long)metric,
                            METRICS - 1);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args[1]); i++) {
        PyObject *addition = PyTuple_GET_ITEM(args[1], i);
        if (!PyTuple_Check(addition) || PyTuple_GET_SIZE(addition) != 2) {
            PyErr_SetString(PyExc_TypeError, "an addition is a slot and a number");
            return NULL;
        }
        if (integer(PyTuple_GET_ITEM(addition, 0), &slot) < 0 || integer(PyTuple_GET_ITEM(addition, 1), &number) < 0)
            return NULL;
        if (slot < INT64_MIN / METRICS || slot > INT64_MAX / METRICS)
            return PyErr_Format(PyExc_OverflowError, "slot %lld outgrows %d bits", (long long)slot, 64 - WIDTH);
        if (__builtin_mul_overflow(sign, number, &change))
            return PyErr_Format(PyExc_OverflowError, "%lld times %lld outgrows 64 bits", (long long)sign,
                                (long long)number);
        slot = slot * METRICS + metric;
        for (Py_ssize_t j = 0; j < PyList_GET_SIZE(args[0]); j++) {
            PyObject *into = PyList_GET_ITEM(args[0], j);
            if (!is_vector(into)) {
                PyErr_SetString(PyExc_TypeError, "expected a Vector to add to");
                return NULL;
            }
            if (add_one((Vector *)into, slot, change) < 0)
                return NULL;
        }
    }
    Py_RETURN_NONE;
}

/* The vector in a dict at a key, made where there is none; a new reference. */
static PyObject *
vector_in(PyObject *vectors, PyObject *key)
{
    PyObject *found = PyDict_Check(vectors) ? PyDict_GetItemWithError(vectors, key) : NULL;
    if (found != NULL && is_vector(found))
        return Py_NewRef(found);
    if (PyErr_Occurred())
        return NULL;
    if (!PyDict_Check(vectors) || found != NULL) {
        PyErr_SetString(PyExc_TypeError, "expected dicts of Vectors");
        return NULL;
    }
    PyObject *made = (PyObject *)new_vector(0);
    if (made != NULL && PyDict_SetItem(vectors, key, made) < 0)
        Py_CLEAR(made);
    return made;
}

/* vectors_at(panes, steps, second) */
static PyObject *
vectors_at(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    int64_t second, step;
    if (count != 3 || !PyList_Check(args[0]) || !PyList_Check(args[1]) ||
        PyList_GET_SIZE(args[0]) != PyList_GET_SIZE(args[1])) {
        PyErr_SetString(PyExc_TypeError, "expected a list of panes, one of as many steps, and a second");
        return NULL;
    }
    if (integer(args[2], &second) < 0)
        return NULL;
    PyObject *found = PyList_New(PyList_GET_SIZE(args[0]));
    for (Py_ssize_t i = 0; found != NULL && i < PyList_GET_SIZE(found); i++) {
        PyObject *start = NULL, *vector = NULL;
        if (integer(PyList_GET_ITEM(args[1], i), &step) == 0) {
            int64_t rest = step > 0 ? second % step : 0, begun;
            if (step <= 0)
                PyErr_Format(PyExc_ValueError, "a step of %lld seconds, expected at least 1", (long long)step);
            else if (__builtin_sub_overflow(second, rest < 0 ? rest + step : rest, &begun))
                PyErr_Format(PyExc_OverflowError, "the pane of second %lld outgrows 64 bits", (long long)second);
            else
                start = PyLong_FromLongLong(begun);
        }
        if (start != NULL)
            vector = vector_in(PyList_GET_ITEM(args[0], i), start);
        Py_XDECREF(start);
        if (vector == NULL)
            Py_CLEAR(found);
        else
            PyList_SET_ITEM(found, i, vector);
    }
    return found;
}

typedef struct {
    PyObject *parts;
    Vector *known[METRICS];
    uint64_t seen[METRICS / 64];
} Routes;

static int
route(Routes *routes, int64_t slot, int64_t number)
{
    unsigned metric = (unsigned)(slot & (METRICS - 1));
    if (!(routes->seen[metric / 64] >> (metric % 64) & 1)) {
        PyObject *key = PyLong_FromLong((long)metric);
        if (key == NULL)
            return -1;
        PyObject *part = vector_in(routes->parts, key);
        Py_DECREF(key);
        if (part == NULL)
            return -1;
        Py_DECREF(part); /* the parts hold it */
        routes->known[metric] = (Vector *)part;
        routes->seen[metric / 64] |= UINT64_C(1) << (metric % 64);
    }
    return add_one(routes->known[metric], slot >> WIDTH, number);
}

/* add_to(parts, slots) */
static PyObject *
add_to(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Routes routes;
    if (count != 2 || !PyDict_Check(args[0]) || !(is_vector(args[1]) || PyDict_Check(args[1]))) {
        PyErr_SetString(PyExc_TypeError, "expected a dict of parts, and slots");
        return NULL;
    }
    routes.parts = args[0];
    memset(routes.seen, 0, sizeof routes.seen);
    if (is_vector(args[1])) {
        const Vector *slots = (Vector *)args[1];
        for (uint32_t i = 0; i < slots->used; i++)
            if (slots->entries[i].number && route(&routes, slots->entries[i].slot, slots->entries[i].number) < 0)
                return NULL;
    }
    else {
        PyObject *key, *value;
        Py_ssize_t at = 0;
        int64_t slot, number;
        while (PyDict_Next(args[1], &at, &key, &value))
            if (integer(key, &slot) < 0 || integer(value, &number) < 0 || route(&routes, slot, number) < 0)
                return NULL;
    }
    PyObject *numbers = PySet_New(NULL);
    for (long metric = 0; numbers != NULL && metric < METRICS; metric++) {
        if (routes.seen[metric / 64] >> (metric % 64) & 1) {
            PyObject *number = PyLong_FromLong(metric);
            if (number == NULL || PySet_Add(numbers, number) < 0)
                Py_CLEAR(numbers);
            Py_XDECREF(number);
        }
    }
    return numbers;
}

static int
compare(const void *one, const void *other)
{
    int64_t a = ((const Entry *)one)->slot, b = ((const Entry *)other)->slot;
    return (a > b) - (a < b);
}

static void
by_byte(const Entry *from, Entry *to, size_t length, int64_t low, int shift)
{
    size_t starts[RADIX + 1] = {0};
    for (size_t i = 0; i < length; i++)
        starts[((uint64_t)(from[i].slot - low) >> shift & (RADIX - 1)) + 1]++;
    for (int i = 0; i < RADIX; i++)
        starts[i + 1] += starts[i];
    for (size_t i = 0; i < length; i++)
        to[starts[(uint64_t)(from[i].slot - low) >> shift & (RADIX - 1)]++] = from[i];
}

/* Sort entries by their slots; `spare` has as much room. */
static void
sort(Entry *entries, Entry *spare, size_t length)
{
    if (length <= 24) {
        for (size_t i = 1; i < length; i++) {
            Entry entry = entries[i];
            size_t j = i;
            for (; j && entries[j - 1].slot > entry.slot; j--)
                entries[j] = entries[j - 1];
            entries[j] = entry;
        }
        return;
    }
    int64_t low = entries[0].slot, high = low;
    for (size_t i = 1; i < length; i++) {
        low = entries[i].slot < low ? entries[i].slot : low;
        high = entries[i].slot > high ? entries[i].slot : high;
    }
    if ((uint64_t)high - (uint64_t)low >= RADIX * RADIX) {
        qsort(entries, length, sizeof(Entry), compare);
        return;
    }
    by_byte(entries, spare, length, low, 0);
    by_byte(spare, entries, length, low, 8);
}

static PyObject *
ranks_of(const Entry *entries, size_t length, int64_t count, PyObject *percents)
{
    PyObject *found = PyList_New(0);
    Py_ssize_t wanted = PyTuple_GET_SIZE(percents), at = 0;
    Wide passed = 0;
    int64_t percent;
    for (size_t i = 0; found != NULL && i < length && at < wanted; i++) {
        passed += entries[i].number;
        while (at < wanted) {
            if (integer(PyTuple_GET_ITEM(percents, at), &percent) < 0) {
                Py_CLEAR(found);
                return NULL;
            }
            if (100 * passed < (Wide)percent * count)
                break;
            PyObject *slot = PyLong_FromLongLong(entries[i].slot);
            if (slot == NULL || PyList_Append(found, slot) < 0) {
                Py_XDECREF(slot);
                Py_CLEAR(found);
                return NULL;
            }
            Py_DECREF(slot);
            at++;
        }
    }
    return found;
}

/* ranked(slots, first, percents) */
static PyObject *
ranked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    int64_t first;
    Wide all = 0;
    if (count != 3 || !(is_vector(args[0]) || PyDict_Check(args[0])) || !PyTuple_Check(args[2])) {
        PyErr_SetString(PyExc_TypeError, "expected slots, the first that counts, and percents");
        return NULL;
    }
    if (integer(args[1], &first) < 0)
        return NULL;
    Vector *made = NULL, *slots = (Vector *)args[0];
    if (!is_vector(args[0])) {
        if ((slots = made = new_vector(0)) == NULL || add_dict(made, args[0]) < 0) {
            Py_XDECREF(made);
            return NULL;
        }
    }
    PyObject *given = NULL, *found = NULL;
    size_t length = 0;
    Entry *entries = PyMem_Malloc((2 * (size_t)slots->used + 1) * sizeof(Entry));
    if (entries == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    for (uint32_t i = 0; i < slots->used; i++) {
        if (slots->entries[i].slot >= first && slots->entries[i].number) {
            entries[length++] = slots->entries[i];
            all += slots->entries[i].number;
        }
    }
    if (all < INT64_MIN || all > INT64_MAX) {
        PyErr_SetString(PyExc_OverflowError, "a count outgrows 64 bits");
        goto done;
    }
    if (all > 0)
        sort(entries, entries + length, length);
    else
        length = 0;
    if ((found = ranks_of(entries, length, (int64_t)all, args[2])) != NULL)
        given = Py_BuildValue("(LN)", (long long)all, found);
done:
    PyMem_Free(entries);
    Py_XDECREF(made);
    return given;
}

static PyMethodDef functions[] = {
    {"observe", (PyCFunction)(void (*)(void))observe, METH_FASTCALL, NULL},
    {"vectors_at", (PyCFunction)(void (*)(void))vectors_at, METH_FASTCALL, NULL},
    {"encode_map", (PyCFunction)encode_map, METH_O, NULL},
    {"add_to", (PyCFunction)(void (*)(void))add_to, METH_FASTCALL, NULL},
    {"ranked", (PyCFunction)(void (*)(void))ranked, METH_FASTCALL, NULL},
    {NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "streams.windows.vector",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC
PyInit_vector(void)
{
    if (PyType_Ready(&VectorType) < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && (PyModule_AddObjectRef(module, "Vector", (PyObject *)&VectorType) < 0
                           || PyModule_AddIntConstant(module, "WIDTH", WIDTH) < 0
                           || PyModule_AddIntConstant(module, "MASK", METRICS - 1) < 0))
        Py_CLEAR(module);
    return module;
}
