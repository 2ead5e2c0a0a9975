# kist_add_plugin(<name> SOURCES <file>... [LIBRARIES <target>...])
#
# Declares the plugin <name>.so, as the target kist_plugin_<name>. Kist's own plugins and those of others, who get this
# function from find_package(KistSDK), are declared by it alike. It sets what experience says matters:
#
#   version script   one exported symbol. Hidden visibility does not hide instances of the standard library's
#                    templates, and two plugins must not share those.
#   -z defs, now     a symbol that nobody defines is an error of the link or of the load, not of a later call
#   -z nodelete      code with a thread_local destructor or an exit handler must not be unmapped
#   no GNU unique    such a symbol is one for the process, whatever the script says (g++ only)
#
# For Windows it makes <name>.dll, which exports what is marked KIST_EXPORT; there is no host for it.
set(KIST_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/kist_plugin.map)
# What kist-sdk.pc gives as well.
set(KIST_PLUGIN_LINK_OPTIONS LINKER:-z,defs LINKER:-z,now LINKER:-z,relro LINKER:-z,nodelete)

function(kist_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  set(target kist_plugin_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE kist::sdk ${arg_LIBRARIES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    BUILD_RPATH "" INSTALL_RPATH "" SKIP_BUILD_RPATH ON)
  if(KIST_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${target} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${KIST_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  if(WIN32)
    return()
  endif()
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  set(options ${KIST_PLUGIN_LINK_OPTIONS})
  if(KIST_SANITIZER)  # Its runtime's symbols are left to the host.
    list(REMOVE_ITEM options LINKER:-z,defs)
  endif()
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${KIST_PLUGIN_MAP})
  target_link_options(${target} PRIVATE LINKER:--version-script=${KIST_PLUGIN_MAP} ${options})
endfunction()
