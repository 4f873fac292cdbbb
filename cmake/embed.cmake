# cmake -DFOLDER=... -DOUTPUT=FILE.cpp -P embed.cmake: the files of the page as a source, each as one
# literal. They are text.
set(TYPES_html "text/html; charset=utf-8")
set(TYPES_css "text/css; charset=utf-8")
set(TYPES_js "text/javascript; charset=utf-8")
set(TYPES_json "application/json")

file(GLOB names RELATIVE ${FOLDER} ${FOLDER}/*)
set(source "// Made by cmake/embed.cmake.\n#include <array>\n\n#include \"serve/page.h\"\n\nnamespace tv2onnx::serve {\n")
foreach(name ${names})
  file(READ ${FOLDER}/${name} content)
  get_filename_component(extension ${name} LAST_EXT)
  string(SUBSTRING "${extension}" 1 -1 extension)
  string(APPEND rows "    {\"${name}\", \"${TYPES_${extension}}\", R\"page_file(${content})page_file\"},\n")
endforeach()
string(APPEND source "namespace {\nconstexpr auto kFiles = std::to_array<PageFile>({\n${rows}});\n}  // namespace\n\n"
  "std::span<const PageFile> page_files() {\n  return kFiles;\n}\n}  // namespace tv2onnx::serve\n")
file(WRITE ${OUTPUT} "${source}")
