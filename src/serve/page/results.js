// From the tensors of a file to results as `tv2onnx predict --json` has them. A tensor is
// {data, dims}. Masks are {x, y, width, height, inside}: pixels of a rectangle of the image.

const nameOf = (settings, label) => settings.classNames[label] ?? `class ${label}`;

const f32 = Math.fround;

const row = (tensor, k, size) => Array.from(tensor.data.subarray(k * size, (k + 1) * size), Number);

/** The box that torchvision stretches a mask of side x side over, in whole pixels. */
function pasteBox([x1, y1, x2, y2], side) {
  const scale = f32((side + 2) / side);
  const half = (a, b) => f32(f32(f32(b - a) * 0.5) * scale);
  const middle = (a, b) => f32(f32(b + a) * 0.5);
  const whole = (value) => Math.trunc(f32(value));
  return [whole(middle(x1, x2) - half(x1, x2)), whole(middle(y1, y2) - half(y1, y2)),
          whole(middle(x1, x2) + half(x1, x2)), whole(middle(y1, y2) + half(y1, y2))];
}

/** Probabilities of a mask, with a border of zeros, at a place between its pixels; float32 as in torch. */
function sampled(probabilities, side, x, y) {
  const at = (c, r) => (c < 1 || r < 1 || c > side || r > side ? 0
    : probabilities[(r - 1) * side + c - 1]);
  const limit = (value) => Math.min(Math.max(value, 0), side + 1);
  const left = Math.floor(limit(x)), top = Math.floor(limit(y));
  const mixed = (a, b, share) => f32(f32(f32(1 - share) * a) + f32(share * b));
  const dx = f32(limit(x) - left), dy = f32(limit(y) - top);
  return mixed(mixed(at(left, top), at(left + 1, top), dx),
               mixed(at(left, top + 1), at(left + 1, top + 1), dx), dy);
}

function pastedMask(probabilities, side, box, size) {
  const [x1, y1, x2, y2] = pasteBox(box, side);
  const width = Math.max(x2 - x1 + 1, 1), height = Math.max(y2 - y1 + 1, 1);
  const x = Math.max(x1, 0), y = Math.max(y1, 0);
  const right = Math.min(x2 + 1, size.width), bottom = Math.min(y2 + 1, size.height);
  const mask = {x, y, width: Math.max(right - x, 0), height: Math.max(bottom - y, 0)};
  mask.inside = new Uint8Array(mask.width * mask.height);
  const step = [f32((side + 2) / width), f32((side + 2) / height)];
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

/** COCO's compressed run lengths, column by column, beginning with pixels outside. */
function cocoMask({x, y, width, height, inside}, size) {
  const counts = [];
  let end = 0;
  for (let c = 0; c < width; ++c) {
    for (let r = 0; r < height; ++r) {
      if (!inside[r * width + c]) continue;
      const place = (x + c) * size.height + y + r;
      if (counts.length === 0 || place > end) counts.push(place - end, 0);
      ++counts[counts.length - 1];
      end = place + 1;
    }
  }
  const all = size.width * size.height;
  if (end < all || counts.length === 0) counts.push(all - end);
  return {size: [size.height, size.width], counts: counts.map((count, k) => (
    codes(k > 2 ? count - counts[k - 2] : count))).join("")};
}

/** A number five bits at a time, the lowest first. */
function codes(value) {
  let text = "";
  for (let more = true; more;) {
    const bits = value & 31;
    value >>= 5;
    more = value !== (bits & 16 ? -1 : 0);
    text += String.fromCharCode(bits + (more ? 32 : 0) + 48);
  }
  return text;
}

export function detections(tensors, settings, size) {
  const {boxes, labels, scores, count, masks, keypoints, keypointsScores} = settings.outputs;
  const found = count ? Number(tensors[count].data[0]) : tensors[scores].data.length;
  const list = [];
  for (let k = 0; k < found; ++k) {
    const label = Number(tensors[labels].data[k]);
    const one = {class: nameOf(settings, label), label, score: tensors[scores].data[k],
                 box: row(tensors[boxes], k, 4)};
    if (masks) {
      const mask = maskOf(tensors[masks], k, one.box, size);
      one.mask = {...mask, coco: cocoMask(mask, size)};
      one.area = mask.inside.reduce((sum, bit) => sum + bit, 0);
    }
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

/** The class of each pixel, at the size that the file gives: of labels, or of logits [1, classes, ...]. */
function labelMap(tensor) {
  const [height, width] = tensor.dims.slice(-2);
  if (tensor.dims.length < 4) return {height, width, labels: Int32Array.from(tensor.data, Number)};
  const area = height * width, labels = new Int32Array(area);
  for (let p = 0; p < area; ++p) {
    for (let k = 1; k < tensor.data.length / area; ++k) {
      if (tensor.data[k * area + p] > tensor.data[labels[p] * area + p]) labels[p] = k;
    }
  }
  return {height, width, labels};
}

/** Which of `from` places each of `to` is taken from, as the program does it. */
function nearest(from, to) {
  const scale = f32(to / from);
  return Array.from({length: to}, (_, k) => Math.min(Math.floor(f32(k / scale)), from - 1));
}

function resized(map, {width, height}) {
  if (map.width === width && map.height === height) return map;
  const rows = nearest(map.height, height), columns = nearest(map.width, width);
  const labels = new Int32Array(width * height);
  rows.forEach((row, y) => columns.forEach((column, x) => {
    labels[y * width + x] = map.labels[row * map.width + column];
  }));
  return {width, height, labels};
}

export function segments(tensors, settings, size) {
  const map = resized(labelMap(tensors[settings.outputs.answer]), size);
  const counts = new Map();
  for (const label of map.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const list = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([label, pixels]) => ({
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
