// Where std takes its random numbers from, and wine 8 lacks.

#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE at, SIZE_T left) {
    while (left) {
        ULONG count = left > 65536 ? 65536 : (ULONG)left;
        if (!RtlGenRandom(at, count)) return FALSE;
        at += count;
        left -= count;
    }
    return TRUE;
}
