// Names that are char or wchar_t as _UNICODE says.
#ifndef _INC_TCHAR
#define _INC_TCHAR

#include <minwindef.h>
#include <oriel_win_crt.h>

#ifdef _UNICODE
#define __T(x) L##x
#define _tmain wmain
#define _tprintf wprintf
#define _ftprintf fwprintf
#define _stprintf swprintf
#define _sntprintf swprintf
#define _tcslen wcslen
#define _tcscmp wcscmp
#define _tcsicmp wcscasecmp
#define _tcsncmp wcsncmp
#define _tcscpy wcscpy
#define _tcscat wcscat
#define _tcschr wcschr
#define _tcsstr wcsstr
#define _tstoi(text) ((int)wcstol((text), NULL, 10))
#define _ttoi _tstoi
typedef wchar_t _TCHAR;
#else
#define __T(x) x
#define _tmain main
#define _tprintf printf
#define _ftprintf fprintf
#define _stprintf sprintf
#define _stprintf_s sprintf_s
#define _sntprintf snprintf
#define _tcslen strlen
#define _tcscmp strcmp
#define _tcsicmp strcasecmp
#define _tcsncmp strncmp
#define _tcscpy strcpy
#define _tcscpy_s strcpy_s
#define _tcscat strcat
#define _tcschr strchr
#define _tcsstr strstr
#define _tstoi atoi
#define _ttoi atoi
typedef char _TCHAR;
#endif
#define _T(x) __T(x)
#define _TEXT(x) __T(x)

#endif
