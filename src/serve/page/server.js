// The models of the server that this page comes from.
import {maskFromRuns, segments} from "./results.js";

async function answer(path, options) {
  const response = await fetch(path, options);
  if (response.ok) return response;
  throw new Error((await response.json().catch(() => ({}))).error ?? response.statusText);
}

/** An image as an inference request of the protocol: JSON, then the bytes after their length. */
async function inferBody(name, output, file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const json = new TextEncoder().encode(JSON.stringify({
    inputs: [{name, shape: [1], datatype: "BYTES", parameters: {binary_data_size: bytes.length + 4}}],
    outputs: [{name: output, parameters: {binary_data: true}}]}));
  const length = new Uint8Array(new Uint32Array([bytes.length]).buffer);
  return {body: new Blob([json, length, bytes]), json: json.length};
}

const ARRAYS = {UINT8: Uint8Array, INT32: Int32Array, INT64: BigInt64Array, FP32: Float32Array};

async function segmented(model, file, size) {
  const output = model.outputs.find(({name}) => name === "labels") ?? model.outputs[0];
  const {body, json} = await inferBody(model.contract.image_input, output.name, file);
  const response = await answer(`v2/models/${model.name}/infer`, {method: "POST", body, headers: {
    "Inference-Header-Content-Length": json}});
  const length = Number(response.headers.get("Inference-Header-Content-Length"));
  const bytes = await response.arrayBuffer();
  const {outputs: [{shape, datatype}]} = JSON.parse(new TextDecoder().decode(bytes.slice(0, length)));
  const tensor = {dims: shape, data: new ARRAYS[datatype](bytes.slice(length))};
  return segments({answer: tensor}, {classNames: model.class_names, outputs: {answer: "answer"}}, size);
}

async function predicted(model, file) {
  const detector = model.contract.task === "detection";
  const path = `predict?model=${model.name}${detector ? "&score=0" : ""}`;
  const {images: [image]} = await (await answer(path, {method: "POST", body: file})).json();
  for (const one of image.detections ?? []) {
    if (one.mask) one.mask = {...maskFromRuns(one.mask), coco: one.mask};
  }
  delete image.file;
  return image;
}

export async function serverClient() {
  const index = await (await answer("v2/repository/index", {method: "POST"})).json();
  const ready = index.filter(({state}) => state === "READY").map(({name}) => name);
  const models = Object.fromEntries(await Promise.all(ready.map(async (name) =>
    [name, await (await answer(`v2/models/${name}`)).json()])));
  return {
    models: ready.filter((name) => ["detection", "classification", "segmentation"]
      .includes(models[name].contract.task)),
    local: false,
    run: (name, file, image) => (models[name].contract.task === "segmentation"
      ? segmented(models[name], file, {width: image.width, height: image.height})
      : predicted(models[name], file)),
    curl: (name, score) => `curl --data-binary @photo.jpg '${location.origin}/predict?model=${name}` +
      `${models[name].contract.task === "detection" ? `&score=${score}` : ""}'`,
  };
}
