# cmake -DMODE=ON|OFF -DSOURCE=tools/report -DWORK=FOLDER -DNPM=PROGRAM -DOUT=FILE.cc -P embed.cmake
# Fetches uPlot as the lock file says, into WORK, and writes it and our own script into a C++ source. What hinders
# becomes the sentence that --report prints; the build goes on.
function(give_up sentence)
  message(STATUS "report pages: ${sentence}")
  set(empty "")
  foreach(name PlotScript PlotStyle PlotLicence PageScript PageStyle)
    string(APPEND empty "const char* const k${name} = \"\";\n")
  endforeach()
  file(WRITE ${OUT} "// Written by tools/report/embed.cmake.\n#include \"report_assets.h\"\n
namespace oriel::cli::report_assets {
const char* const kObstacle = \"this build has no report pages: ${sentence}\";
${empty}}  // namespace oriel::cli::report_assets\n")
endfunction()

if(NOT MODE)
  give_up("it was configured with ORIEL_REPORT=OFF")
  return()
endif()
if(NOT NPM)
  give_up("npm was not found when it was configured")
  return()
endif()
file(MAKE_DIRECTORY ${WORK})
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${WORK})
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline
    --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=2000 WORKING_DIRECTORY ${WORK}
  RESULT_VARIABLE failed OUTPUT_FILE ${WORK}/npm.log ERROR_FILE ${WORK}/npm.log)
set(uplot ${WORK}/node_modules/uplot)
if(failed OR NOT EXISTS ${uplot}/dist/uPlot.iife.min.js)
  file(STRINGS ${WORK}/npm.log reasons REGEX "^npm (error|ERR!) ")
  list(APPEND reasons "see report/npm.log in the build folder")
  list(GET reasons 0 reason)
  string(REGEX REPLACE "[\"\\]" "'" reason "${reason}")  # it becomes a string of C++
  give_up("npm could not fetch uPlot: ${reason}")
  return()
endif()

set(text "// Written by tools/report/embed.cmake.\n#include \"report_assets.h\"\n
namespace oriel::cli::report_assets {\nconst char* const kObstacle = \"\";\n")
foreach(row "PlotScript|${uplot}/dist/uPlot.iife.min.js" "PlotStyle|${uplot}/dist/uPlot.min.css"
    "PlotLicence|${uplot}/LICENSE" "PageScript|${SOURCE}/page.js" "PageStyle|${SOURCE}/page.css")
  string(REPLACE "|" ";" row "${row}")
  list(GET row 0 name)
  list(GET row 1 path)
  file(READ ${path} content)
  string(APPEND text "const char* const k${name} = R\"ORIEL(${content})ORIEL\";\n")
endforeach()
file(WRITE ${OUT} "${text}}  // namespace oriel::cli::report_assets\n")
