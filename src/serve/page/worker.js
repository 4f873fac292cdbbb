// Runs the model beside the page, so that it stays alive meanwhile. onnxruntime-web is in this folder.
import * as ort from "./ort.wasm.min.mjs";

ort.env.wasm.wasmPaths = new URL("./", import.meta.url).href;
ort.env.wasm.numThreads = 1;  // more need headers that a folder of files does not have
let session;

const plain = ({type, data, dims}) => ({type, data, dims});

onmessage = async ({data: {model, input}}) => {
  try {
    if (model) {
      session = await ort.InferenceSession.create(model, {executionProviders: ["wasm"]});
      postMessage({});
      return;
    }
    const {name, type, data, dims} = input;
    const outputs = await session.run({[name]: new ort.Tensor(type, data, dims)});
    postMessage({tensors: Object.fromEntries(
      Object.entries(outputs).map(([key, tensor]) => [key, plain(tensor)]))});
  } catch (error) {
    postMessage({problem: String(error?.message ?? error)});
  }
};
