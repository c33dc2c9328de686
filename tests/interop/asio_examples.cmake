# Asio's own examples, unmodified, compiled as Windows programs from where Debian's libasio-doc has put them; nothing of
# them is copied here. Systems that drop documentation when they install a package get it from the package again.
set(ASIO_EXAMPLES /usr/share/doc/libasio-dev/examples/cpp11)
if(NOT EXISTS ${ASIO_EXAMPLES}/echo/async_tcp_echo_server.cpp)
  set(asio_doc ${CMAKE_CURRENT_BINARY_DIR}/asio_doc)
  set(ASIO_EXAMPLES ${asio_doc}${ASIO_EXAMPLES})
  if(NOT EXISTS ${ASIO_EXAMPLES}/echo/async_tcp_echo_server.cpp)
    file(MAKE_DIRECTORY ${asio_doc})
    execute_process(COMMAND sh -c "apt-get download libasio-doc && dpkg-deb -x libasio-doc_*.deb ."
      WORKING_DIRECTORY ${asio_doc} OUTPUT_FILE log ERROR_FILE log)
  endif()
endif()
find_path(ASIO_INCLUDE_DIR asio.hpp)

# asio_program(NAME FILE...): program asio_NAME, without our warnings. Asio's completion port backend is what _WIN32
# chooses; 0x0601 is the version that its authors set most. asio_example: the same with files of Asio's examples.
function(asio_program name)
  add_executable(asio_${name} ${ARGN})
  target_compile_definitions(asio_${name} PRIVATE ASIO_STANDALONE _WIN32_WINNT=0x0601)
  target_link_libraries(asio_${name} PRIVATE oriel_winsock_user oriel_static)
  set_target_properties(asio_${name} PROPERTIES CXX_STANDARD 17)
  if(ORIEL_SANITIZE)
    target_compile_options(asio_${name} PRIVATE -fsanitize=${ORIEL_SANITIZE})
    target_link_options(asio_${name} PRIVATE -fsanitize=${ORIEL_SANITIZE})
  endif()
endfunction()

function(asio_example name)
  list(TRANSFORM ARGN PREPEND ${ASIO_EXAMPLES}/)
  asio_program(${name} ${ARGN})
endfunction()

# asio_fast_example(NAME SOURCE LINE REPLACEMENT): one of Asio's examples that asks for the loopback fast path and is the
# same otherwise: LINE of it becomes REPLACEMENT, in a copy that is made here and now.
function(asio_fast_example name source line replacement)
  file(READ ${ASIO_EXAMPLES}/${source} text)
  string(FIND "${text}" "${line}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "Asio's ${source} has no line '${line}' any more")
  endif()
  string(REPLACE "${line}" "${replacement}" text "${text}")
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/asio_${name}.cpp)
  file(CONFIGURE OUTPUT ${copy} CONTENT "#include \"asio_fast_path.h\"\n\n@text@" @ONLY)
  asio_program(${name} ${copy})
  target_include_directories(asio_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/api_winsock)
endfunction()

if(ASIO_INCLUDE_DIR AND EXISTS ${ASIO_EXAMPLES}/echo/async_tcp_echo_server.cpp)
  asio_example(tcp_echo_server echo/async_tcp_echo_server.cpp)
  asio_example(tcp_echo_client echo/blocking_tcp_echo_client.cpp)
  asio_example(udp_echo_server echo/async_udp_echo_server.cpp)
  asio_example(udp_echo_client echo/blocking_udp_echo_client.cpp)
  asio_example(chat_server chat/chat_server.cpp)
  asio_example(chat_client chat/chat_client.cpp)
  set(http_sources main connection connection_manager mime_types reply request_handler request_parser server)
  list(TRANSFORM http_sources REPLACE "(.+)" "http/server/\\1.cpp")
  asio_example(http_server ${http_sources})
  asio_program(ping_pong ${PROJECT_SOURCE_DIR}/tests/api_winsock/asio_ping_pong.cc)
  asio_fast_example(fast_echo_server echo/async_tcp_echo_server.cpp "tcp::endpoint(tcp::v4(), port))\n  {\n"
    "tcp::endpoint(tcp::v4(), port))\n  {\n    ask_for_fast_path(acceptor_.native_handle());\n")
  asio_fast_example(fast_echo_client echo/blocking_tcp_echo_client.cpp "asio::connect(s, resolver.resolve(argv[1], argv[2]));"
    "const tcp::endpoint to = *resolver.resolve(argv[1], argv[2]).begin(); s.open(to.protocol()); ask_for_fast_path(s.native_handle()); s.connect(to);")
else()
  message(WARNING "Asio's examples are not here, so their tests will fail: install libasio-dev and libasio-doc")
endif()
