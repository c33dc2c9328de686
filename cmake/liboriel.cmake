# liboriel: all layers in one shared and one static library, and what `cmake --install` leaves of them.
include(CMakePackageConfigHelpers)

get_property(layers GLOBAL PROPERTY ORIEL_LAYERS)
add_library(oriel SHARED)
add_library(oriel_static STATIC)
foreach(lib oriel oriel_static)
  foreach(layer ${layers})
    target_sources(${lib} PRIVATE $<TARGET_OBJECTS:oriel_${layer}>)
  endforeach()
  target_include_directories(${lib} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:include>)
  target_compile_features(${lib} PUBLIC cxx_std_20)
  target_link_libraries(${lib} PUBLIC tl::expected PRIVATE Threads::Threads slirp)
  set_target_properties(${lib} PROPERTIES OUTPUT_NAME oriel LINKER_LANGUAGE CXX)
  add_library(Oriel::${lib} ALIAS ${lib})
endforeach()
set_target_properties(oriel PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)
if(ORIEL_SANITIZE)
  target_link_options(oriel PRIVATE -fsanitize=${ORIEL_SANITIZE})
else()
  target_link_options(oriel PRIVATE -Wl,-z,defs)  # a missing part shows here, not in a user's program
endif()

# Oriel::winsock and Oriel::winsock_static: one word for a Windows program, with every flag of its headers and the library.
add_library(oriel_winsock_program_kit INTERFACE)
target_link_libraries(oriel_winsock_program_kit INTERFACE oriel_winsock_user oriel)
add_library(oriel_winsock_static_kit INTERFACE)
target_link_libraries(oriel_winsock_static_kit INTERFACE oriel_winsock_user oriel_static)
set_target_properties(oriel_winsock_program_kit PROPERTIES EXPORT_NAME winsock)
set_target_properties(oriel_winsock_static_kit PROPERTIES EXPORT_NAME winsock_static)
set_target_properties(oriel_winsock_user PROPERTIES EXPORT_NAME winsock_headers)
add_library(Oriel::winsock ALIAS oriel_winsock_program_kit)
# Oriel::wsk: the same for a driver's body, a MODULE library that `oriel wsk-run` loads.
add_library(oriel_wsk_kit INTERFACE)
target_link_libraries(oriel_wsk_kit INTERFACE oriel_wsk_user oriel)
set_target_properties(oriel_wsk_kit PROPERTIES EXPORT_NAME wsk)
set_target_properties(oriel_wsk_user PROPERTIES EXPORT_NAME wsk_headers)
add_library(Oriel::wsk ALIAS oriel_wsk_kit)
add_library(Oriel::winsock_static ALIAS oriel_winsock_static_kit)

# P/bin P/lib P/include, whatever the prefix P; nothing in it names P, so the tree may be moved.
set(package_dir lib/cmake/Oriel)
install(TARGETS oriel oriel_static oriel_winsock_program_kit oriel_winsock_static_kit oriel_winsock_user oriel_wsk_kit
  oriel_wsk_user
  EXPORT OrielTargets LIBRARY DESTINATION lib ARCHIVE DESTINATION lib)
install(DIRECTORY include/oriel DESTINATION include FILES_MATCHING PATTERN "*.h")
install(DIRECTORY include/win32/ DESTINATION include/oriel-win32 FILES_MATCHING PATTERN "*.[hH]")
install(EXPORT OrielTargets NAMESPACE Oriel:: DESTINATION ${package_dir})
configure_package_config_file(cmake/OrielConfig.cmake.in ${PROJECT_BINARY_DIR}/OrielConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/OrielConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/OrielConfig.cmake ${PROJECT_BINARY_DIR}/OrielConfigVersion.cmake
  DESTINATION ${package_dir})
foreach(module oriel oriel-winsock oriel-wsk)
  configure_file(cmake/${module}.pc.in ${PROJECT_BINARY_DIR}/${module}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${module}.pc DESTINATION lib/pkgconfig)
endforeach()
