/* Draws a part over its picture: a shade around it, its outline, and what it is resized by. */

import { isWhole } from "./boxes.js";
import { words } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HANDLES = ["lt", "t", "rt", "r", "rb", "b", "lb", "l"];

/* Make an element of SVG; its place is told by attributes, since the page forbids inline styles. */
export function drawn(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/* Return the attributes of a rectangle over a picture. */
export function placed([left, top, right, bottom]) {
  return { x: `${left}%`, y: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` };
}

/* Return the drawing, its outline that takes the focus, and what shows another box. */
export function overlay(id) {
  const hole = drawn("path", { "fill-rule": "evenodd" });
  const shade = drawn("svg", { class: "crop-shade", viewBox: "0 0 100 100", preserveAspectRatio: "none" }, hole);
  const outline = drawn("rect", {
    id, class: "outline", tabindex: 0, role: "application",
    "aria-roledescription": words.boxKind, "aria-label": words.box,
  });
  const handles = HANDLES.map((edges) => drawn("g", { class: `handle handle-${edges}`, "data-edges": edges },
    drawn("circle", { class: "reach" }), drawn("circle", { class: "knob", r: 5 })));
  const drawing = drawn("svg", { class: "crop" }, shade, outline, ...handles);

  function show(box) {
    const [left, top, right, bottom] = box;
    drawing.classList.toggle("of-all", isWhole(box));
    hole.setAttribute("d", `M0 0H100V100H0ZM${left} ${top}H${right}V${bottom}H${left}Z`);
    for (const [key, value] of Object.entries(placed(box))) outline.setAttribute(key, value);
    for (const handle of handles) {
      const edges = handle.dataset.edges;
      const x = edges.includes("l") ? left : edges.includes("r") ? right : (left + right) / 2;
      const y = edges.includes("t") ? top : edges.includes("b") ? bottom : (top + bottom) / 2;
      for (const circle of handle.children) {
        circle.setAttribute("cx", `${x}%`);
        circle.setAttribute("cy", `${y}%`);
      }
    }
  }
  return { drawing, outline, show };
}
