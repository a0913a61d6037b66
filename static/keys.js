/* Keys for what a page offers: elements name theirs in data-key, and /keys lists them all. */

import { always } from "./storing.js";

const TYPED_INTO = "input:not([type=file], [type=checkbox], [type=radio]), select, textarea, [contenteditable]";
const PRESSED = "a, button";
const OFF = "keys off";
const TOGETHER = 1200;

const hits = () => [...document.querySelectorAll(".card-hit")];
const hitAt = (element) => element?.closest?.(".card-hit");
const goTo = (hit) => hit?.querySelector(".more").focus();

/* Go some hits on or back from the one that has the focus. */
function step(by) {
  const all = hits();
  const at = all.indexOf(hitAt(document.activeElement) || document.querySelector(".card-hit:target"));
  goTo(at < 0 ? all[0] : all[at + by]);
}

/* Go to the hit above or below: the nearest of the next row. */
function climb(by) {
  const from = hitAt(document.activeElement).getBoundingClientRect();
  const ahead = hits().map((hit) => ({ hit, box: hit.getBoundingClientRect() }))
    .filter(({ box }) => by * (box.top - from.top) > 1)
    .map(({ hit, box }) => ({ hit, far: [Math.abs(box.top - from.top), Math.abs(box.left - from.left)] }))
    .sort((one, other) => one.far[0] - other.far[0] || one.far[1] - other.far[1]);
  goTo(ahead[0]?.hit);
}

const MOVES = { j: () => step(1), k: () => step(-1) };
const MOVES_OF_A_HIT = {
  ArrowRight: () => step(1), ArrowLeft: () => step(-1),
  ArrowDown: () => climb(1), ArrowUp: () => climb(-1),
};

/* Of a hit only its link is left by arrows: its controls have their own use for them. */
function moveFor(key) {
  return (hits().length && MOVES[key]) || (document.activeElement?.matches(".card-hit .more") && MOVES_OF_A_HIT[key]);
}

/* What other scripts do with a key, by functions of the key and of the element that has the focus. */
const claims = [];
export const claimKeys = (actionFor) => claims.push(actionFor);
const claimed = (key, target) => claims.map((actionFor) => actionFor(key, target)).find(Boolean);

/* Return what a key belongs to: first of the hit that has the focus, then of the page. */
function elementFor(key) {
  const name = `[data-key~="${CSS.escape(key)}"]`;
  const ofPage = [...document.querySelectorAll(name)].find((one) => !hitAt(one));
  return hitAt(document.activeElement)?.querySelector(name) || ofPage;
}

/* Tell whether some element's key goes on after this one. */
function begins(key) {
  return [...document.querySelectorAll("[data-key]")]
    .some((one) => one.dataset.key.split(" ").some((name) => name !== key && name.startsWith(key)));
}

function use(element) {
  element.closest("details")?.setAttribute("open", "");
  if (element.matches(PRESSED)) element.click();
  else element.focus();
}

/* Show the list of all keys over the page. */
async function showKeys(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return location.assign(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (document.querySelector("dialog")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "keys-dialog";
  dialog.setAttribute("aria-labelledby", "keys-heading");
  dialog.append(document.importNode(page.querySelector(".keys"), true));
  // People who speak to their computer, or whose hands slip, can turn single keys off.
  const box = dialog.querySelector("input");
  box.checked = !always.get(OFF);
  box.addEventListener("change", () => (box.checked ? always.forget(OFF) : always.set(OFF, "1")));
  // Else the first control would have the focus, and the list would open at its end.
  const heading = dialog.querySelector("h1");
  heading.tabIndex = -1;
  heading.autofocus = true;
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

export function listenForKeys() {
  let pending = "";
  let since = 0;
  document.querySelector("[data-keys]").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    showKeys(event.currentTarget.href);
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (always.get(OFF) || document.querySelector("dialog[open]")) return;
    const { key, target } = event;
    const isTyping = target.closest?.(TYPED_INTO);
    if (isTyping || event.timeStamp - since > TOGETHER) pending = "";
    since = event.timeStamp;
    const second = pending && elementFor(pending + key);
    const claim = !second && claimed(key, target);
    if (isTyping && !claim) return;
    const move = !pending && !claim && moveFor(key);
    const element = second || elementFor(key);
    pending = !element && !claim && !move && begins(key) ? key : "";
    if (!move && !((claim || element) && !event.repeat)) return;
    event.preventDefault();
    if (move || claim) (move || claim)();
    else use(element);
  });
}
