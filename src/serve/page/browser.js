// The model in this browser: settings are those of page.json, which `tv2onnx page` wrote.
import {classes, detections, segments} from "./results.js";

const READ = {detection: detections, classification: classes, segmentation: segments};

/** The pixels as the file takes them. */
function inputOf(pixels, {name, bytes, planes, bgr, unit}) {
  const {width, height, data} = pixels;
  const area = width * height;
  const values = bytes ? new Uint8Array(3 * area) : new Float32Array(3 * area);
  for (let p = 0; p < area; ++p) {
    for (let c = 0; c < 3; ++c) {
      const value = data[4 * p + (bgr ? 2 - c : c)];
      values[planes ? c * area + p : 3 * p + c] = unit ? Math.fround(value / 255) : value;
    }
  }
  return {name, type: bytes ? "uint8" : "float32", data: values,
          dims: planes ? [1, 3, height, width] : [1, height, width, 3]};
}

export async function browserClient(settings) {
  const worker = new Worker("worker.js", {type: "module"});
  const ask = (message) => new Promise((resolve, reject) => {
    worker.onmessage = ({data}) => (data.problem ? reject(new Error(data.problem)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message ?? "worker.js"));
    worker.postMessage(message);
  });
  await ask({model: new URL(settings.model, location.href).href});
  return {
    models: [settings.name],
    local: true,
    async run(_, __, image) {
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d", {willReadFrequently: true});
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, image.width, image.height);
      const {tensors} = await ask({input: inputOf(pixels, settings.input)});
      return READ[settings.task](tensors, settings, {width: image.width, height: image.height});
    },
    curl: () => "",
  };
}
