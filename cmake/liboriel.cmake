# liboriel: all layers in one shared and one static library.
get_property(layers GLOBAL PROPERTY ORIEL_LAYERS)
add_library(oriel SHARED)
add_library(oriel_static STATIC)
foreach(lib oriel oriel_static)
  foreach(layer ${layers})
    target_sources(${lib} PRIVATE $<TARGET_OBJECTS:oriel_${layer}>)
  endforeach()
  target_include_directories(${lib} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:include>)
  target_link_libraries(${lib} PUBLIC tl::expected PRIVATE Threads::Threads)
  set_target_properties(${lib} PROPERTIES OUTPUT_NAME oriel LINKER_LANGUAGE CXX)
endforeach()
set_target_properties(oriel PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)
