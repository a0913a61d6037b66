/* Boxes as [left, top, right, bottom], in percent of a picture. */

export const WHOLE = [0, 0, 100, 100];
/* Where the keyboard begins, as a whole picture cannot be moved. */
export const MIDDLE = [20, 20, 80, 80];
const LEAST = 3;

const within = (value, least, most) => Math.min(Math.max(value, least), most);

export const isWhole = (box) => box.every((edge, at) => edge === WHOLE[at]);

/* Return a box's edges with one digit after the point. */
export const rounded = (box) => box.map((edge) => Math.round(edge * 10) / 10);

export function moved([left, top, right, bottom], across, down) {
  const x = within(across, -left, 100 - right);
  const y = within(down, -top, 100 - bottom);
  return [left + x, top + y, right + x, bottom + y];
}

/* Return a box some of whose edges were moved, never past the opposite ones; `edges` is of "ltrb". */
export function resized([left, top, right, bottom], edges, across, down) {
  return [
    edges.includes("l") ? within(left + across, 0, right - LEAST) : left,
    edges.includes("t") ? within(top + down, 0, bottom - LEAST) : top,
    edges.includes("r") ? within(right + across, left + LEAST, 100) : right,
    edges.includes("b") ? within(bottom + down, top + LEAST, 100) : bottom,
  ];
}

/* Return the box between two points, not smaller than can be taken hold of. */
export function between([x, y], [otherX, otherY]) {
  const [left, right] = span(x, otherX);
  const [top, bottom] = span(y, otherY);
  return [left, top, right, bottom];
}

function span(one, other) {
  const [low, high] = [Math.min(one, other), Math.max(one, other)].map((edge) => within(edge, 0, 100));
  const start = within(low, 0, 100 - LEAST);
  return high - low >= LEAST ? [low, high] : [start, start + LEAST];
}
