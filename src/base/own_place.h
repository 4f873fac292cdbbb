#pragma once
// Where this code lies: in a program that links the library statically, or in libtv2onnx.so. What
// belongs to it is found from there, so that an installation can be moved.

#include <filesystem>
#include <string_view>

namespace tv2onnx {

/// The folder of the program or shared object that has this code; empty if the system does not say.
std::filesystem::path own_folder();

/// The checkout whose build tree `folder` lies in, as that tree's CMakeCache.txt says, or empty.
std::filesystem::path checkout_of(const std::filesystem::path& folder);

/// Where a script of this version lies: in the checkout whose build tree has this code, or in
/// share/tv2onnx of the installation. It need not be there.
std::filesystem::path script_place(std::string_view name);

}  // namespace tv2onnx
