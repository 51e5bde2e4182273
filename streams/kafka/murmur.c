/* streams.kafka.murmur as machine code: the same as murmur.py, which says what it is. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

#define SEED UINT32_C(0x9747B28C)
#define M UINT32_C(0x5BD1E995)

static PyObject *
murmur2(PyObject *module, PyObject *data)
{
    if (!PyBytes_Check(data)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, not %.100s", Py_TYPE(data)->tp_name);
        return NULL;
    }
    const unsigned char *at = (const unsigned char *)PyBytes_AS_STRING(data);
    Py_ssize_t left = PyBytes_GET_SIZE(data);
    uint32_t digest = SEED ^ (uint32_t)left;
    for (; left >= 4; left -= 4, at += 4) {
        uint32_t word = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        word *= M;
        word = (word ^ word >> 24) * M;
        digest = (digest * M) ^ word;
    }
    if (left) {
        for (Py_ssize_t i = 0; i < left; i++)
            digest ^= (uint32_t)at[i] << (8 * i);
        digest *= M;
    }
    digest = (digest ^ digest >> 13) * M;
    return PyLong_FromUnsignedLong(digest ^ digest >> 15);
}

static PyMethodDef methods[] = {{"murmur2", murmur2, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "streams.kafka.murmur", .m_size = -1, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_murmur(void)
{
    return PyModule_Create(&definition);
}
