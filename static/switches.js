/* Applies a switch at once, and leads back to it on the page that answers. */

import { announce } from "./say.js";
import { forThisTab } from "./storing.js";
import { words } from "./words.js";

const KEPT = "switched";

/* Remember what gets the focus back, by its id, or "", and how far the page is scrolled. */
function keep(id) {
  forThisTab.set(KEPT, JSON.stringify({ id, path: location.pathname, top: scrollY }));
  document.body.classList.add("asking");
}

/* Open what an element is folded away in. */
function unfold(element) {
  for (let at = element.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
}

/* Ask again with what the form says now, or show what cannot be asked. */
export function apply(form, id) {
  const wrong = [...form.elements].find((field) => !field.checkValidity());
  if (wrong) {
    unfold(wrong);
    wrong.reportValidity();
    return;
  }
  keep(id);
  form.requestSubmit();
}

export function listenForSwitches(form) {
  let isTyped = false;
  form.addEventListener("pointerdown", () => { isTyped = false; });
  // Arrow keys change a list, or a number, step by step: Enter, or going on, says which is meant.
  form.addEventListener("change", ({ target }) => {
    const waits = form.classList.toggle("waits", isTyped && target.matches("select, [type=number]"));
    if (waits) announce(words.waits);
    else apply(form, target.id);
  });
  form.addEventListener("focusout", ({ target, relatedTarget: next }) => {
    if (form.matches(".waits")) apply(form, next?.id || target.id);
  });
  // Left to itself, Enter would ask a second time, as if a button elsewhere had been pressed.
  form.addEventListener("keydown", (event) => {
    isTyped = event.key !== "Enter" || event.isComposing;
    if (isTyped || !event.target.matches("input, .waits select")) return;
    event.preventDefault();
    apply(form, event.target.id);
  });
  form.addEventListener("submit", ({ submitter }) => {
    if (submitter) keep(submitter.id);
  });
  // Back from the answer, the form shows again how the page at hand was asked for.
  addEventListener("pageshow", (event) => {
    document.body.classList.remove("asking");
    form.classList.remove("waits");
    if (event.persisted) form.reset();
  });
}

/* Give the switch its focus back, the page its place, and say what was found. */
export function returnToSwitch() {
  const kept = JSON.parse(forThisTab.get(KEPT) || "null");
  forThisTab.forget(KEPT);
  if (kept?.path !== location.pathname) return;
  const switched = kept.id && document.getElementById(kept.id);
  if (switched) {
    unfold(switched);
    switched.focus({ preventScroll: true });
    switched.scrollIntoView({ block: "nearest" });
  }
  scrollTo({ top: kept.top, behavior: "instant" });
  const said = ["#heading", ".line"].map((name) => document.querySelector(name)?.textContent.trim());
  announce(said.filter(Boolean).join(". "));
}
