# kist_add_plugin(<name> SOURCES <file>... [LIBRARIES <target>...])
#
# Declares the plugin <name>.so. Kist's own plugins and those of others, who get this function from
# find_package(KistSDK), are declared by it alike. It sets what experience says matters:
#
#   version script   one exported symbol. Hidden visibility does not hide instances of the standard library's
#                    templates, and two plugins must not share those.
#   -z defs, now     a symbol that nobody defines is an error of the link or of the load, not of a later call
#   -z nodelete      code with a thread_local destructor or an exit handler must not be unmapped
#   no GNU unique    such a symbol is one for the process, whatever the script says (g++ only)
set(KIST_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/kist_plugin.map)

function(kist_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  set(target kist_plugin_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE kist::sdk ${arg_LIBRARIES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    BUILD_RPATH "" INSTALL_RPATH "" SKIP_BUILD_RPATH ON
    LINK_DEPENDS ${KIST_PLUGIN_MAP})
  if(KIST_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${target} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${KIST_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE
    LINKER:--version-script=${KIST_PLUGIN_MAP} LINKER:-z,now LINKER:-z,relro LINKER:-z,nodelete
    # A sanitized build leaves the runtime's symbols to the host.
    $<$<NOT:$<BOOL:${KIST_SANITIZER}>>:LINKER:-z,defs>)
endfunction()
