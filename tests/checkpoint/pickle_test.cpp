#include "checkpoint/pickle.h"

#include "base/byte_reader.h"
#include "checkpoint/files.h"
#include "checkpoint/pickle_text.h"
#include "checkpoint/plain.h"

namespace tv2onnx {
namespace {

using namespace std::string_literals;

/// What a pickle holds, as JSON.
std::string json_of(const std::string& pickle) {
  const PickleResult result = read_pickle(as_bytes(pickle), 0, PickleLimits::for_file(1000));
  Budget budget(pickle.size());
  return to_json(to_setting(result.tree, result.tree.root, budget));
}

struct Case {
  std::string pickle;
  const char* json;
};

// Written by pickle.dumps(value, protocol) of Python 3.
const Case kCases[] = {
    {"I1\n.", "1"},
    {"I01\n.", "true"},
    {"I00\n.", "false"},
    {"L12345678901L\n.", "12345678901"},
    {"F-2.5\n.", "-2.5"},
    {"(lp0\nI1\naVcaf\xe9\np1\na.", "[1,\"caf\xc3\xa9\"]"},
    {"(dp0\nVa\np1\nNs.", "{\"a\":null}"},
    {"V\\u4f60\\\\u0041\n.", "\"\xe4\xbd\xa0\\\\A\""},
    {"S'it\\'s\\n'\np0\n.", "\"it's\\n\""},
    {"\x80\x02K\xff.", "255"},
    {"\x80\x02M\xff\xff.", "65535"},
    {"\x80\x02J\xff\xff\xff\xff.", "-1"},
    {"\x80\x02\x8a\x05\x00\x00\x00\x00\x80."s, "-549755813888"},
    {"\x80\x02\x8a\x00."s, "0"},
    {"\x80\x02G?\xe0\x00\x00\x00\x00\x00\x00."s, "0.5"},
    {"\x80\x02K\x01\x88N\x87q\x00."s, "[1,true,null]"},
    {"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8f\x94(K\x01K\x02\x90."s, "[1,2]"},
    {"\x80\x04\x8c\x01x\x94h\x00\x86\x94."s, "[\"x\",\"x\"]"},
    {"\x80\x03"
     "C\x03"
     "abc.",
     "\"<3 bytes>\""},
    {"\x80\x02K\x07K\x08"
     "0.",
     "7"},
    {"\x80\x02K\x07(K\x08K\x09"
     "1.",
     "7"},
    {"\x80\x02"
     "ccollections\nOrderedDict\n)R(U\x01"
     "aK\x01u.",
     "{\"a\":1}"},
    {"ccollections\nOrderedDict\n((lp1\n(lp2\nS'a'\naI5\naatR.", "{\"a\":5}"},
    {"\x80\x02"
     "c__builtin__\nset\n](K\x01K\x02"
     "e\x85R.",
     "[1,2]"},
    {"\x80\x02"
     "ctorch\nSize\n(K\x01K\x02t\x85R.",
     "[1,2]"},
    {"\x80\x02"
     "ctorch\nfloat32\n.",
     "\"torch.float32\""},
    {"\x80\x02"
     "ccopy_reg\n_reconstructor\ncm\nA\nc__builtin__\nobject\nN\x87R}U\x01xK\x03sb.",
     "{\"__class__\":\"m.A\",\"x\":3}"},
    {"(im\nA\n(dS'x'\nI3\nsb.", "{\"__class__\":\"m.A\",\"x\":3}"},
};

TEST(Pickle, ReadsValuesOfEveryProtocol) {
  for (const Case& one : kCases) EXPECT_EQ(json_of(one.pickle), one.json) << one.pickle;
}

TEST(Pickle, SaysWhereItBreaks) {
  try {
    json_of("\x80\x02(K\x01K\x02\xff.");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code().name(), "P003");
    EXPECT_EQ(error.parts().where.offset, 7U);
  }
}

TEST(Pickle, LengthIsThatOfTheFirstPickle) {
  const std::string two = "\x80\x02K\x01.\x80\x02K\x02.";
  const PickleResult first = read_pickle(as_bytes(two), 0, PickleLimits::for_file(1000));
  EXPECT_EQ(first.bytes, 5U);
}

TEST(Pickle, GlobalsAreCountedAndNeverRun) {
  const std::string pickle =
      "\x80\x02"
      "cmy.models\nNet\n)\x81q\x01"
      "cmy.models\nNet\n)\x81\x86.";
  const PickleResult result = read_pickle(as_bytes(pickle), 0, PickleLimits::for_file(1000));
  ASSERT_EQ(result.tree.globals().size(), 1U);
  EXPECT_EQ(result.tree.globals()[0].full(), "my.models.Net");
  EXPECT_EQ(result.tree.globals()[0].called, 2U);
  EXPECT_EQ(result.tree.globals()[0].offset, 2U);
}

TEST(PickleText, LiteralsThatPythonRefuses) {
  for (const char* bad : {"", "'", "abc", "'abc", "'a\"", "'\\'", "'\\x4'", "'\\q'"}) {
    EXPECT_EQ(unquote(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(decode_raw_unicode("\\u12"), std::nullopt);
  EXPECT_EQ(decode_raw_unicode("\\U00110000"), std::nullopt);
  EXPECT_EQ(decode_raw_unicode("\\U0001f600"), "\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace tv2onnx
