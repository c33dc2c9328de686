# Who sees include/win32, and with which flags.
#
# oriel_windows_options: the library's own units (src/win32, src/winsock, src/wdm, src/wsk). Without _WIN32, which libraries that
# we use would read; with the newest version.
# oriel_winsock_user: what a user's program gets, and what the installed pkg-config file and Oriel::winsock carry.
set(ORIEL_WIN32_INCLUDE ${PROJECT_SOURCE_DIR}/include/win32)

add_library(oriel_windows_options INTERFACE)
target_include_directories(oriel_windows_options SYSTEM INTERFACE ${ORIEL_WIN32_INCLUDE})
target_compile_definitions(oriel_windows_options INTERFACE _WIN32_WINNT=0x0A00 NOMINMAX)
target_compile_options(oriel_windows_options INTERFACE "SHELL:-include oriel_win_keywords.h")

# _WIN32_WINNT is left to the program, as on Windows; sdkddkver.h gives 0x0A00 to those that say nothing.
add_library(oriel_winsock_user INTERFACE)
target_include_directories(oriel_winsock_user SYSTEM INTERFACE $<BUILD_INTERFACE:${ORIEL_WIN32_INCLUDE}>
  $<INSTALL_INTERFACE:include/oriel-win32>)
target_compile_definitions(oriel_winsock_user INTERFACE _WIN32 WIN32)
# Windows programs name their libraries in the source: #pragma comment(lib, "Ws2_32.lib").
target_compile_options(oriel_winsock_user INTERFACE "SHELL:-include oriel_win_keywords.h" -Wno-unknown-pragmas)

# What a driver's body gets: the same, and what kernel builds define. Pool tags are written 'echo'.
add_library(oriel_wsk_user INTERFACE)
target_link_libraries(oriel_wsk_user INTERFACE oriel_winsock_user)
target_compile_definitions(oriel_wsk_user INTERFACE _KERNEL_MODE=1)
target_compile_options(oriel_wsk_user INTERFACE -Wno-multichar)

# oriel_wsk_driver(NAME SOURCES file...): a driver's body for `oriel wsk-run`, as a user builds it: with liboriel.so.
function(oriel_wsk_driver name)
  cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
  add_library(${name} MODULE ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_link_libraries(${name} PRIVATE oriel_wsk_user oriel)
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET default CXX_VISIBILITY_PRESET default
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  if(ORIEL_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${ORIEL_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(${name} PRIVATE -fsanitize=${ORIEL_SANITIZE})
  endif()
endfunction()

# oriel_winsock_program(NAME SOURCES file... [LIBRARIES target...]): a Windows program in C or C++. It sees the Windows
# headers as a user does and links the static library, so that it runs from anywhere.
function(oriel_winsock_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
  target_link_libraries(${name} PRIVATE oriel_winsock_user oriel_static ${ARG_LIBRARIES})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  if(ORIEL_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${ORIEL_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(${name} PRIVATE -fsanitize=${ORIEL_SANITIZE})
  endif()
endfunction()
