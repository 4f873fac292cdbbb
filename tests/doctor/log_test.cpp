// Messages as runtimes and exporters print them, and what they are explained as.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "doctor/log/patterns.h"
#include "graph/ops.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/run_graph.h"
#include "support/run_tool.h"
#include "tv2onnx/doctor.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::run_tool;
using testing::session_of;
using ::testing::StartsWith;

struct Message {
  const char* text;
  const char* code;
  const char* cause;  ///< a part of it
};

// Of ONNX Runtime 1.30 on genuine broken files, and of the public threads that the tables name.
const std::vector<Message> kMessages{
    {"Non-zero status code returned while running Reshape node. Name:'/roi_heads/Reshape_2' Status "
     "Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:84 "
     "onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, "
     "onnxruntime::TensorShapeVector&, bool) size != 0 && (input_shape_size % size) == 0 was "
     "false. The input tensor cannot be reshaped to the requested shape. Input shape:{999,27}, "
     "requested shape:{-1,4}",
     "D01", "(7 classes with background)"},
    {"Input shape:{14,7}, requested shape:{-1,4}", "D01", "(2 classes with background)"},
    {"Input shape:{71,363}, requested shape:{-1,4}", "D01", "(91 classes with background)"},
    {"Input shape:{115,2479}, requested shape:{-1,4}", "D01", "(620 classes"},
    {"The input tensor cannot be reshaped to the requested shape. Input shape:{0,364}, requested "
     "shape:{0,-1}",
     "D02", "(91 classes with background)"},
    {"Input shape:{0,28}, requested shape:{0,-1}", "D02", "(7 classes with background)"},
    {"Input shape:{0,7,4}, requested shape:{0,-1,4}", "D02", "empty tensor"},
    {"Input shape:{1,75,13,13}, requested shape:{1,3,25,169}", "", ""},
    {"Input shape:{10,6}, requested shape:{-1,4}", "", ""},
    {"Input shape:{10,6}, requested shape:{5,13}", "", ""},
    {"Cannot split using values in 'split' attribute. Axis=0 Input shape={2,3,480,640} "
     "NumOutputs=1 Num entries in 'split' (must equal number of outputs) was 1 Sum of sizes in "
     "'split' (must equal size of selected axis) was 1",
     "D04", "takes batches of 1 and got 2"},
    {"Non-zero status code returned while running Split node. Name:'/Split' Status Message: "
     "Invalid "
     "value in 'split'. Split size 1 exceeds the remaining size of the selected axis, 0.",
     "D04", "more images than it got"},
    {"Non-zero status code returned while running Squeeze node. Name:'Squeeze_3' Status Message: "
     "/onnxruntime_src/onnxruntime/core/providers/cpu/tensor/squeeze.h:52 input_shape[i] == 1 was "
     "false. Dimension of input 0 must be 1 instead of 2",
     "D04", "is 2 now"},
    {"[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input: input for the "
     "following indices\n index: 2 Got: 480 Expected: 640\n index: 3 Got: 640 Expected: 480\n "
     "Please fix either the inputs/outputs or the model.",
     "D03", "axis 2 must be 640 and is 480"},
    {"Got invalid dimensions for input: input for the following indices\n index: 0 Got: 2 "
     "Expected: 1\n Please fix",
     "D04", "fixed batch of 1 and got 2"},
    {"Got invalid dimensions for input: input for the following indices index: 0 Got: 2 Expected: 1"
     " index: 2 Got: 100 Expected: 480 Please fix",
     "D03", "axis 2 must be 480"},
    {"Got invalid dimensions for input: image for the following indices\\x0a index: 1 Got: 480 "
     "Expected: 3\\x0a index: 3 Got: 3 Expected: 640",
     "D11", "another layout"},
    {"Invalid rank for input: input Got: 3 Expected: 4 Please fix either the inputs/outputs or the "
     "model.",
     "D11", "has 4 dimensions and got 3"},
    {"[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Unexpected input data type. Actual: "
     "(tensor(uint8)) , expected: (tensor(float))",
     "D11", "takes float and got uint8"},
    {"ValueError: Required inputs (['input']) are missing from input feed (['images']).", "D11",
     "['images']"},
    {"[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Invalid Feed Input Name:images", "D11",
     "no input called images"},
    {"[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Invalid Output Name:boxes", "D09",
     "no output called boxes"},
    {"Non-zero status code returned while running TopK node. Name:'TopK_1' Status Message: k "
     "argument [1000] should not be greater than specified axis dim value [507]",
     "D03", "1000, was fixed"},
    {"Non-zero status code returned while running ReduceMax node. Name:'ReduceMax_1402' Status "
     "Message: Can't reduce on dim with value of 0 if 'keepdims' is false. Invalid output shape "
     "would be produced. input_shape:{0,364}",
     "D14", "{0,364}"},
    {"[W:onnxruntime:, execution_frame.cc:835 VerifyOutputSizes] Expected shape from model of "
     "{100,4} does not match actual shape of {37,4} for output boxes",
     "D08", "declared as {100,4} and is {37,4}"},
    {"Non-zero status code returned while running Add node. Name:'Add_9' Status Message: "
     "element_wise_ops.h:540 Attempting to broadcast an axis by a dimension other than 1. 20 by 25",
     "D03", "20 and 25"},
    {"indices element out of data bounds, idx=5 must be within the inclusive range [-4,3]", "D03",
     "index 5"},
    {"[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation for "
     "ConvInteger(10) node with name 'Conv_0_quant'",
     "D14", "ConvInteger(10)"},
    {"NOT_IMPLEMENTED : Could not find an implementation for RoiAlign(16) node with name 'R'",
     "D13", "no RoiAlign of opset 16"},
    {"[ONNXRuntimeError] : 1 : FAIL : Load model from ./640m.onnx failed:model.cc:150 "
     "onnxruntime::Model::Model Unsupported model IR version: 10, max supported IR version: 9",
     "", "IR version 10"},
    {"ONNX Runtime only *guarantees* support for models stamped with official released onnx opset "
     "versions. Opset 21 is under development and support for this is limited. The operator "
     "schemas and or other functionality may change before next ONNX release and in this case ONNX "
     "Runtime will not guarantee backward compatibility. Current official support for domain "
     "ai.onnx is till opset 19.",
     "", "opset 21, this ONNX Runtime knows 19"},
    {"Fatal error: torchvision:nms(-1) is not a registered function/op", "D13", "torchvision:nms"},
    {"No Op registered for RoiAlign with domain_version of 9", "", "RoiAlign does not exist"},
    {"Type Error: Type 'tensor(float16)' of input parameter (/Unsqueeze_output_0) of operator "
     "(NonMaxSuppression) in node (/NonMaxSuppression) is invalid.",
     "D07", "NonMaxSuppression takes no half"},
    {"Type Error: Type parameter (T) of Optype (Add) bound to different types (tensor(float16) and "
     "tensor(float) in node (Add_1).",
     "D07", "mixes float16 and float"},
    {"Deserialize tensor conv.weight failed.GetFileLength for ./model.onnx.data failed: open file "
     "\"./model.onnx.data\" failed: No such file or directory",
     "D15", "./model.onnx.data"},
    {"External initializer: backbone.fpn.weight offset: 0 size to read: 9216 given file_length: 0 "
     "are out of bounds or can not be read in full.",
     "D15", "backbone.fpn.weight"},
    {"[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model from x.onnx failed:Protobuf parsing "
     "failed.",
     "D15", "truncated"},
    {"This is an invalid model. Error: Duplicate definition of name (scores).", "D15", "scores"},
    {"This is an invalid model. Error: the graph is not acyclic.", "D15", "cycle"},
    {"Load model from nowhere.onnx failed:Load model nowhere.onnx failed. File doesn't exist", "",
     "path"},
    {"[E:onnxruntime:Default, provider_bridge_ort.cc:1992 TryGetProviderInfo_CUDA] "
     "[ONNXRuntimeError] : 1 : FAIL : Failed to load library "
     "libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot open shared object file: "
     "No such file or directory",
     "", "libcudnn.so.9"},
    {"UserWarning: Specified provider 'CUDAExecutionProvider' is not in available provider names."
     "Available providers: 'AzureExecutionProvider, CPUExecutionProvider'",
     "", "built without CUDAExecutionProvider"},
    {"bfc_arena.cc:376 AllocateRawInternal Failed to allocate memory for requested buffer of size "
     "1638400000",
     "", "1638400000 bytes"},
    {"CUDA failure 2: out of memory ; GPU=0 ; hostname=a", "", "out of memory"},
    {"[W:onnxruntime:, graph.cc:109 MergeShapeInfo] Error merging shape info for output. "
     "'/Concat_output_0' source:{-1,91} target:{-1,90}. Falling back to lenient merge.",
     "D08", "/Concat_output_0, which is {-1,91}"},
    {"[W:onnxruntime:, graph.cc:3490 CleanUnusedInitializersAndNodeArgs] Removing initializer "
     "'fc.bias'. It is not used by any node and should be removed from the model.",
     "D15", "fc.bias"},
    {"Initializer conv1.weight appears in graph inputs and will not be treated as constant "
     "value/weight.",
     "D16", "weights are inputs"},
    {"MemcpyTransformer::ApplyImpl] 13 Memcpy nodes are added to the graph main_graph for "
     "CUDAExecutionProvider.",
     "D16", "13 copies"},
    {"Error: failed to inference ONNX model: TypeError: cannot resolve operator "
     "'NonMaxSuppression' with opsets: ai.onnx v11",
     "D13", "WebGL"},
    {"Non-zero status code returned while running Conv node. Name:'/conv1/Conv' Status Message: "
     "something new",
     "", "Conv '/conv1/Conv' failed"},
    {"[E] Error[4]: /roi_heads/box_roi_pool/If_OutputLayer: IIfConditionalOutputLayer inputs must "
     "have the same shape. Shapes are [-1] and [-1,1].",
     "D06", "[-1] and [-1,1]"},
    {"/roi_heads/box_pooler/level_poolers.0/If_OutputLayer: IIfConditionalOutputLayer inputs must "
     "have the same shape.",
     "D06", "different shapes"},
    {"[E] Error[4]: ITensor::getDimensions: Error Code 4: Shape Error (reshape wildcard -1 has "
     "infinite number of solutions or no solution. Reshaping [0,364] to [0,-1].)",
     "D02", "[0,364]"},
    {"Error Code 4: Miscellaneous (IShuffleLayer Reshape_982: reshape changes volume. Reshaping "
     "[25063500] to [1,500].)",
     "D03", "[25063500] does not fit into [1,500]"},
    {"IShuffleLayer Reshape_2: reshape changes volume. Reshaping [1000,363] to [-1,4].", "D01",
     "91 classes"},
    {"onnx2trt_utils.cpp:374: Your ONNX model has been generated with INT64 weights, while "
     "TensorRT does not natively support INT64. Attempting to cast down to INT32.",
     "D13", "int32"},
    {"ModelImporter.cpp:720: In function importModel: No importer registered for op: RoiAlign",
     "D13", "no operator RoiAlign"},
    {"Unsupported ONNX data type: UINT8 (2)", "D13", "UINT8"},
    {"[E] Static dimension mismatch while setting input shape for input. Set dimensions are "
     "[2,3,480,640]. Expected dimensions are [1,3,480,640].",
     "D03", "built for [1,3,480,640]"},
    {"Network has dynamic or shape inputs, but no optimization profile has been defined.", "",
     "range of sizes"},
    {"[6] Invalid Node - /roi_heads/box_roi_pool/If", "D13", "/roi_heads/box_roi_pool/If"},
    {"RuntimeError: Can't set the input tensor with index: 0, because the model input "
     "(shape=[1,3,640,640]) and the tensor (shape=(1.3.480.640)) are incompatible",
     "D03", "[1,3,640,640] and got (1.3.480.640)"},
    {"OpenVINO does not support the following ONNX operations: org.openvinotoolkit.Foo", "D13",
     "org.openvinotoolkit.Foo"},
    {"Unknown Layer Type ROIAlign", "D13", "RoiAlign"},
    {"what():  get_shape was called on a descriptor::Tensor with dynamic shape", "D13",
     "data-dependent"},
    {"(-2:Unspecified error) Can't create layer \"onnx_node!NonMaxSuppression_683\" of type "
     "\"NonMaxSuppression\" in function 'cv::dnn::dnn4_v20221220::Net::Impl::getLayerInstance'",
     "D13", "no NonMaxSuppression"},
    {"reshape_layer.cpp:125: error: (-5:Bad argument) Copy dim[3] (which has zero size) is out of "
     "the source shape bounds in function 'computeShapeByReshapeMask'",
     "D13", "fixed shapes"},
    {"> Node [Concat@ai.onnx]:(onnx_node!/fpn/Concat) parse error: OpenCV(4.10.0-dev) "
     "onnx_importer.cpp",
     "D13", "Concat 'onnx_node!/fpn/Concat'"},
    {"net_impl.cpp:1087: error: (-215:Assertion failed) in function 'getLayerShapesRecursively'",
     "D13", "depend on the image"},
    {"autofill failed for model 'detector': model 'detector', tensor 'boxes': the model expects 2 "
     "dimensions (shape [-1,4]) but the model configuration specifies 3 dimensions",
     "D04", "'boxes' has the shape [-1,4]"},
    {"unexpected shape for input 'input' for model 'd'. Expected [-1,3,640,640], got [1,3,480,640]",
     "D03", "[-1,3,640,640]"},
    {"torch.fx.experimental.symbolic_shapes.GuardOnDataDependentSymNode: Could not guard on "
     "data-dependent expression Eq(u0, 1) (unhinted: Eq(u0, 1)).  (Size-like symbols: none)",
     "", "dynamo=True"},
    {"torch.onnx._internal.exporter._errors.TorchExportError: Failed to export the model with "
     "torch.export. This is step 1/2 of exporting the model to ONNX.",
     "", "refuses torchvision's detectors"},
    {"RuntimeError: Exporting the operator round to ONNX opset version 9 is not supported. Support "
     "for this operator was added in version 11, try exporting with this version.",
     "", "round does not exist in opset 9"},
    {"Exporting the operator prim::type to ONNX opset version 16 is not supported.", "",
     "prim::type"},
    {"torch.onnx.errors.UnsupportedOperatorError: Exporting the operator "
     "'aten::_upsample_bilinear2d_aa' to ONNX opset version 17 is not supported.",
     "", "antialias"},
    {"TracerWarning: Converting a tensor to a Python boolean might cause the trace to be "
     "incorrect.",
     "D01", "frozen"},
    {"TracerWarning: Iterating over a tensor might cause the trace to be incorrect.", "D04",
     "unrolled"},
    {"TracerWarning: torch.tensor results are registered as constants in the trace.", "D03",
     "constant"},
    {"UserWarning: ONNX export mode is set to TrainingMode.EVAL, but operator 'batch_norm' is set "
     "to train=True.",
     "", "training mode"},
    {"ValueError: In training mode, targets should be passed", "", "training mode"},
    {"ROIAlign: roi_align with aligned=True is only supported in opset >= 16", "D10", "half-pixel"},
    {"ModuleNotFoundError: No module named 'onnxscript'", "", "another package"},
    {"ValueError: Message onnx.ModelProto exceeds maximum protobuf size of 2GB: 2579612345", "D15",
     "2579612345 bytes"},
    {"Nodes in a graph must be topologically sorted, however input 'x' of node: name: Add", "D15",
     "value x"},
    {"UserWarning: the float32 number 1e-09 will be truncated to 1e-07", "D07", "becomes 1e-07"},
    {"(op_type:Concat, node name: Concat_5): [ShapeInferenceError] All inputs to Concat must have "
     "same rank",
     "D08", "Concat Concat_5"},
    {"Could not infer shape of node Resize_12", "D08", "shape of node Resize_12"},
};

TEST(Log, ExplainsRealMessages) {
  for (const Message& message : kMessages) {
    const std::vector<LogExplanation> found = explain_log(message.text);
    if (std::string_view(message.cause).empty()) {
      // Shapes that say nothing exact are explained as what they most likely are.
      ASSERT_EQ(found.size(), 1U) << message.text;
      EXPECT_EQ(found[0].code.name(), "D03");
      EXPECT_THAT(found[0].cause, HasSubstr("does not fit into"));
      continue;
    }
    ASSERT_FALSE(found.empty()) << message.text;
    EXPECT_EQ(found[0].code.name(), message.code) << message.text << "\n" << found[0].cause;
    EXPECT_THAT(found[0].cause, HasSubstr(message.cause)) << message.text;
  }
}

/// A line of log_messages.tsv.
struct ReportedLine {
  std::string text;
  std::string code;
  std::string cause;
};

std::vector<ReportedLine> reported_lines() {
  std::ifstream file(TV2ONNX_SOURCE_DIR "/tests/doctor/log_messages.tsv");
  std::vector<ReportedLine> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t second = line.rfind('\t');
    const std::size_t first = line.rfind('\t', second - 1);
    lines.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1),
                     line.substr(second + 1)});
  }
  return lines;
}

TEST(Log, ExplainsWhatPeoplePaste) {
  const std::vector<ReportedLine> lines = reported_lines();
  EXPECT_GT(lines.size(), 116U);
  for (const ReportedLine& line : lines) {
    const std::vector<LogExplanation> found = explain_log(line.text);
    ASSERT_FALSE(found.empty()) << line.text;
    EXPECT_EQ(found[0].code.name(), line.code == "-" ? "" : line.code) << line.text;
    EXPECT_THAT(found[0].cause, HasSubstr(line.cause)) << line.text;
    EXPECT_THAT(found[0].cause + found[0].remedy, ::testing::Not(HasSubstr("{1}"))) << line.text;
  }
}

TEST(Log, EveryRowHasAMessage) {
  std::string all;
  for (const ReportedLine& line : reported_lines()) all += line.text + "\n";
  for (const Message& message : kMessages) all += std::string(message.text) + "\n";
  for (const doctor::LogTable& table : doctor::log_tables()) {
    for (const doctor::LogPattern& row : table.patterns) {
      const std::size_t at = all.find(row.needle);
      EXPECT_NE(at, std::string::npos) << table.speaker << ": " << row.needle;
    }
  }
}

/// Every "tv2onnx COMMAND ... --option" of a remedy is one of this program.
TEST(Log, RemediesAreCommandsOfThisProgram) {
  std::map<std::string, std::string> help;
  const std::regex command(R"(tv2onnx ([a-z]+)((?: [^\s;,:()]+)*))");
  const std::regex option(R"(--[a-z-]+)");
  for (const doctor::LogTable& table : doctor::log_tables()) {
    for (const doctor::LogPattern& row : table.patterns) {
      const std::string remedy(row.remedy);
      for (std::sregex_iterator at(remedy.begin(), remedy.end(), command), end; at != end; ++at) {
        const std::string name = (*at)[1];
        const std::string arguments = (*at)[2];
        if (arguments.find(".pth") == std::string::npos &&
            arguments.find(".onnx") == std::string::npos) {
          continue;  // words, not a command line
        }
        if (!help.contains(name)) {
          const auto shown = run_tool(name + " --help");
          EXPECT_EQ(shown.exit_code, 0) << remedy;
          help[name] = shown.out;
        }
        for (std::sregex_iterator one(arguments.begin(), arguments.end(), option); one != end;
             ++one) {
          EXPECT_THAT(help[name], HasSubstr(one->str())) << remedy;
        }
      }
    }
  }
}

TEST(Log, EveryRowIsTestedAndComplete) {
  std::set<std::string> seen;
  for (const Message& message : kMessages) {
    for (const LogExplanation& found : explain_log(message.text)) {
      seen.insert(found.speaker + found.source + std::string(found.code.name()));
    }
  }
  std::size_t rows = 0;
  for (const doctor::LogTable& table : doctor::log_tables()) {
    for (const doctor::LogPattern& row : table.patterns) {
      ++rows;
      EXPECT_FALSE(row.needle.empty());
      EXPECT_FALSE(row.cause.empty()) << row.needle;
      EXPECT_FALSE(row.remedy.empty()) << row.needle;
      EXPECT_THAT(std::string(row.source), StartsWith("https://")) << row.needle;
    }
  }
  EXPECT_GT(rows, 80U);
  EXPECT_GT(seen.size(), 45U);
}

TEST(Log, ShowsTheMostTellingLineFirstAndNothingTwice) {
  const std::string log =
      "[W] Your ONNX model has been generated with INT64 weights, while TensorRT ...\n"
      "[E] While parsing node number 1826 [Reshape -> \"rel_codes.3\"]:\n"
      "[E] Error[4]: (reshape wildcard -1 has ... Reshaping [0,364] to [0,-1].)\n"
      "[W] Your ONNX model has been generated with INT64 weights, while TensorRT ...\n";
  const std::vector<LogExplanation> found = explain_log(log);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].code.name(), "D02");
  EXPECT_EQ(found[0].line, 3U);
  EXPECT_THAT(found[1].cause, HasSubstr("of type Reshape"));
  EXPECT_TRUE(found[2].harmless);
  EXPECT_EQ(found[2].line, 1U);
}

TEST(Log, SurvivesStrangeLogs) {
  EXPECT_TRUE(explain_log("").empty());
  EXPECT_TRUE(explain_log("\n\n\r\n").empty());
  const std::string digits(3'000'000, '9');
  EXPECT_TRUE(
      explain_log("Input shape:{" + digits + "," + digits + "}, requested shape:{-1,4}").empty());
  EXPECT_FALSE(explain_log(digits +
                           "Cannot split using values in 'split' Input shape={2,3} "
                           "NumOutputs=1" +
                           digits)
                   .empty());
  std::string binary(100'000, '\0');
  for (std::size_t k = 0; k < binary.size(); ++k) binary[k] = static_cast<char>(k * 7919 >> 3);
  explain_log(binary);
}

/// What ONNX Runtime says to a graph, explained.
LogExplanation explained(const Graph& graph, const std::vector<Tensor>& inputs) {
  const Session session = session_of(graph);
  const std::string message = message_of([&] { session.run(inputs); });
  const std::vector<LogExplanation> found = explain_log(message);
  LogExplanation unknown;
  unknown.cause = message;
  return found.empty() ? unknown : found[0];
}

TEST(Log, ExplainsWhatTheInstalledRuntimeSays) {
  {
    Graph graph(17);
    const Value x = graph.add_input("x", DType::kFloat32, {Dim("n"), Dim(7)});
    graph.add_output(reshape(x, {-1, 4}), "y", {Dim("m"), Dim(4)});
    const LogExplanation found =
        explained(graph, {make_tensor({14, 7}, std::vector<float>(98, 0.0F))});
    EXPECT_EQ(found.code.name(), "D01") << found.cause;
    EXPECT_THAT(found.cause, HasSubstr("(2 classes"));
  }
  {
    Graph graph(17);
    const Value x = graph.add_input("x", DType::kFloat32, {Dim("n"), Dim(3), Dim(4), Dim(4)});
    graph.add_output(relu(x), "y", {Dim("n"), Dim(3), Dim(4), Dim(4)});
    const LogExplanation size =
        explained(graph, {make_tensor({1, 3, 5, 4}, std::vector<float>(60, 0.0F))});
    EXPECT_EQ(size.code.name(), "D03") << size.cause;
    const LogExplanation layout =
        explained(graph, {make_tensor({1, 4, 4, 3}, std::vector<float>(48, 0.0F))});
    EXPECT_EQ(layout.code.name(), "D11") << layout.cause;
    const LogExplanation rank =
        explained(graph, {make_tensor({3, 4, 4}, std::vector<float>(48, 0.0F))});
    EXPECT_EQ(rank.code.name(), "D11") << rank.cause;
  }
}

TEST(Log, AnswersOnTheCommandLine) {
  const auto text = run_tool("doctor --log \"Input shape:{14,7}, requested shape:{-1,4}\"");
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, StartsWith("D01  ONNX Runtime: "));
  EXPECT_THAT(text.out, HasSubstr("--fix"));

  const testing::TemporaryFolder folder;
  const std::string file = (folder / "a.log").string();
  testing::write_file(file,
                      "ok\nINFO\nNetwork has dynamic or shape inputs, but no optimization "
                      "profile has been defined.\n");
  const auto json = run_tool("doctor --json --log " + file);
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_THAT(json.out, HasSubstr("\"line\": 3"));
  EXPECT_THAT(json.out, HasSubstr("\"speaker\": \"TensorRT\""));

  const auto unknown = run_tool("doctor --log 'all is well'");
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.out, HasSubstr("tv2onnx doctor MODEL.onnx"));
  EXPECT_EQ(run_tool("doctor --log nowhere.log").exit_code, 3);
  EXPECT_EQ(run_tool("doctor").exit_code, 2);
  EXPECT_EQ(run_tool("doctor a.onnx --log 'x y'").exit_code, 2);
}

}  // namespace
}  // namespace tv2onnx
