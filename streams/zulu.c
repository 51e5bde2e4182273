/* streams.zulu as machine code: the same as zulu.py, which says what it is. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#define OTHER (-1)

static const char *form = "0000-00-00T00:00:00";

/* The number that digits write, which are known to be digits. */
static inline int
number(const char *digits, int length)
{
    int all = 0;
    for (int i = 0; i < length; i++)
        all = all * 10 + (digits[i] - '0');
    return all;
}

static inline bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int
days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970 of a date of the Gregorian calendar, counted from March on so that leap days come last. */
static int64_t
days_since(int year, int month, int day)
{
    int64_t years = year - (month <= 2), months = month + (month > 2 ? -3 : 9);
    return years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1 - 719468;
}

static int64_t
told_by(const char *text, Py_ssize_t length)
{
    if (length < 20 || text[length - 1] != 'Z')
        return OTHER;
    for (int i = 0; i < 19; i++)
        if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i])
            return OTHER;
    int year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    int hour = number(text + 11, 2), minute = number(text + 14, 2), second = number(text + 17, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || hour > 23 ||
        minute > 59 || second > 59)
        return OTHER;
    int64_t fraction = 0;
    if (length > 20) {
        if (text[19] != '.' || length == 21)
            return OTHER;
        for (Py_ssize_t i = 20; i < length - 1; i++)
            if (!is_digit(text[i]))
                return OTHER;
        for (int i = 20; i < 26; i++)
            fraction = fraction * 10 + (i < length - 1 ? text[i] - '0' : 0);
    }
    int64_t seconds = ((days_since(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    return seconds * 1000000 + fraction;
}

static PyObject *
microseconds(PyObject *module, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "expected a str, not %.100s", Py_TYPE(text)->tp_name);
        return NULL;
    }
    if (!PyUnicode_IS_ASCII(text))
        return PyLong_FromLong(OTHER);
    return PyLong_FromLongLong(told_by(PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)));
}

static PyMethodDef methods[] = {{"microseconds", microseconds, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "streams.zulu", .m_size = -1, .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_zulu(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && PyModule_AddIntConstant(module, "OTHER", OTHER) < 0)
        Py_CLEAR(module);
    return module;
}
