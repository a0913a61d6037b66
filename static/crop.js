/* Searches with a part of a picture: drawn by mouse, finger or keys, in step with its four fields. */

import { MIDDLE, WHOLE, between, isWhole, moved, resized, rounded } from "./boxes.js";
import { overlay, told } from "./overlay.js";
import { announce } from "./say.js";
import { apply } from "./switches.js";

const STILL = 5;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/* Let a part of a query's picture be chosen on it; `form` asks with it. */
export function offerParts(figure, form) {
  const area = figure.querySelector(".whole");
  const fields = [...figure.querySelectorAll(".edges input")];
  const { drawing, outline, show } = overlay(`part${figure.dataset.number}`, figure.dataset);
  area.querySelector(".shade")?.remove();
  area.append(drawing);
  if (!figure.dataset.number) outline.dataset.key = "c";

  const numbers = () => fields.map((field) => field.valueAsNumber);
  const read = () => {
    const edges = numbers();
    return edges[0] < edges[2] && edges[1] < edges[3] && fields.every((field) => field.validity.valid) ? edges : null;
  };
  const check = () => {
    const [left, top, right, bottom] = numbers();
    fields[2].setCustomValidity(left >= right ? fields[2].dataset.wrong : "");
    fields[3].setCustomValidity(top >= bottom ? fields[3].dataset.wrong : "");
  };
  const put = (box) => {
    rounded(box).forEach((edge, at) => { fields[at].value = edge; });
    check();
    show(box);
  };
  const began = read() || WHOLE;
  show(began);
  const part = {
    get: () => read() || WHOLE,
    put,
    ask: (id) => apply(form, id),
    isNew: () => rounded(part.get()).some((edge, at) => edge !== rounded(began)[at]),
  };
  for (const field of fields) {
    field.addEventListener("input", () => {
      check();
      if (read()) show(read());
    });
  }
  form.addEventListener("reset", () => setTimeout(() => {
    check();
    show(part.get());
  }));
  listenForPointers(area, part);
  listenForArrows(drawing, part);
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
    if (drag && isDragged) part.put(drag.before);
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
    // The button may have been let go where nobody told us.
    if (!(event.buttons & 1)) return giveUp(event);
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
    if (isDragged && part.isNew()) part.ask("");
  });
  area.addEventListener("pointercancel", giveUp);
  // What ends a drag is no click on the picture's link, nor on a face.
  area.addEventListener("click", (event) => {
    if (!isDragged) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
}

/* Return how a drag that begins on something changes the box. */
function changeFor(target) {
  const edges = target.closest(".handle")?.dataset.edges;
  if (edges) return (box, [x, y], [toX, toY]) => resized(box, edges, toX - x, toY - y);
  if (target.closest(".outline")) return (box, [x, y], [toX, toY]) => moved(box, toX - x, toY - y);
  return (box, from, to) => between(from, to);
}

function listenForArrows(drawing, part) {
  drawing.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const arrow = ARROWS[event.key];
    const { id, dataset: { edges } } = event.target;
    if (arrow) {
      const [across, down] = arrow.map((step) => step * (event.shiftKey ? 10 : 1));
      const box = part.get();
      part.put(edges ? resized(box, edges, across, down) : moved(isWhole(box) ? MIDDLE : box, across, down));
    } else if (event.key === "Enter") {
      part.ask(id);
    } else if (event.key === "Escape") {
      part.put(WHOLE);
      if (part.isNew()) part.ask(id);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    announce(told(part.get()));
  });
}
