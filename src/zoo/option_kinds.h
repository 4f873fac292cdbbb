#pragma once
// What options of models take. A new kind is one row here and, if no checker fits, one function.

#include "tv2onnx/zoo.h"

namespace tv2onnx::kinds {

bool is_count(const Setting& value);
bool is_samples(const Setting& value);
bool is_size(const Setting& value);
bool is_probability(const Setting& value);
bool is_non_negative(const Setting& value);
bool is_per_channel(const Setting& value);
bool is_positive_per_channel(const Setting& value);
bool is_mean_and_std_or_none(const Setting& value);
bool is_positives(const Setting& value);
bool is_four_positives(const Setting& value);
bool is_positives_or_none(const Setting& value);
bool is_lists_of_positives(const Setting& value);
bool is_lists_some_empty(const Setting& value);
bool is_flag(const Setting& value);
bool is_three_flags(const Setting& value);
bool is_counts(const Setting& value);
bool is_names(const Setting& value);
bool is_names_or_none(const Setting& value);
bool is_two_counts_or_none(const Setting& value);
bool is_one_or_two_counts(const Setting& value);
bool is_one_or_two_counts_or_none(const Setting& value);
bool is_interpolation(const Setting& value);

inline constexpr OptionKind kCount{is_count, "an integer of at least 1"};
inline constexpr OptionKind kSamples{is_samples, "an integer of at least -1"};
/// A list counts by its last entry, as torchvision does in eval mode.
inline constexpr OptionKind kSize{is_size, "a number above 0"};
inline constexpr OptionKind kProbability{is_probability, "0 to 1"};
inline constexpr OptionKind kNonNegative{is_non_negative, "a number of at least 0"};
inline constexpr OptionKind kPerChannel{
    is_per_channel, "a number, or one for each channel, such as 0.485,0.456,0.406"};
inline constexpr OptionKind kPositivePerChannel{
    is_positive_per_channel,
    "a number above 0, or one for each channel, such as 0.229,0.224,0.225"};
inline constexpr OptionKind kMeanAndStdOrNone{
    is_mean_and_std_or_none,
    "None, or mean and deviation (above 0), each a number or one for each channel, such as "
    "[[0.485,0.456,0.406],[0.229,0.224,0.225]]"};
inline constexpr OptionKind kPositives{is_positives,
                                       "a list of numbers above 0, such as 0.229,0.224,0.225"};
inline constexpr OptionKind kFourPositives{is_four_positives,
                                           "four numbers above 0, such as 10,10,5,5"};
inline constexpr OptionKind kPositivesOrNone{is_positives_or_none,
                                             "None, or a list of numbers above 0, such as 8,16,32"};
inline constexpr OptionKind kListsOfPositives{
    is_lists_of_positives,
    "a list of numbers above 0 for each feature map, such as [[32,64],[128],[256]]"};
inline constexpr OptionKind kListsSomeEmpty{
    is_lists_some_empty, "a list of numbers above 0 for each feature map, such as [[2],[2,3],[]]"};
inline constexpr OptionKind kFlag{is_flag, "true or false"};
inline constexpr OptionKind kThreeFlags{is_three_flags,
                                        "three of true or false, such as false,true,true"};
inline constexpr OptionKind kCounts{is_counts,
                                    "a list of integers of at least 1, such as 12,24,36"};
inline constexpr OptionKind kNames{is_names, "a list of names, such as 0,1", /*names=*/true};
inline constexpr OptionKind kNamesOrNone{is_names_or_none, "None, or a list of names",
                                         /*names=*/true};
inline constexpr OptionKind kSizeOrNone{is_two_counts_or_none,
                                        "None, or width and height, such as 640,480"};
inline constexpr OptionKind kHeightAndWidthOrNone{is_two_counts_or_none,
                                                  "None, or height and width, such as 224,224"};
inline constexpr OptionKind kOneOrTwoCountsOrNone{
    is_one_or_two_counts_or_none, "None, an integer of at least 1, or height and width"};
inline constexpr OptionKind kInterpolation{is_interpolation, "bilinear or bicubic",
                                           /*names=*/false, /*text=*/true};
inline constexpr OptionKind kOneOrTwoCounts{is_one_or_two_counts,
                                            "an integer of at least 1, or height and width"};

}  // namespace tv2onnx::kinds
