// Run an exported detector on a photo: detect MODEL.onnx PHOTO
#include <tv2onnx/detector.h>
#include <tv2onnx/image.h>

#include <cstdio>

int main(int, char** argv) {
  const tv2onnx::Detector detector(argv[1]);
  for (const tv2onnx::Detection& one : detector.run(tv2onnx::read_image(argv[2]))[0]) {
    std::printf("class %d, score %.2f\n", static_cast<int>(one.label), one.score);
  }
}
