// What the page says, in two languages.

const TEXTS = {
  en: {
    model: "Model", choose: "Choose an image", camera: "Camera", drop: "or drop one here",
    score: "Score from", classes: "Classes", running: "Running ...", loading: "Loading the model ...",
    ready: "Ready.", done: (count, ms) => `${count} found in ${ms} ms.`,
    server: "Images are sent to this server only.",
    browser: "Everything runs in this browser: no image leaves it.",
    noCamera: "The camera cannot be used: ", failed: "Failed: ", picture: "Image with what was found",
    unsupported: "This page shows models of single images only.",
    transparent: "this browser cannot give the colours of a transparent image of this size.",
  },
  zh: {
    model: "模型", choose: "选择图片", camera: "摄像头", drop: "或把图片拖到这里",
    score: "最低得分", classes: "类别", running: "正在运行……", loading: "正在加载模型……",
    ready: "就绪。", done: (count, ms) => `找到 ${count} 个，用时 ${ms} 毫秒。`,
    server: "图片只发送到本服务器。", browser: "全部在浏览器中运行，图片不会离开本机。",
    noCamera: "无法使用摄像头：", failed: "失败：", picture: "标出结果的图片",
    unsupported: "本页面只支持输入单张图片的模型。",
    transparent: "此浏览器无法读取这种大小的透明图片的颜色。",
  },
};

let language = navigator.language.startsWith("zh") ? "zh" : "en";

export const text = (key) => TEXTS[language][key];

export function applyTexts() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  const button = document.getElementById("language");
  button.textContent = language === "zh" ? "English" : "中文";
  button.lang = language === "zh" ? "en" : "zh";
}

export function otherLanguage() {
  language = language === "zh" ? "en" : "zh";
  applyTexts();
}
