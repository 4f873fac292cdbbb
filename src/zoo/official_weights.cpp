#include "zoo/official_weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "zoo/photo_input.h"

namespace tv2onnx {
namespace {

/// Of a classifier, of 1000 classes.
constexpr OfficialWeights bilinear(std::string_view arch, std::string_view name,
                                   std::string_view hash, std::int64_t parameters, PhotoSize photo,
                                   std::string_view stem = {}) {
  OfficialWeights weights{arch, name, hash, parameters};
  weights.photo = photo;
  weights.stem = stem;
  return weights;
}
constexpr OfficialWeights bicubic(std::string_view arch, std::string_view name,
                                  std::string_view hash, std::int64_t parameters, PhotoSize photo,
                                  std::string_view stem = {}) {
  photo.bicubic = true;
  return bilinear(arch, name, hash, parameters, photo, stem);
}
constexpr OfficialWeights with_flag(std::string_view flag, bool value, OfficialWeights weights) {
  weights.flag = flag;
  weights.flag_value = value;
  return weights;
}

constexpr const char* kKinetics = "KINETICS400_V1";
constexpr const char* kVoc = "COCO_WITH_VOC_LABELS_V1";

/// Files of EfficientNet were uploaded twice, for another way to check them: the same weights.
constexpr auto kWeights = std::to_array<OfficialWeights>({
    {"fasterrcnn_resnet50_fpn", "COCO_V1", "258fb6c6", 41'755'286, true},
    {"fasterrcnn_resnet50_fpn_v2", "COCO_V1", "dd69338a", 43'712'278},
    {"fasterrcnn_mobilenet_v3_large_fpn", "COCO_V1", "fb6a3cc7", 19'386'354},
    {"fasterrcnn_mobilenet_v3_large_320_fpn", "COCO_V1", "907ea3f9", 19'386'354},
    {"maskrcnn_resnet50_fpn", "COCO_V1", "bf2d0c1e", 44'401'393, true},
    {"maskrcnn_resnet50_fpn_v2", "COCO_V1", "73cbd019", 46'359'409},
    {"keypointrcnn_resnet50_fpn", "COCO_LEGACY", "9f466800", 59'137'258},
    {"keypointrcnn_resnet50_fpn", "COCO_V1", "fc266e95", 59'137'258, true},
    {"retinanet_resnet50_fpn", "COCO_V1", "eeacb38b", 34'014'999, true},
    {"retinanet_resnet50_fpn_v2", "COCO_V1", "5905b1c5", 38'198'935},
    {"fcos_resnet50_fpn", "COCO_V1", "99b0c9b7", 32'269'600},
    {"ssd300_vgg16", "COCO_V1", "b556d3b4", 35'641'826},
    {"ssdlite320_mobilenet_v3_large", "COCO_V1", "a79551df", 3'440'060},
    bilinear("alexnet", "IMAGENET1K_V1", "7be5be79", 61'100'840, {256, 224}, "alexnet-owt"),
    bilinear("vgg11", "IMAGENET1K_V1", "8a719046", 132'863'336, {256, 224}),
    bilinear("vgg11_bn", "IMAGENET1K_V1", "6002323d", 132'868'840, {256, 224}),
    bilinear("vgg13", "IMAGENET1K_V1", "19584684", 133'047'848, {256, 224}),
    bilinear("vgg13_bn", "IMAGENET1K_V1", "abd245e5", 133'053'736, {256, 224}),
    bilinear("vgg16", "IMAGENET1K_V1", "397923af", 138'357'544, {256, 224}),
    bilinear("vgg16_bn", "IMAGENET1K_V1", "6c64b313", 138'365'992, {256, 224}),
    bilinear("vgg19", "IMAGENET1K_V1", "dcbb9e9d", 143'667'240, {256, 224}),
    bilinear("vgg19_bn", "IMAGENET1K_V1", "c79401a0", 143'678'248, {256, 224}),
    bilinear("resnet18", "IMAGENET1K_V1", "f37072fd", 11'689'512, {256, 224}),
    bilinear("resnet34", "IMAGENET1K_V1", "b627a593", 21'797'672, {256, 224}),
    bilinear("resnet50", "IMAGENET1K_V1", "0676ba61", 25'557'032, {256, 224}),
    bilinear("resnet50", "IMAGENET1K_V2", "11ad3fa6", 25'557'032, {232, 224}),
    bilinear("resnet101", "IMAGENET1K_V1", "63fe2227", 44'549'160, {256, 224}),
    bilinear("resnet101", "IMAGENET1K_V2", "cd907fc2", 44'549'160, {232, 224}),
    bilinear("resnet152", "IMAGENET1K_V1", "394f9c45", 60'192'808, {256, 224}),
    bilinear("resnet152", "IMAGENET1K_V2", "f82ba261", 60'192'808, {232, 224}),
    bilinear("resnext50_32x4d", "IMAGENET1K_V1", "7cdf4587", 25'028'904, {256, 224}),
    bilinear("resnext50_32x4d", "IMAGENET1K_V2", "1a0047aa", 25'028'904, {232, 224}),
    bilinear("resnext101_32x8d", "IMAGENET1K_V1", "8ba56ff5", 88'791'336, {256, 224}),
    bilinear("resnext101_32x8d", "IMAGENET1K_V2", "110c445d", 88'791'336, {232, 224}),
    bilinear("resnext101_64x4d", "IMAGENET1K_V1", "173b62eb", 83'455'272, {232, 224}),
    bilinear("wide_resnet50_2", "IMAGENET1K_V1", "95faca4d", 68'883'240, {256, 224}),
    bilinear("wide_resnet50_2", "IMAGENET1K_V2", "9ba9bcbe", 68'883'240, {232, 224}),
    bilinear("wide_resnet101_2", "IMAGENET1K_V1", "32ee1156", 126'886'696, {256, 224}),
    bilinear("wide_resnet101_2", "IMAGENET1K_V2", "d733dc28", 126'886'696, {232, 224}),
    bilinear("squeezenet1_0", "IMAGENET1K_V1", "b66bff10", 1'248'424, {256, 224}),
    bilinear("squeezenet1_1", "IMAGENET1K_V1", "b8a52dc0", 1'235'496, {256, 224}),
    bilinear("densenet121", "IMAGENET1K_V1", "a639ec97", 7'978'856, {256, 224}),
    bilinear("densenet161", "IMAGENET1K_V1", "8d451a50", 28'681'000, {256, 224}),
    bilinear("densenet169", "IMAGENET1K_V1", "b2777c0a", 14'149'480, {256, 224}),
    bilinear("densenet201", "IMAGENET1K_V1", "c1103571", 20'013'928, {256, 224}),
    with_flag("transform_input", true,
              bilinear("inception_v3", "IMAGENET1K_V1", "0cc3c7bd", 27'161'264, {342, 299},
                       "inception_v3_google")),
    with_flag("transform_input", true,
              bilinear("googlenet", "IMAGENET1K_V1", "1378be20", 6'624'904, {256, 224})),
    with_flag("quantizable", false,
              bilinear("mobilenet_v2", "IMAGENET1K_V1", "b0353104", 3'504'872, {256, 224})),
    with_flag("quantizable", false,
              bilinear("mobilenet_v2", "IMAGENET1K_V2", "7ebf99e0", 3'504'872, {232, 224})),
    bilinear("shufflenet_v2_x0_5", "IMAGENET1K_V1", "f707e7126e", 1'366'792, {256, 224},
             "shufflenetv2_x0.5"),
    bilinear("shufflenet_v2_x1_0", "IMAGENET1K_V1", "5666bf0f80", 2'278'604, {256, 224},
             "shufflenetv2_x1"),
    bilinear("shufflenet_v2_x1_5", "IMAGENET1K_V1", "3c479a10", 3'503'624, {232, 224},
             "shufflenetv2_x1_5"),
    bilinear("shufflenet_v2_x2_0", "IMAGENET1K_V1", "8be3c8ee", 7'393'996, {232, 224},
             "shufflenetv2_x2_0"),
    bilinear("mnasnet0_5", "IMAGENET1K_V1", "3ffadce67e", 2'218'512, {256, 224},
             "mnasnet0.5_top1_67.823"),
    bilinear("mnasnet0_75", "IMAGENET1K_V1", "7090bc5f", 3'170'208, {232, 224}),
    bilinear("mnasnet1_0", "IMAGENET1K_V1", "f206786ef8", 4'383'312, {256, 224},
             "mnasnet1.0_top1_73.512"),
    bilinear("mnasnet1_3", "IMAGENET1K_V1", "a4c69d6f", 6'282'256, {232, 224}),
    bilinear("mobilenet_v3_large", "IMAGENET1K_V1", "8738ca79", 5'483'032, {256, 224}),
    bilinear("mobilenet_v3_large", "IMAGENET1K_V2", "5c1a4163", 5'483'032, {232, 224}),
    bilinear("mobilenet_v3_small", "IMAGENET1K_V1", "047dcff4", 2'542'856, {256, 224}),
    bicubic("efficientnet_b0", "IMAGENET1K_V1", "7f5810bc", 5'288'548, {256, 224},
            "efficientnet_b0_rwightman"),
    bicubic("efficientnet_b0", "IMAGENET1K_V1", "3dd342df", 5'288'548, {256, 224},
            "efficientnet_b0_rwightman"),
    bicubic("efficientnet_b1", "IMAGENET1K_V1", "bac287d4", 7'794'184, {256, 240},
            "efficientnet_b1_rwightman"),
    bicubic("efficientnet_b1", "IMAGENET1K_V1", "533bc792", 7'794'184, {256, 240},
            "efficientnet_b1_rwightman"),
    bilinear("efficientnet_b1", "IMAGENET1K_V2", "c27df63c", 7'794'184, {255, 240}),
    bicubic("efficientnet_b2", "IMAGENET1K_V1", "c35c1473", 9'109'994, {288, 288},
            "efficientnet_b2_rwightman"),
    bicubic("efficientnet_b2", "IMAGENET1K_V1", "bcdf34b7", 9'109'994, {288, 288},
            "efficientnet_b2_rwightman"),
    bicubic("efficientnet_b3", "IMAGENET1K_V1", "b3899882", 12'233'232, {320, 300},
            "efficientnet_b3_rwightman"),
    bicubic("efficientnet_b3", "IMAGENET1K_V1", "cf984f9c", 12'233'232, {320, 300},
            "efficientnet_b3_rwightman"),
    bicubic("efficientnet_b4", "IMAGENET1K_V1", "23ab8bcd", 19'341'616, {384, 380},
            "efficientnet_b4_rwightman"),
    bicubic("efficientnet_b4", "IMAGENET1K_V1", "7eb33cd5", 19'341'616, {384, 380},
            "efficientnet_b4_rwightman"),
    bicubic("efficientnet_b5", "IMAGENET1K_V1", "1a07897c", 30'389'784, {456, 456},
            "efficientnet_b5_lukemelas"),
    bicubic("efficientnet_b5", "IMAGENET1K_V1", "b6417697", 30'389'784, {456, 456},
            "efficientnet_b5_lukemelas"),
    bicubic("efficientnet_b6", "IMAGENET1K_V1", "24a108a5", 43'040'704, {528, 528},
            "efficientnet_b6_lukemelas"),
    bicubic("efficientnet_b6", "IMAGENET1K_V1", "c76e70fd", 43'040'704, {528, 528},
            "efficientnet_b6_lukemelas"),
    bicubic("efficientnet_b7", "IMAGENET1K_V1", "c5b4e57e", 66'347'960, {600, 600},
            "efficientnet_b7_lukemelas"),
    bicubic("efficientnet_b7", "IMAGENET1K_V1", "dcc49843", 66'347'960, {600, 600},
            "efficientnet_b7_lukemelas"),
    bilinear("efficientnet_v2_s", "IMAGENET1K_V1", "dd5fe13b", 21'458'488, {384, 384}),
    bilinear("efficientnet_v2_m", "IMAGENET1K_V1", "dc08266a", 54'139'356, {480, 480}),
    bicubic("efficientnet_v2_l", "IMAGENET1K_V1", "59c71312", 118'515'272, {480, 480}),
    bilinear("regnet_y_400mf", "IMAGENET1K_V1", "c65dace8", 4'344'144, {256, 224}),
    bilinear("regnet_y_400mf", "IMAGENET1K_V2", "e6988f5f", 4'344'144, {232, 224}),
    bilinear("regnet_y_800mf", "IMAGENET1K_V1", "1b27b58c", 6'432'512, {256, 224}),
    bilinear("regnet_y_800mf", "IMAGENET1K_V2", "58fc7688", 6'432'512, {232, 224}),
    bilinear("regnet_y_1_6gf", "IMAGENET1K_V1", "b11a554e", 11'202'430, {256, 224}),
    bilinear("regnet_y_1_6gf", "IMAGENET1K_V2", "0d7bc02a", 11'202'430, {232, 224}),
    bilinear("regnet_y_3_2gf", "IMAGENET1K_V1", "b5a9779c", 19'436'338, {256, 224}),
    bilinear("regnet_y_3_2gf", "IMAGENET1K_V2", "9180c971", 19'436'338, {232, 224}),
    bilinear("regnet_y_8gf", "IMAGENET1K_V1", "d0d0e4a8", 39'381'472, {256, 224}),
    bilinear("regnet_y_8gf", "IMAGENET1K_V2", "dc2b1b54", 39'381'472, {232, 224}),
    bilinear("regnet_y_16gf", "IMAGENET1K_V1", "9e6ed7dd", 83'590'140, {256, 224}),
    bicubic("regnet_y_16gf", "IMAGENET1K_SWAG_E2E_V1", "43afe44d", 83'590'140, {384, 384},
            "regnet_y_16gf_swag"),
    bicubic("regnet_y_16gf", "IMAGENET1K_SWAG_LINEAR_V1", "f3ec0043", 83'590'140, {224, 224},
            "regnet_y_16gf_lc_swag"),
    bilinear("regnet_y_16gf", "IMAGENET1K_V2", "3e4a00f9", 83'590'140, {232, 224}),
    bilinear("regnet_y_32gf", "IMAGENET1K_V1", "4dee3f7a", 145'046'770, {256, 224}),
    bicubic("regnet_y_32gf", "IMAGENET1K_SWAG_E2E_V1", "04fdfa75", 145'046'770, {384, 384},
            "regnet_y_32gf_swag"),
    bicubic("regnet_y_32gf", "IMAGENET1K_SWAG_LINEAR_V1", "e1583746", 145'046'770, {224, 224},
            "regnet_y_32gf_lc_swag"),
    bilinear("regnet_y_32gf", "IMAGENET1K_V2", "8db6d4b5", 145'046'770, {232, 224}),
    bicubic("regnet_y_128gf", "IMAGENET1K_SWAG_LINEAR_V1", "cbe8ce12", 644'812'894, {224, 224},
            "regnet_y_128gf_lc_swag"),
    bicubic("regnet_y_128gf", "IMAGENET1K_SWAG_E2E_V1", "c8ce3e52", 644'812'894, {384, 384},
            "regnet_y_128gf_swag"),
    bilinear("regnet_x_400mf", "IMAGENET1K_V1", "adf1edd5", 5'495'976, {256, 224}),
    bilinear("regnet_x_400mf", "IMAGENET1K_V2", "62229a5f", 5'495'976, {232, 224}),
    bilinear("regnet_x_800mf", "IMAGENET1K_V1", "ad17e45c", 7'259'656, {256, 224}),
    bilinear("regnet_x_800mf", "IMAGENET1K_V2", "94a99ebd", 7'259'656, {232, 224}),
    bilinear("regnet_x_1_6gf", "IMAGENET1K_V1", "e3633e7f", 9'190'136, {256, 224}),
    bilinear("regnet_x_1_6gf", "IMAGENET1K_V2", "a12f2b72", 9'190'136, {232, 224}),
    bilinear("regnet_x_3_2gf", "IMAGENET1K_V1", "f342aeae", 15'296'552, {256, 224}),
    bilinear("regnet_x_3_2gf", "IMAGENET1K_V2", "7071aa85", 15'296'552, {232, 224}),
    bilinear("regnet_x_8gf", "IMAGENET1K_V1", "03ceed89", 39'572'648, {256, 224}),
    bilinear("regnet_x_8gf", "IMAGENET1K_V2", "2b70d774", 39'572'648, {232, 224}),
    bilinear("regnet_x_16gf", "IMAGENET1K_V1", "2007eb11", 54'278'536, {256, 224}),
    bilinear("regnet_x_16gf", "IMAGENET1K_V2", "ba3796d7", 54'278'536, {232, 224}),
    bilinear("regnet_x_32gf", "IMAGENET1K_V1", "9d47f8d0", 107'811'560, {256, 224}),
    bilinear("regnet_x_32gf", "IMAGENET1K_V2", "6eb8fdc6", 107'811'560, {232, 224}),
    bilinear("convnext_tiny", "IMAGENET1K_V1", "983f1562", 28'589'128, {236, 224}),
    bilinear("convnext_small", "IMAGENET1K_V1", "0c510722", 50'223'688, {230, 224}),
    bilinear("convnext_base", "IMAGENET1K_V1", "6075fbad", 88'591'464, {232, 224}),
    bilinear("convnext_large", "IMAGENET1K_V1", "ea097f82", 197'767'336, {232, 224}),
    bicubic("swin_t", "IMAGENET1K_V1", "704ceda3", 28'288'354, {232, 224}),
    bicubic("swin_s", "IMAGENET1K_V1", "5e29d889", 49'606'258, {246, 224}),
    bicubic("swin_b", "IMAGENET1K_V1", "68c6b09e", 87'768'224, {238, 224}),
    bicubic("swin_v2_t", "IMAGENET1K_V1", "b137f0e2", 28'351'570, {260, 256}),
    bicubic("swin_v2_s", "IMAGENET1K_V1", "637d8ceb", 49'737'442, {260, 256}),
    bicubic("swin_v2_b", "IMAGENET1K_V1", "781e5279", 87'930'848, {272, 256}),
    bicubic("vit_b_16", "IMAGENET1K_SWAG_E2E_V1", "9ac1b537", 86'859'496, {384, 384}),
    bicubic("vit_b_16", "IMAGENET1K_SWAG_LINEAR_V1", "4e70ced5", 86'567'656, {224, 224}),
    bilinear("vit_b_16", "IMAGENET1K_V1", "c867db91", 86'567'656, {256, 224}),
    bilinear("vit_b_32", "IMAGENET1K_V1", "d86f8d99", 88'224'232, {256, 224}),
    bicubic("vit_l_16", "IMAGENET1K_SWAG_E2E_V1", "4f3808c9", 305'174'504, {512, 512}),
    bicubic("vit_l_16", "IMAGENET1K_SWAG_LINEAR_V1", "4d563306", 304'326'632, {224, 224}),
    bilinear("vit_l_16", "IMAGENET1K_V1", "852ce7e3", 304'326'632, {242, 224}),
    bilinear("vit_l_32", "IMAGENET1K_V1", "c7638314", 306'535'400, {256, 224}),
    bicubic("vit_h_14", "IMAGENET1K_SWAG_LINEAR_V1", "c1eb923e", 632'045'800, {224, 224}),
    bicubic("vit_h_14", "IMAGENET1K_SWAG_E2E_V1", "80465313", 633'470'440, {518, 518}),
    bicubic("maxvit_t", "IMAGENET1K_V1", "bc5ab103", 30'919'624, {224, 224}),
    bilinear("quantized_resnet18", "IMAGENET1K_FBGEMM_V1", "16fa66dd", 11'689'512, {256, 224},
             "resnet18_fbgemm"),
    bilinear("quantized_resnet50", "IMAGENET1K_FBGEMM_V1", "bf931d71", 25'557'032, {256, 224},
             "resnet50_fbgemm"),
    bilinear("quantized_resnet50", "IMAGENET1K_FBGEMM_V2", "23753f79", 25'557'032, {232, 224},
             "resnet50_fbgemm"),
    bilinear("quantized_resnext101_32x8d", "IMAGENET1K_FBGEMM_V1", "09835ccf", 88'791'336,
             {256, 224}, "resnext101_32x8_fbgemm"),
    bilinear("quantized_resnext101_32x8d", "IMAGENET1K_FBGEMM_V2", "ee16d00c", 88'791'336,
             {232, 224}, "resnext101_32x8_fbgemm"),
    bilinear("quantized_resnext101_64x4d", "IMAGENET1K_FBGEMM_V1", "605a1cb3", 83'455'272,
             {232, 224}, "resnext101_64x4d_fbgemm"),
    bilinear("quantized_shufflenet_v2_x0_5", "IMAGENET1K_FBGEMM_V1", "00845098", 1'366'792,
             {256, 224}, "shufflenetv2_x0.5_fbgemm"),
    bilinear("quantized_shufflenet_v2_x1_0", "IMAGENET1K_FBGEMM_V1", "db332c57", 2'278'604,
             {256, 224}, "shufflenetv2_x1_fbgemm"),
    bilinear("quantized_shufflenet_v2_x1_0", "IMAGENET1K_FBGEMM_V1", "1e62bb32", 2'278'604,
             {256, 224}, "shufflenetv2_x1_fbgemm"),
    bilinear("quantized_shufflenet_v2_x1_5", "IMAGENET1K_FBGEMM_V1", "d7401f05", 3'503'624,
             {232, 224}, "shufflenetv2_x1_5_fbgemm"),
    bilinear("quantized_shufflenet_v2_x2_0", "IMAGENET1K_FBGEMM_V1", "5cac526c", 7'393'996,
             {232, 224}, "shufflenetv2_x2_0_fbgemm"),
    with_flag("transform_input", true,
              bilinear("quantized_googlenet", "IMAGENET1K_FBGEMM_V1", "c00238cf", 6'624'904,
                       {256, 224}, "googlenet_fbgemm")),
    with_flag("transform_input", true,
              bilinear("quantized_googlenet", "IMAGENET1K_FBGEMM_V1", "c81f6644", 6'624'904,
                       {256, 224}, "googlenet_fbgemm")),
    with_flag("transform_input", true,
              bilinear("quantized_inception_v3", "IMAGENET1K_FBGEMM_V1", "71447a44", 27'161'264,
                       {342, 299}, "inception_v3_google_fbgemm")),
    with_flag("transform_input", true,
              bilinear("quantized_inception_v3", "IMAGENET1K_FBGEMM_V1", "a2837893", 27'161'264,
                       {342, 299}, "inception_v3_google_fbgemm")),
    bilinear("quantized_mobilenet_v3_large", "IMAGENET1K_QNNPACK_V1", "5bcacf28", 5'483'032,
             {256, 224}, "mobilenet_v3_large_qnnpack"),
    with_flag("quantizable", true,
              bilinear("quantized_mobilenet_v2", "IMAGENET1K_QNNPACK_V1", "37f702c5", 3'504'872,
                       {256, 224}, "mobilenet_v2_qnnpack")),
    {"fcn_resnet50", kVoc, "1167a1af", 35'322'218},
    {"fcn_resnet101", kVoc, "7ecb50ca", 54'314'346},
    {"deeplabv3_resnet50", kVoc, "cd0a2569", 42'004'074},
    {"deeplabv3_resnet101", kVoc, "586e9e4e", 60'996'202},
    {"deeplabv3_mobilenet_v3_large", kVoc, "fc3c493d", 11'029'328},
    {"lraspp_mobilenet_v3_large", kVoc, "d234d4ea", 3'221'538},
    {"r3d_18", kKinetics, "b3b3357e", 33'371'472},
    {"mc3_18", kKinetics, "a90a0ba3", 11'695'440},
    {"r2plus1d_18", kKinetics, "91a641e6", 31'505'325},
    {"s3d", kKinetics, "d76dad2f", 8'320'048},
    {"mvit_v1_b", kKinetics, "dbeb1030", 36'610'672},
    {"mvit_v2_s", kKinetics, "ae3be167", 34'537'744},
    {"raft_large", "C_T_V1", "22a6c225", 5'257'536},
    {"raft_large", "C_T_V2", "1bb1363a", 5'257'536},
    {"raft_large", "C_T_SKHT_V1", "0b8c9e55", 5'257'536},
    {"raft_large", "C_T_SKHT_K_V1", "4a6a5039", 5'257'536},
    {"raft_large", "C_T_SKHT_K_V2", "b5c70766", 5'257'536},
    {"raft_large", "C_T_SKHT_V2", "ff5fadd5", 5'257'536},
    {"raft_small", "C_T_V1", "ad48884c", 990'162},
    {"raft_small", "C_T_V2", "01064c6d", 990'162},
});

/// Options that are torchvision's own for its weights, although no state dict stores them.
constexpr auto kAsBuilt =
    std::to_array<std::string_view>({"replace_stride_with_dilation", "dilated", "atrous_rates"});

/// "COCO_V1" of "FasterRCNN_ResNet50_FPN_Weights.COCO_V1"
std::string_view member_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

std::span<const OfficialWeights> official_weights() {
  return kWeights;
}

const OfficialWeights& official_weights(std::string_view arch, std::string_view name) {
  const OfficialWeights* last = nullptr;
  std::vector<std::string_view> known;
  for (const OfficialWeights& row : kWeights) {
    if (row.arch != arch) continue;
    if (row.name == member_of(name)) return row;
    if (last == nullptr || last->name != row.name) known.push_back(row.name);
    last = &row;
  }
  if (last != nullptr && member_of(name) == "DEFAULT") return *last;
  throw Error({.code = "U001",
               .found = fmt::format("torchvision has no weights '{}' of {}", printable(name), arch),
               .where = {.item = "--weights"},
               .expected = known.empty() ? "" : fmt::format("{}", fmt::join(known, " or ")),
               .hint = member_of(name) == "IMAGENET1K_FEATURES"
                           ? "these are features for SSD; their classifier is not usable"
                           : ""});
}

const OfficialWeights* official_weights_in(std::string_view file) {
  const std::string_view name = file.substr(file.find_last_of("/\\") + 1);
  const auto row = std::ranges::find_if(kWeights, [&](const OfficialWeights& weights) {
    return name.starts_with(weights.stem.empty() ? weights.arch : weights.stem) &&
           name.find(weights.hash) != std::string_view::npos;
  });
  return row != kWeights.end() ? &*row : nullptr;
}

PhotoSpec photo_of(const OfficialWeights& weights) {
  return {.resize = {weights.photo.shorter_side},
          .crop = {weights.photo.crop},
          .bicubic = weights.photo.bicubic};
}

std::vector<ImpliedSetting> settings_of(const OfficialWeights& weights) {
  const std::string origin = fmt::format("official {} weights", weights.name);
  std::vector<ImpliedSetting> settings;
  if (weights.zero_eps) settings.push_back({"norm_eps", {std::int64_t{0}}, origin});
  if (!weights.flag.empty()) {
    settings.push_back({std::string(weights.flag), {weights.flag_value}, origin});
  }
  for (const Option& option : find_model(weights.arch).options) {
    if (std::ranges::find(kAsBuilt, option.name) == kAsBuilt.end()) continue;
    settings.push_back({option.name, option.standard, origin});
  }
  if (weights.photo.shorter_side == 0) return settings;
  for (const Option& option : declare_options(photo_of(weights))) {
    const bool normalises = option.name == "mean" || option.name == "std";
    if (!normalises) settings.push_back({option.name, option.standard, origin});
  }
  return settings;
}

}  // namespace tv2onnx
