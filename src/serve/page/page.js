// The page: what is chosen, what is shown. Who runs the model is a client: browser.js or server.js.
import {colourOf, draw} from "./draw.js";
import {applyTexts, otherLanguage, text} from "./text.js";

const part = (id) => document.getElementById(id);
const state = {client: null, image: null, file: null, hidden: new Set(), ms: 0, busy: false, again: false,
               turn: 0, result: null, of: null};  // the result, and the image that it is of

function say(message, bad = false) {
  part("status").textContent = message;
  part("status").classList.toggle("bad", bad);
}

const scoreNow = () => Number(part("score").value);
const isShown = (one) => !state.hidden.has(one.label) && (one.box ? one.score >= scoreNow() : true);

/** What is left of the result: nothing is run again. */
function shown() {
  const {detections, classes, ...rest} = state.result;
  return detections ? {...rest, detections: detections.filter(isShown)}
                    : {...rest, classes: classes.filter(isShown)};
}

function jsonOf({map, ...result}) {
  const list = result.detections?.map((one) => (one.mask ? {...one, mask: one.mask.coco} : one));
  return JSON.stringify(list ? {...result, detections: list} : result, null, 1);
}

function cell(content) {
  const element = document.createElement("td");
  element.append(...[content].flat());
  return element;
}

function swatch(label) {
  const element = document.createElement("span");
  element.className = "swatch";
  element.style.background = colourOf(label);
  return element;
}

function showClasses() {
  const all = new Map((state.result.detections ?? state.result.classes).map((one) => [one.label, one.class]));
  const rows = [...all].map(([label, name]) => {
    const row = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !state.hidden.has(label);
    box.addEventListener("change", () => {
      state.hidden[box.checked ? "delete" : "add"](label);
      show();
    });
    row.append(box, " ", swatch(label), name);
    return row;
  });
  part("classes").replaceChildren(part("classes").querySelector("legend"), ...rows);
  part("classes").hidden = rows.length === 0;
}

function show() {
  part("score-text").textContent = scoreNow().toFixed(2);
  if (state.client) part("curl").textContent = state.client.curl(part("model").value, scoreNow());
  if (!state.result) return;
  const result = shown(), list = result.detections ?? result.classes;
  draw(part("photo"), state.of, result);
  part("photo").setAttribute("aria-label", `${text("picture")}: ${list.map((one) => one.class).join(", ")}`);
  part("found").tBodies[0].replaceChildren(...list.map((one) => {
    const row = document.createElement("tr");
    const number = one.score === undefined ? `${(100 * one.share).toFixed(1)} %` : one.score.toFixed(3);
    row.append(cell([swatch(one.label), one.class]), cell(number));
    return row;
  }));
  part("json").textContent = jsonOf(result);
  say(text("done")(list.length, state.ms));
}

/** Of the image and the model that are chosen now. Where others are chosen meanwhile, their result is wanted. */
async function runOnce() {
  const {image, file} = state, start = performance.now();
  const result = await state.client.run(part("model").value, file, image);
  if (state.again) return;
  Object.assign(state, {result, of: image, ms: Math.round(performance.now() - start)});
  part("score-row").hidden = !result.detections;
  showClasses();
  show();
}

/** Nothing of an earlier image is left beside the message. */
function fail(error) {
  state.result = null;
  part("photo").width = part("photo").height = 0;
  part("classes").hidden = true;
  part("found").tBodies[0].replaceChildren();
  part("json").textContent = "";
  say(text("failed") + error.message, true);
}

async function run() {
  state.again = state.busy;
  if (!state.image || state.busy) return;
  state.busy = true;
  do {
    state.again = false;
    say(text("running"));
    await runOnce().catch((error) => state.again || fail(error));
  } while (state.again && state.image);
  state.busy = false;
}

async function take(file) {
  const turn = ++state.turn;
  try {
    // Pixels as they are stored: colour profiles are not applied, as in the program.
    const image = await createImageBitmap(file, {colorSpaceConversion: "none", premultiplyAlpha: "none"});
    if (turn !== state.turn) return;
    Object.assign(state, {image, file});
  } catch (error) {
    if (turn !== state.turn) return;
    Object.assign(state, {image: null, again: state.busy});
    fail(error);
    return;
  }
  await run();
}

/** A file instead of the camera. */
function choose(file) {
  if (!file) return;
  if (part("video").srcObject) toggleCamera();
  take(file);
}

async function filmed() {
  const video = part("video");
  while (video.srcObject) {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    const frame = await canvas.convertToBlob({type: "image/png"});
    if (video.srcObject) await take(frame);
    await new Promise(requestAnimationFrame);
  }
}

async function toggleCamera() {
  const video = part("video"), button = part("camera");
  if (video.srcObject) {
    for (const track of video.srcObject.getTracks()) track.stop();
    video.srcObject = null;
    button.setAttribute("aria-pressed", "false");
    return;
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({video: {facingMode: "environment"}});
    await video.play();
    button.setAttribute("aria-pressed", "true");
    filmed();
  } catch (error) {
    video.srcObject = null;
    say(text("noCamera") + error.message, true);
  }
}

function listen() {
  part("file").addEventListener("change", () => choose(part("file").files[0]));
  part("score").addEventListener("input", show);
  part("camera").addEventListener("click", toggleCamera);
  part("model").addEventListener("change", () => {
    state.hidden.clear();
    show();
    run();
  });
  part("language").addEventListener("click", () => {
    otherLanguage();
    part("privacy").textContent = text(state.client?.local ? "browser" : "server");
    show();
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      part("drop").classList.toggle("over", kind === "dragenter" || kind === "dragover");
      if (kind === "drop") choose(event.dataTransfer.files[0]);
    });
  }
  document.addEventListener("paste", (event) => choose(event.clipboardData.files[0]));
}

async function begin() {
  applyTexts();
  listen();
  say(text("loading"));
  const settings = await (await fetch("page.json")).json();
  const client = settings.mode === "server" ? (await import("./server.js")).serverClient()
                                            : (await import("./browser.js")).browserClient(settings);
  state.client = await client;
  part("model").replaceChildren(...state.client.models.map((name) => new Option(name, name)));
  part("privacy").textContent = text(state.client.local ? "browser" : "server");
  part("curl-row").hidden = state.client.local;
  show();
  say(text(state.client.models.length ? "ready" : "unsupported"));
}

begin().catch((error) => say(text("failed") + error.message, true));
