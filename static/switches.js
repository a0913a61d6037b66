/* Applies a switch at once, and leads back to it on the page that answers. */

import { announce } from "./say.js";

const KEPT = "switched";

/* Remember what gets the focus back, by its id, or "", and how far the page is scrolled. */
function keep(id) {
  sessionStorage.setItem(KEPT, JSON.stringify({ id, path: location.pathname, top: scrollY }));
  document.body.classList.add("asking");
}

/* Ask again with what the form says now. */
export function apply(form, id) {
  keep(id);
  form.requestSubmit();
}

export function listenForSwitches(form) {
  form.addEventListener("change", (event) => apply(form, event.target.id));
  form.addEventListener("submit", ({ submitter }) => {
    if (submitter) keep(submitter.id);
  });
  // Back from the answer, the form shows again how the page at hand was asked for.
  addEventListener("pageshow", (event) => {
    document.body.classList.remove("asking");
    if (event.persisted) form.reset();
  });
}

/* Give the switch its focus back, the page its place, and say what was found. */
export function returnToSwitch() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  sessionStorage.removeItem(KEPT);
  if (kept?.path !== location.pathname) return;
  const switched = kept.id && document.getElementById(kept.id);
  if (switched) {
    for (let at = switched.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    switched.focus({ preventScroll: true });
    switched.scrollIntoView({ block: "nearest" });
  }
  scrollTo({ top: kept.top, behavior: "instant" });
  const said = ["#heading", ".line"].map((name) => document.querySelector(name)?.textContent.trim());
  announce(said.filter(Boolean).join(". "));
}
