// From the tensors of a file to results as `tv2onnx predict --json` has them. A tensor is
// {data, dims}. Masks are {x, y, width, height, inside}: pixels of a rectangle of the image.

const nameOf = (settings, label) => settings.classNames[label] ?? `class ${label}`;

const row = (tensor, k, size) => Array.from(tensor.data.subarray(k * size, (k + 1) * size), Number);

/** The box that torchvision stretches a mask of side x side over, in whole pixels. */
function pasteBox([x1, y1, x2, y2], side) {
  const scale = Math.fround((side + 2) / side);
  const f = Math.fround;
  const half = (a, b) => f(f(f(b - a) * 0.5) * scale);
  const middle = (a, b) => f(f(b + a) * 0.5);
  const whole = (value) => Math.trunc(f(value));
  return [whole(middle(x1, x2) - half(x1, x2)), whole(middle(y1, y2) - half(y1, y2)),
          whole(middle(x1, x2) + half(x1, x2)), whole(middle(y1, y2) + half(y1, y2))];
}

/** Probabilities of a mask, with a border of zeros, at a place between its pixels. */
function sampled(probabilities, side, x, y) {
  const at = (c, r) => (c < 1 || r < 1 || c > side || r > side ? 0
    : probabilities[(r - 1) * side + c - 1]);
  const limit = (value) => Math.min(Math.max(value, 0), side + 1);
  const left = Math.floor(limit(x)), top = Math.floor(limit(y));
  const dx = limit(x) - left, dy = limit(y) - top;
  return (at(left, top) * (1 - dx) + at(left + 1, top) * dx) * (1 - dy) +
         (at(left, top + 1) * (1 - dx) + at(left + 1, top + 1) * dx) * dy;
}

function pastedMask(probabilities, side, box, size) {
  const [x1, y1, x2, y2] = pasteBox(box, side);
  const width = Math.max(x2 - x1 + 1, 1), height = Math.max(y2 - y1 + 1, 1);
  const x = Math.max(x1, 0), y = Math.max(y1, 0);
  const right = Math.min(x2 + 1, size.width), bottom = Math.min(y2 + 1, size.height);
  const mask = {x, y, width: Math.max(right - x, 0), height: Math.max(bottom - y, 0)};
  mask.inside = new Uint8Array(mask.width * mask.height);
  const step = [(side + 2) / width, (side + 2) / height];
  for (let r = 0; r < mask.height; ++r) {
    for (let c = 0; c < mask.width; ++c) {
      const value = sampled(probabilities, side, (c + x - x1 + 0.5) * step[0] - 0.5,
                            (r + y - y1 + 0.5) * step[1] - 0.5);
      mask.inside[r * mask.width + c] = value > 0.5 ? 1 : 0;
    }
  }
  return mask;
}

function maskOf(masks, k, box, size) {
  const [height, width] = masks.dims.slice(-2);
  const probabilities = masks.data.subarray(k * height * width, (k + 1) * height * width);
  const whole = height === size.height && width === size.width;
  if (!whole) return pastedMask(probabilities, height, box, size);
  return {x: 0, y: 0, width, height, inside: Uint8Array.from(probabilities, (value) => value > 0.5)};
}

export function detections(tensors, settings, size) {
  const {boxes, labels, scores, count, masks, keypoints, keypointsScores} = settings.outputs;
  const found = count ? Number(tensors[count].data[0]) : tensors[scores].data.length;
  const list = [];
  for (let k = 0; k < found; ++k) {
    const label = Number(tensors[labels].data[k]);
    const one = {class: nameOf(settings, label), label, score: tensors[scores].data[k],
                 box: row(tensors[boxes], k, 4)};
    if (masks) one.mask = maskOf(tensors[masks], k, one.box, size);
    if (keypoints) {
      const points = tensors[keypoints].dims.at(-2);
      const numbers = row(tensors[keypoints], k, points * 3);
      one.keypoints = Array.from({length: points}, (_, p) => numbers.slice(3 * p, 3 * p + 3));
      one.keypoints_scores = row(tensors[keypointsScores], k, points);
    }
    list.push(one);
  }
  return {...size, detections: list};
}

function probabilities(scores, isLogits) {
  if (!isLogits) return scores;
  const most = Math.max(...scores);
  const powers = scores.map((value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

export function classes(tensors, settings, size) {
  const {answer, mode, labels} = settings.outputs;
  const scores = probabilities(Array.from(tensors[answer].data), mode === "logits");
  const all = scores.map((score, k) => {
    const label = labels ? Number(tensors[labels].data[k]) : k;
    return {class: nameOf(settings, label), label, score};
  });
  all.sort((a, b) => b.score - a.score);
  return {...size, classes: all.slice(0, 5)};
}

/** The class of each pixel, at the size that the file gives. */
function labelMap(tensor, isLogits) {
  const [height, width] = tensor.dims.slice(-2);
  if (!isLogits) return {height, width, labels: Int32Array.from(tensor.data, Number)};
  const area = height * width, labels = new Int32Array(area);
  for (let p = 0; p < area; ++p) {
    for (let k = 1; k < tensor.data.length / area; ++k) {
      if (tensor.data[k * area + p] > tensor.data[labels[p] * area + p]) labels[p] = k;
    }
  }
  return {height, width, labels};
}

export function segments(tensors, settings, size) {
  const map = labelMap(tensors[settings.outputs.answer], settings.outputs.mode === "logits");
  const counts = new Map();
  for (const label of map.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const list = [...counts].sort((a, b) => b[1] - a[1]).map(([label, pixels]) => ({
    class: nameOf(settings, label), label, pixels, share: pixels / map.labels.length}));
  return {...size, map, classes: list};
}

/** COCO's compressed run lengths, column by column, beginning with pixels outside. */
export function maskFromRuns({size: [height, width], counts}) {
  const inside = new Uint8Array(height * width);
  const runs = [];
  for (let at = 0; at < counts.length;) {
    let value = 0, shift = 0, more = true;
    while (more) {
      const code = counts.charCodeAt(at++) - 48;
      value |= (code & 31) << shift;
      more = (code & 32) !== 0;
      shift += 5;
      if (!more && (code & 16) !== 0) value |= -1 << shift;
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  let place = 0;
  runs.forEach((run, k) => {
    for (let end = place + run; place < end; ++place) {
      if (k % 2) inside[(place % height) * width + Math.floor(place / height)] = 1;
    }
  });
  return {x: 0, y: 0, width, height, inside};
}
