# kist_add_conformance_tests(<target> CONFIG <file> [OPTIONS <option>...])
#
# Adds two tests for ctest, for a plugin that kist_add_plugin(<target>) declares, or for any target that is one:
#
#   <target>: kist plugin check    the file keeps the rules that are checked before it is loaded
#   <target>: kist plugin test     the store keeps the contract; its report is <target>.conformance.xml (JUnit) in
#                                  the build directory
#
# CONFIG is a test configuration (JSON), which says how the store is opened. OPTIONS are those of `kist plugin test`:
# OPTIONS --time-limit 600 --jobs 1, for a slow back-end.
# The program `kist` is looked for beside the SDK and in the PATH; KIST_EXECUTABLE names another.
function(kist_add_conformance_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CONFIG" "OPTIONS")
  set(me "kist_add_conformance_tests(${target})")
  set(plugin ${target})
  if(TARGET kist_plugin_${target})
    set(plugin kist_plugin_${target})
  elseif(NOT TARGET ${target})
    message(FATAL_ERROR "${me}: there is no such target; declare it first: kist_add_plugin(${target} SOURCES ...)")
  endif()
  if(NOT arg_CONFIG OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${me}: expected CONFIG and one file, the configuration to open the store with")
  endif()
  get_filename_component(config ${arg_CONFIG} ABSOLUTE)
  if(NOT EXISTS ${config})
    message(FATAL_ERROR "${me}: there is no file '${config}', which CONFIG names")
  endif()
  if(WIN32)
    message(STATUS "${me}: no tests, for there is no Kist for Windows that could load the plugin")
    return()
  endif()
  find_program(KIST_EXECUTABLE kist DOC "The program that checks and tests plugins")
  if(NOT KIST_EXECUTABLE)
    message(FATAL_ERROR "${me}: there is no program 'kist' beside the SDK or in the PATH; "
      "install it, or say where it is with -DKIST_EXECUTABLE=/path/of/kist")
  endif()
  if(NOT EXISTS ${KIST_EXECUTABLE})
    message(FATAL_ERROR "${me}: there is no program '${KIST_EXECUTABLE}', which KIST_EXECUTABLE names")
  endif()
  add_test(NAME "${target}: kist plugin check"
    COMMAND ${KIST_EXECUTABLE} plugin check $<TARGET_FILE:${plugin}>)
  add_test(NAME "${target}: kist plugin test"
    COMMAND ${KIST_EXECUTABLE} plugin test $<TARGET_FILE:${plugin}> --config ${config}
            --junit ${CMAKE_CURRENT_BINARY_DIR}/${target}.conformance.xml ${arg_OPTIONS})
  set_tests_properties("${target}: kist plugin check" "${target}: kist plugin test" PROPERTIES LABELS conformance)
endfunction()
