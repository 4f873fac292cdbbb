// The model in this browser: settings are those of page.json, which `tv2onnx page` wrote.
import {classes, detections, segments} from "./results.js";
import {text} from "./text.js";

const READ = {detection: detections, classification: classes, segmentation: segments};

/** Colours without their transparency: a canvas multiplies them with it, a texture keeps them. */
function opaque({width, height}, image) {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl");
  if (!gl) throw new Error(text("transparent"));
  const texture = gl.createTexture(), data = new Uint8Array(4 * width * height);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
  const failed = gl.getError() !== gl.NO_ERROR;
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  if (failed) throw new Error(text("transparent"));
  return {width, height, data};
}

function pixelsOf(image) {
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, image.width, image.height);
  return pixels.data.some((value, k) => k % 4 === 3 && value < 255) ? opaque(pixels, image) : pixels;
}

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
      const {tensors} = await ask({input: inputOf(pixelsOf(image), settings.input)});
      return READ[settings.task](tensors, settings, {width: image.width, height: image.height});
    },
    curl: () => "",
  };
}
