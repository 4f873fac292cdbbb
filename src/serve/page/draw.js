// What was found, drawn over the image.

const SKELETON = [[15, 13], [13, 11], [16, 14], [14, 12], [11, 12], [5, 11], [6, 12], [5, 6], [5, 7],
                  [6, 8], [7, 9], [8, 10], [1, 2], [0, 1], [0, 2], [1, 3], [2, 4], [3, 5], [4, 6]];

const hueOf = (label) => (label * 137.508) % 360;
export const colourOf = (label) => `hsl(${hueOf(label)} 85% 48%)`;

function rgbOf(label) {
  const hue = hueOf(label) / 60, chroma = 0.816, x = chroma * (1 - Math.abs((hue % 2) - 1));
  const [r, g, b] = [[chroma, x, 0], [x, chroma, 0], [0, chroma, x], [0, x, chroma], [x, 0, chroma],
                     [chroma, 0, x]][Math.floor(hue)];
  return [r, g, b].map((part) => Math.round(255 * (part + 0.072)));
}

/** Pixels of one colour as a picture of their own, which canvases can blend. */
function tinted(width, height, labelAt) {
  const layer = new OffscreenCanvas(Math.max(width, 1), Math.max(height, 1));
  const context = layer.getContext("2d");
  const pixels = context.createImageData(layer.width, layer.height);
  for (let k = 0; k < width * height; ++k) {
    const label = labelAt(k);
    if (label !== null) pixels.data.set([...rgbOf(label), 120], 4 * k);
  }
  context.putImageData(pixels, 0, 0);
  return layer;
}

function drawKeypoints(context, one, unit) {
  context.strokeStyle = context.fillStyle = colourOf(one.label);
  if (one.keypoints.length === 17) {
    for (const [a, b] of SKELETON) {
      context.beginPath();
      context.moveTo(...one.keypoints[a].slice(0, 2));
      context.lineTo(...one.keypoints[b].slice(0, 2));
      context.stroke();
    }
  }
  for (const [x, y] of one.keypoints) {
    context.beginPath();
    context.arc(x, y, 2 * unit, 0, 2 * Math.PI);
    context.fill();
  }
}

function drawBox(context, one, unit) {
  const [x1, y1, x2, y2] = one.box;
  context.strokeStyle = context.fillStyle = colourOf(one.label);
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  const label = `${one.class} ${one.score.toFixed(2)}`;
  const width = context.measureText(label).width + 4 * unit;
  const top = Math.max(y1 - 12 * unit, 0);
  context.fillRect(x1, top, width, 12 * unit);
  context.fillStyle = "#fff";
  context.fillText(label, x1 + 2 * unit, top + 9 * unit);
}

export function draw(canvas, image, result) {
  const context = canvas.getContext("2d");
  canvas.width = image.width;
  canvas.height = image.height;
  context.drawImage(image, 0, 0);
  const unit = Math.max(1, Math.max(image.width, image.height) / 500);
  context.lineWidth = 2 * unit;
  context.font = `${10 * unit}px system-ui, sans-serif`;
  if (result.map) {
    const {width, height, labels} = result.map;
    const shown = new Set(result.classes.map((one) => one.label));
    const layer = tinted(width, height, (k) => (labels[k] > 0 && shown.has(labels[k]) ? labels[k] : null));
    context.imageSmoothingEnabled = false;
    context.drawImage(layer, 0, 0, image.width, image.height);
  }
  for (const one of [...(result.detections ?? [])].reverse()) {
    if (one.mask) {
      const {x, y, width, height, inside} = one.mask;
      context.drawImage(tinted(width, height, (k) => (inside[k] ? one.label : null)), x, y);
    }
    if (one.keypoints) drawKeypoints(context, one, unit);
    drawBox(context, one, unit);
  }
}
