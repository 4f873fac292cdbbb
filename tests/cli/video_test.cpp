// tv2onnx predict on videos. They are made by ffmpeg; without it nothing can be tested.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::read_file;
using testing::run_tool;
using ::testing::StartsWith;
using testing::TemporaryFolder;
using testing::ToolResult;
using testing::write_file;

const std::string kModel = " '" TV2ONNX_SOURCE_DIR "/tests/golden/runtime/batched.onnx' ";

std::vector<Json> rows_of(const std::string& text) {
  std::vector<Json> rows;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) rows.push_back(Json::parse(line));
  return rows;
}

class VideoCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("ffmpeg -version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no ffmpeg";
  }

  std::string path(const std::string& name) const { return (place_ / name).string(); }
  void ffmpeg(const std::string& words) const {
    const std::string command = "cd '" + place_.path().string() +
                                "' && ffmpeg -nostdin -hide_banner -loglevel error -y " + words;
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  /// A lossless clip, each of whose frames has another colour.
  void make_clip(const std::string& name, const std::string& more = "",
                 const std::string& size = "34x21") const {
    ffmpeg("-f lavfi -i color=c=gray:size=" + size +
           ":rate=10:duration=2,format=rgb24,hue=h=n*15:s=2,geq=r='X*3+10*N':g='Y*5':b='20*N' " +
           more + " -c:v ffv1 " + name);
  }
  ToolResult predict(const std::string& words, const std::string& input = "/dev/null") const {
    return run_tool("predict" + kModel + words, input);
  }
  std::vector<Json> rows(const std::string& words, const std::string& input = "/dev/null") const {
    const ToolResult run = predict(words + " --json -", input);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return rows_of(run.out);
  }
  std::string probe(const std::string& name, const std::string& what) const {
    const std::string command = "ffprobe -v error -select_streams v -show_entries " + what +
                                " -of csv=p=0 '" + path(name) + "' >'" + path("probe") + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return read_file(path("probe"));
  }

  /// Of all values of two pictures.
  double mean_difference(const std::string& one, const std::string& other) const {
    const Tensor a = read_image(place_ / one);
    const Tensor b = read_image(place_ / other);
    EXPECT_EQ(a.shape, b.shape);
    double sum = 0;
    for (std::size_t k = 0; k < a.as<std::uint8_t>().size(); ++k) {
      sum += std::abs(a.as<std::uint8_t>()[k] - b.as<std::uint8_t>()[k]);
    }
    return sum / static_cast<double>(a.as<std::uint8_t>().size());
  }

  TemporaryFolder place_;
};

TEST_F(VideoCommand, FindsInEachFrameWhatItFindsInItsImage) {
  make_clip("clip.mkv");
  ffmpeg("-i clip.mkv frame_%03d.png");
  const std::vector<Json> found = rows(path("clip.mkv") + " --score 0");
  ASSERT_EQ(found.size(), 20U);
  for (const std::size_t k : {0U, 7U, 19U}) {
    const std::string image =
        "frame_0" + std::string(k + 1 < 10 ? "0" : "") + std::to_string(k + 1);
    const Json one = Json::parse(predict(path(image + ".png") + " --score 0 --json -").out);
    EXPECT_EQ(found[k].at("detections"), one.at("images")[0].at("detections")) << k;
    EXPECT_EQ(found[k].at("frame"), k);
    EXPECT_NEAR(found[k].at("time").get<double>(), 0.1 * static_cast<double>(k), 1e-6);
    EXPECT_EQ(found[k].at("width"), 34);
    EXPECT_EQ(found[k].at("height"), 21);
  }
  EXPECT_NE(found[0].at("detections"), found[19].at("detections"));
}

TEST_F(VideoCommand, WritesAVideoWithTheTimesOfTheFrames) {
  // The second half is three times as slow: a variable frame rate; and sides are odd.
  make_clip("clip.mkv", "-vf \"setpts='PTS+if(gt(N,9),(N-9)*0.2/TB,0)'\" -fps_mode passthrough",
            "35x21");
  const ToolResult run = predict(path("clip.mkv") + " -o " + path("out.mp4"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("20 frames, "));
  EXPECT_EQ(probe("out.mp4", "stream=width,height"), "36,22\n");
  std::vector<double> times;
  std::istringstream lines(probe("out.mp4", "frame=pts_time"));
  for (std::string line; std::getline(lines, line);) {
    // The first frame has a line more for what else is known of it.
    if (line.find_first_of("0123456789") != std::string::npos)
      times.push_back(std::atof(line.c_str()));
  }
  const std::vector<Json> found = rows(path("clip.mkv"));
  ASSERT_EQ(times.size(), 20U);
  ASSERT_EQ(found.size(), 20U);
  EXPECT_NEAR(times[19], 1.9 + 10 * 0.2, 0.002);
  for (std::size_t k = 0; k < times.size(); ++k) {
    EXPECT_NEAR(times[k], found[k].at("time").get<double>(), 0.002) << k;
  }
  // The boxes are in the pictures.
  ffmpeg("-i out.mp4 -frames:v 1 drawn.png");
  ffmpeg("-i clip.mkv -frames:v 1 -vf pad=36:22 plain.png");
  const Tensor drawn = read_image(place_ / "drawn.png");
  const Tensor plain = read_image(place_ / "plain.png");
  ASSERT_EQ(drawn.shape, plain.shape);
  int different = 0;
  for (std::size_t k = 0; k < drawn.as<std::uint8_t>().size(); ++k) {
    if (std::abs(drawn.as<std::uint8_t>()[k] - plain.as<std::uint8_t>()[k]) > 60) ++different;
  }
  EXPECT_GT(different, 20);
}

TEST_F(VideoCommand, PhonesTurnTheirVideos) {
  ffmpeg("-f lavfi -i testsrc=size=64x48:rate=5:duration=1 -c:v libx264 flat.mp4");
  ffmpeg("-i flat.mp4 -c copy -metadata:s:v rotate=90 turned.mp4");
  EXPECT_EQ(rows(path("flat.mp4"))[0].at("width"), 64);
  const Json first = rows(path("turned.mp4"))[0];
  EXPECT_EQ(first.at("width"), 48);
  EXPECT_EQ(first.at("height"), 64);
}

TEST_F(VideoCommand, ReadsAPartOfAVideo) {
  make_clip("clip.mkv");
  const std::vector<Json> all = rows(path("clip.mkv"));
  const std::vector<Json> part = rows(path("clip.mkv") + " --start 0.5 --end 1.2 --every 3");
  ASSERT_EQ(part.size(), 3U);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(part[k].at("time").get<double>(), 0.5 + 0.3 * static_cast<double>(k), 1e-6);
    EXPECT_EQ(part[k].at("frame"), 3 * k);
    EXPECT_EQ(part[k].at("detections"), all[5 + 3 * k].at("detections"));
  }
  const std::vector<Json> piped = rows("- --start 0.5 --end 1.2 --every 3", path("clip.mkv"));
  ASSERT_EQ(piped.size(), 3U);
  EXPECT_EQ(piped[1].at("detections"), part[1].at("detections"));
  EXPECT_NEAR(piped[1].at("time").get<double>(), 0.8, 1e-6);
  EXPECT_THAT(predict(path("clip.mkv") + " --start 9").err, HasSubstr("no frame can be read"));
}

TEST_F(VideoCommand, ABrokenVideoGivesWhatItHas) {
  make_clip("clip.mkv", "", "340x210");
  const std::string whole = read_file(path("clip.mkv"));
  write_file(place_ / "cut.mkv", whole.substr(0, whole.size() / 2));
  const ToolResult run =
      predict(path("cut.mkv") + " --json " + path("found.jsonl") + " -o " + path("out.mkv"));
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, AllOf(HasSubstr("error[I002]"), HasSubstr("the video is damaged")));
  const std::size_t found = rows_of(read_file(path("found.jsonl"))).size();
  EXPECT_GE(found, 5U);
  EXPECT_LT(found, 20U);
  EXPECT_TRUE(fs::exists(place_ / "out.mkv"));
  write_file(place_ / "no.mp4", "this is no video");
  const ToolResult none = predict(path("no.mp4") + " -o " + path("none.mp4"));
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_THAT(none.err, HasSubstr("error[I002]: no frame can be read"));
  EXPECT_FALSE(fs::exists(place_ / "none.mp4"));
  EXPECT_THAT(predict("/no/such.mp4").err, HasSubstr("error[C001]"));
}

TEST_F(VideoCommand, NumbersObjects) {
  make_clip("clip.mkv");
  const std::vector<Json> found = rows(path("clip.mkv") + " --score 0 --track");
  // What is found stays where it is.
  for (const Json& frame : found) {
    int id = 0;
    for (const Json& one : frame.at("detections")) EXPECT_EQ(one.at("track"), ++id);
    EXPECT_GE(id, 3);
  }
}

TEST_F(VideoCommand, PrintsALineForEachFrame) {
  make_clip("clip.mkv");
  const ToolResult run = predict(path("clip.mkv") + " -q");
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, AllOf(StartsWith("0:00:00.000  "), HasSubstr("0:00:01.900  ")));
}

TEST_F(VideoCommand, BadInputIsRefused) {
  make_clip("clip.mkv");
  const auto error = [&](const std::string& words) {
    const ToolResult run = predict(words);
    EXPECT_EQ(run.exit_code, 2) << words << run.err;
    return run.err;
  };
  EXPECT_THAT(error(path("clip.mkv") + " -o " + path("folder")), HasSubstr("error[U002]"));
  EXPECT_THAT(error(path("clip.mkv") + " a.jpg"), HasSubstr("a video among several inputs"));
  EXPECT_THAT(error("a.jpg --every 2"), HasSubstr("--every is for videos"));
  EXPECT_THAT(error(path("clip.mkv") + " --start 3 --end 2"), HasSubstr("error[U003]"));
  EXPECT_THAT(error(path("clip.mkv") + " --coco -"), HasSubstr("--coco"));
  write_file(place_ / "out.mp4", "mine");
  EXPECT_THAT(error(path("clip.mkv") + " -o " + path("out.mp4")), HasSubstr("error[O004]"));
  EXPECT_EQ(read_file(path("out.mp4")), "mine");
}

/// Frames as images, named as `ffmpeg` numbers them, from 1 on.
std::string frame_name(std::size_t frame) {
  return (frame < 9 ? "frame_00" : "frame_0") + std::to_string(frame + 1) + ".png";
}

TEST_F(VideoCommand, ClassifiersAndSegmentationAnswerOfEachFrame) {
  make_clip("clip.mkv");
  ffmpeg("-i clip.mkv frame_%03d.png");
  for (const char* file : {"classes", "segment_labels", "segment_logits"}) {
    const std::string command =
        "predict '" TV2ONNX_SOURCE_DIR "/tests/golden/runtime/" + std::string(file) + ".onnx' ";
    const std::vector<Json> found = rows_of(run_tool(command + path("clip.mkv") + " --json -").out);
    ASSERT_EQ(found.size(), 20U) << file;
    for (const std::size_t k : {0U, 7U, 19U}) {
      const Json one =
          Json::parse(run_tool(command + path(frame_name(k)) + " --json -").out)["images"][0];
      EXPECT_EQ(found[k]["classes"], one["classes"]) << file << k;
      EXPECT_EQ(found[k]["width"], 34);
    }
    EXPECT_NE(found[0]["classes"], found[19]["classes"]) << file;
    // The same pictures as of images.
    EXPECT_EQ(run_tool(command + path("clip.mkv") + " -f -o " + path("out.mkv")).exit_code, 0);
    EXPECT_EQ(run_tool(command + path(frame_name(7)) + " -f -o " + path("drawn")).exit_code, 0);
    ffmpeg("-i out.mkv -vf 'select=eq(n\\,7),format=rgb24,crop=34:21:0:0' -frames:v 1 eighth.png");
    EXPECT_LT(mean_difference("eighth.png", "drawn/" + frame_name(7)), 20) << file;  // the codec
    EXPECT_GT(mean_difference("eighth.png", frame_name(7)), 60) << file;
  }
}

TEST_F(VideoCommand, ClipsFollowEachOther) {
  make_clip("clip.mkv");
  ffmpeg("-i clip.mkv frame_%03d.png");
  const auto predict = [&](const std::string& model, const std::string& words) {
    return run_tool("predict '" TV2ONNX_SOURCE_DIR "/tests/golden/runtime/" + model + ".onnx' " +
                    words);
  };
  const auto of_folder = [&](const std::vector<std::size_t>& frames) {
    fs::remove_all(place_ / "some");
    fs::create_directory(place_ / "some");
    for (const std::size_t k : frames) {
      fs::copy(place_ / frame_name(k), place_ / "some" / frame_name(k));
    }
    return Json::parse(predict("clips", path("some") + " --json -").out)["clips"][0]["classes"];
  };
  // 20 frames, 8 at a time: the last clip ends with the video.
  const std::vector<Json> found =
      rows_of(predict("clips", path("clip.mkv") + " --frames 8 --json -").out);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0]["classes"], of_folder({0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(found[1]["classes"], of_folder({8, 9, 10, 11, 12, 13, 14, 15}));
  EXPECT_EQ(found[2]["classes"], of_folder({12, 13, 14, 15, 16, 17, 18, 19}));
  EXPECT_EQ(found[2]["frame"], 12);
  EXPECT_EQ(found[2]["frames"], 8);
  EXPECT_NEAR(found[2]["time"].get<double>(), 1.2, 1e-6);
  EXPECT_NEAR(found[2]["end"].get<double>(), 1.9, 1e-6);
  // The length of the file, and every third frame.
  const std::vector<Json> third =
      rows_of(predict("clips_4", path("clip.mkv") + " --every 3 --json -").out);
  ASSERT_EQ(third.size(), 2U);  // frames 0 3 6 9, and of 12 15 18 the last three and one before
  EXPECT_EQ(third[0]["classes"], of_folder({0, 3, 6, 9}));
  EXPECT_EQ(third[1]["classes"], of_folder({9, 12, 15, 18}));
  // Every frame is in the video, with the answer of its clip.
  EXPECT_EQ(predict("clips_4", path("clip.mkv") + " -o " + path("out.mkv")).exit_code, 0);
  EXPECT_EQ(probe("out.mkv", "stream=nb_read_frames -count_frames"), "20\n");
  EXPECT_THAT(predict("clips_4", path("clip.mkv") + " -q --top 2").out,
              StartsWith("0:00:00.000 - 0:00:00.300  "));
  // Fewer frames than one clip has.
  EXPECT_EQ(rows_of(predict("clips", path("clip.mkv") + " --end 0.5 --json -").out)[0]["frames"],
            5);
  const ToolResult few = predict("clips_4", path("clip.mkv") + " --end 0.3");
  EXPECT_NE(few.exit_code, 0);
  EXPECT_THAT(few.err, AllOf(HasSubstr("a clip of 3 frames"), HasSubstr("4 frames")));
}

TEST_F(VideoCommand, FlowIsBetweenNeighbours) {
  make_clip("clip.mkv");
  ffmpeg("-i clip.mkv frame_%03d.png");
  const std::string command = "predict '" TV2ONNX_SOURCE_DIR "/tests/golden/runtime/flow.onnx' ";
  const std::vector<Json> found =
      rows_of(run_tool(command + path("clip.mkv") + " --every 2 --json -").out);
  ASSERT_EQ(found.size(), 9U);
  const Json pair = Json::parse(
      run_tool(command + path(frame_name(6)) + " " + path(frame_name(8)) + " --json -").out);
  for (const char* key : {"mean", "longest", "right", "down", "width", "height"}) {
    EXPECT_EQ(found[3][key], pair["pairs"][0][key]) << key;
  }
  EXPECT_EQ(found[3]["frame"], 6);
  EXPECT_NEAR(found[3]["end"].get<double>(), 0.8, 1e-6);
  EXPECT_EQ(run_tool(command + path("clip.mkv") + " -o " + path("out.mkv")).exit_code, 0);
  EXPECT_EQ(probe("out.mkv", "stream=nb_read_frames -count_frames"), "19\n");
  EXPECT_EQ(
      run_tool(command + path(frame_name(0)) + " " + path(frame_name(1)) + " -o " + path("drawn"))
          .exit_code,
      0);
  ffmpeg("-i out.mkv -vf format=rgb24,crop=34:21:0:0 -frames:v 1 first.png");
  EXPECT_LT(mean_difference("first.png", "drawn/frame_001_flow.png"), 12);
  EXPECT_THAT(run_tool(command + path("clip.mkv") + " --end 0.1").err,
              HasSubstr("a video of one frame"));
  make_clip("small.mkv", "", "10x10");
  EXPECT_THAT(run_tool(command + path("small.mkv")).err,
              AllOf(HasSubstr("error[R006]"), HasSubstr("scale=trunc(iw/8)*8")));
}

TEST_F(VideoCommand, OptionsOfOtherTasksAreRefused) {
  make_clip("clip.mkv");
  const auto error = [&](const std::string& model, const std::string& words) {
    const ToolResult run = run_tool("predict '" TV2ONNX_SOURCE_DIR "/tests/golden/runtime/" +
                                    model + ".onnx' " + path("clip.mkv") + " " + words);
    EXPECT_EQ(run.exit_code, 2) << words << run.err;
    return run.err;
  };
  EXPECT_THAT(error("classes", "--track"), HasSubstr("--track has no meaning here"));
  EXPECT_THAT(error("flow", "--flo " + path("flo")), HasSubstr("--flo on a video"));
  EXPECT_THAT(error("segment_labels", "--label-maps " + path("maps")),
              HasSubstr("--label-maps on a video"));
}

/// A stand-in for ffmpeg that writes down its words and takes a test picture for the camera: there
/// is no camera here.
TEST_F(VideoCommand, CamerasAreAskedOfFfmpeg) {
  write_file(place_ / "ffmpeg",
             "#!/bin/sh\nPATH=/usr/bin:/bin\n[ \"$1\" = -version ] && exec ffmpeg -version\n"
             "echo \"$*\" > " +
                 path("words") +
                 "\n"
                 "exec ffmpeg -hide_banner -nostats -nostdin -loglevel level+info -f lavfi -i "
                 "testsrc=size=64x48:rate=10:duration=1 -map 0:v:0 -vf showinfo "
                 "-f image2pipe -c:v ppm -pix_fmt rgb24 pipe:1\n");
  fs::permissions(place_ / "ffmpeg", fs::perms::all);
  const auto words_of = [&](const std::string& words) {
    const std::string command = "PATH='" + place_.path().string() +
                                "' '" TV2ONNX_BINARY "' predict" + kModel + "/dev/video0 " + words +
                                " --json '" + path("rows") + "' -f -q";
    EXPECT_EQ(std::system(command.c_str()), 0);
    EXPECT_EQ(rows_of(read_file(path("rows"))).size(), 10U);
    return read_file(path("words"));
  };
  EXPECT_THAT(words_of(""), HasSubstr("-f v4l2 -i /dev/video0 -map 0:v:0 -vf showinfo"));
  // A camera cannot be wound forward.
  EXPECT_THAT(words_of("--start 2 --end 5 --every 3"),
              AllOf(HasSubstr("-f v4l2 -to 5 -i /dev/video0"),
                    HasSubstr("-vf select=gte(t\\,2),select=not(mod(n\\,3)),showinfo")));
}

TEST_F(VideoCommand, NoCameraIsAnError) {
  if (fs::exists("/dev/video7")) GTEST_SKIP() << "there is a camera";
  const ToolResult run = predict("/dev/video7 -o " + path("out.mp4"));
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr("error[C001]: there is no such camera"), HasSubstr("/dev/video7")));
  EXPECT_FALSE(fs::exists(place_ / "out.mp4"));
}

TEST_F(VideoCommand, WithoutFfmpegItSaysWhatToInstall) {
  make_clip("clip.mkv");
  const std::string command = "PATH=/nowhere '" TV2ONNX_BINARY "' predict" + kModel +
                              path("clip.mkv") + " 2>'" + path("err") + "'";
  EXPECT_NE(std::system(command.c_str()), 0);
  EXPECT_THAT(read_file(path("err")),
              AllOf(HasSubstr("error[I006]: the program ffmpeg was not found"),
                    HasSubstr("apt install ffmpeg")));
}

TEST_F(VideoCommand, AFullDiskIsAnError) {
  make_clip("clip.mkv");
  EXPECT_EQ(predict(path("clip.mkv") + " -o /proc/out.mp4").exit_code, 3);
  EXPECT_EQ(predict(path("clip.mkv") + " --json /dev/full").exit_code, 3);
}

}  // namespace
}  // namespace tv2onnx
