/* Searches with a part of a picture: drawn by mouse, finger or keys, in step with its four fields. */

import { MIDDLE, WHOLE, between, isWhole, moved, resized, rounded } from "./boxes.js";
import { overlay } from "./overlay.js";
import { announce } from "./say.js";
import { apply } from "./switches.js";
import { words } from "./words.js";

const STEP = 2;
const STILL = 5;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/* Let a part of a query's picture be chosen on it; `form` asks with it. */
export function offerParts(figure, form) {
  const area = figure.querySelector(".whole");
  const fields = [...figure.querySelectorAll(".edges input")];
  const { drawing, outline, show } = overlay(`part${figure.dataset.number}`);
  area.querySelector(".shade")?.remove();
  area.append(drawing);
  if (!figure.dataset.number) outline.dataset.key = "c";

  const read = () => {
    const edges = fields.map((field) => field.valueAsNumber);
    return edges[0] < edges[2] && edges[1] < edges[3] && fields.every((field) => field.validity.valid) ? edges : null;
  };
  const put = (box) => {
    rounded(box).forEach((edge, at) => { fields[at].value = edge; });
    show(box);
  };
  const began = read() || WHOLE;
  show(began);
  const part = {
    get: () => read() || WHOLE,
    put,
    ask: (byKeys) => apply(form, byKeys ? outline.id : ""),
    isNew: () => rounded(part.get()).some((edge, at) => edge !== rounded(began)[at]),
  };
  for (const field of fields) {
    field.addEventListener("input", () => { if (read()) show(read()); });
  }
  form.addEventListener("reset", () => setTimeout(() => show(part.get())));
  listenForPointers(area, part);
  listenForArrows(outline, part);
  outline.addEventListener("click", () => area.querySelector(".large").click());
}

function listenForPointers(area, part) {
  let drag = null;
  let isDragged = false;
  const at = (event) => {
    const frame = area.getBoundingClientRect();
    return [100 * (event.clientX - frame.left) / frame.width, 100 * (event.clientY - frame.top) / frame.height];
  };
  const end = () => {
    area.classList.remove("dragged");
    document.removeEventListener("keydown", giveUp, true);
    drag = null;
  };
  const giveUp = (event) => {
    if (event.type === "keydown" && event.key !== "Escape") return;
    if (drag) part.put(drag.before);
    end();
  };

  area.addEventListener("dragstart", (event) => event.preventDefault());
  area.addEventListener("pointerdown", (event) => {
    isDragged = false;
    if (!event.isPrimary || event.button) return;
    drag = { id: event.pointerId, from: at(event), x: event.clientX, y: event.clientY,
      before: part.get(), change: changeFor(event.target) };
  });
  area.addEventListener("pointermove", (event) => {
    if (drag?.id !== event.pointerId) return;
    if (!isDragged && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < STILL) return;
    if (!isDragged) {
      isDragged = true;
      area.setPointerCapture(event.pointerId);
      area.classList.add("dragged");
      document.addEventListener("keydown", giveUp, true);
    }
    part.put(drag.change(drag.before, drag.from, at(event)));
  });
  area.addEventListener("pointerup", (event) => {
    if (drag?.id !== event.pointerId) return;
    end();
    if (isDragged && part.isNew()) part.ask(false);
  });
  area.addEventListener("pointercancel", giveUp);
  // What ends a drag is no click on the picture's link, nor on a face.
  area.addEventListener("click", (event) => {
    if (isDragged) event.preventDefault();
    if (isDragged) event.stopPropagation();
  }, true);
}

/* Return how a drag that begins on something changes the box. */
function changeFor(target) {
  const edges = target.closest(".handle")?.dataset.edges;
  if (edges) return (box, [x, y], [toX, toY]) => resized(box, edges, toX - x, toY - y);
  if (target.closest(".outline")) return (box, [x, y], [toX, toY]) => moved(box, toX - x, toY - y);
  return (box, from, to) => between(from, to);
}

function listenForArrows(outline, part) {
  outline.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const [across, down] = arrow.map((step) => step * STEP);
      const box = isWhole(part.get()) ? MIDDLE : part.get();
      part.put(event.shiftKey ? resized(box, "rb", across, down) : moved(box, across, down));
    } else if (event.key === "Enter") {
      part.ask(true);
    } else if (event.key === "Escape") {
      part.put(WHOLE);
      if (part.isNew()) part.ask(true);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    announce(isWhole(part.get()) ? words.wholePicture : words.part(part.get()));
  });
}
