"""The library tv2onnx::core of this checkout: conan create packaging/conan

No test builds it: docs/deploy.md says with what it was.
"""
import os

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy
from conan.tools.gnu import PkgConfigDeps


class Tv2onnx(ConanFile):
    name = 'tv2onnx'
    version = '0.1.0'
    license = 'MIT'
    description = 'torchvision checkpoints to ONNX, without Python'
    settings = 'os', 'compiler', 'build_type', 'arch'
    requires = 'fmt/[>=9]', 'nlohmann_json/[>=3.11]', 'xxhash/[>=0.8]'

    def export_sources(self):
        root = os.path.join(self.recipe_folder, '..', '..')
        for pattern in ('CMakeLists.txt', 'LICENSE', 'cmake/*', 'include/*', 'src/*'):
            copy(self, pattern, root, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        tools = CMakeToolchain(self)
        tools.cache_variables['TV2ONNX_IMAGES'] = False
        tools.cache_variables['TV2ONNX_TESTS'] = False
        tools.generate()
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, 'LICENSE', self.source_folder, os.path.join(self.package_folder, 'licenses'))

    def package_info(self):
        self.cpp_info.set_property('cmake_find_mode', 'none')  # it brings its own
        self.cpp_info.builddirs = ['lib/cmake/tv2onnx']
