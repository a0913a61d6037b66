/* Draws a part over its picture: a shade around it, its outline, and what it is resized by. */

import { isWhole } from "./boxes.js";
import { words } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HANDLES = ["lt", "t", "rt", "r", "rb", "b", "lb", "l"];

function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
}

/* Make an element of SVG; its place is told by attributes, since the page forbids inline styles. */
export function drawn(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  set(element, attributes);
  element.append(...children);
  return element;
}

/* Return the attributes of a rectangle over a picture. */
export function placed([left, top, right, bottom]) {
  return { x: `${left}%`, y: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` };
}

/* Return where a box is, in words. */
export const told = (box) => (isWhole(box) ? words.wholePicture : words.part(box));

/* Return the drawing, its outline that takes the focus as two corners do, and what shows another box. */
export function overlay(id, labels) {
  const hole = drawn("path", { "fill-rule": "evenodd" });
  const shade = drawn("svg", { class: "crop-shade", viewBox: "0 0 100 100", preserveAspectRatio: "none" }, hole);
  const place = drawn("desc", { id: `${id}-place` });
  const named = (end) => labels[end] && {
    id: id + end, tabindex: 0, role: "application", "aria-roledescription": labels.kind,
    "aria-label": labels[end], "aria-describedby": `${place.id} part-keys`,
  };
  const outline = drawn("rect", { class: "outline", ...named("box"), id });
  const handles = HANDLES.map((edges) => drawn("g", { class: `handle handle-${edges}`, "data-edges": edges, ...named(edges) },
    drawn("circle", { class: "reach" }), drawn("circle", { class: "knob", r: 5 })));
  const drawing = drawn("svg", { class: "crop" }, place, shade, outline, ...handles);

  function show(box) {
    const [left, top, right, bottom] = box;
    drawing.classList.toggle("of-all", isWhole(box));
    place.textContent = told(box);
    hole.setAttribute("d", `M0 0H100V100H0ZM${left} ${top}H${right}V${bottom}H${left}Z`);
    set(outline, placed(box));
    for (const handle of handles) {
      const edges = handle.dataset.edges;
      const x = edges.includes("l") ? left : edges.includes("r") ? right : (left + right) / 2;
      const y = edges.includes("t") ? top : edges.includes("b") ? bottom : (top + bottom) / 2;
      for (const circle of handle.children) set(circle, { cx: `${x}%`, cy: `${y}%` });
    }
  }
  return { drawing, outline, show };
}
