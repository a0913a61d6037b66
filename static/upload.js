/* Searches with pictures that are chosen, dropped, pasted or photographed. */

import { sorted } from "./chosen.js";
import { sent } from "./sending.js";
import { forThisTab } from "./storing.js";
import { words } from "./words.js";

const NOTE = "left out";

/* Show a sentence under the form, and the form where it is folded; screen readers hear it. */
function say(form, sentence, isProblem = false) {
  if (sentence) form.closest("details")?.setAttribute("open", "");
  const status = form.querySelector("[role=status]");
  status.textContent = sentence;
  status.classList.toggle("problem", isProblem);
}

/* Show the pictures in the frame, in their order; of those that no browser can show, the names. */
function preview(form, pictures) {
  const frame = form.querySelector(".previews");
  for (const image of frame.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  frame.replaceChildren(...pictures.map((picture) => {
    const image = document.createElement("img");
    image.alt = picture.name;
    image.onerror = () => image.replaceWith(picture.name);
    image.src = URL.createObjectURL(picture);
    return image;
  }));
  frame.hidden = !pictures.length;
}

/* Forget which files were chosen, but nothing else that people set. */
function forgetFiles(form) {
  for (const input of form.querySelectorAll("input[type=file]")) input.value = "";
}

/* Make the form as it was before it sent anything. */
function calm(form, sentence = "", isProblem = false) {
  forgetFiles(form);
  form.removeAttribute("aria-busy");
  delete form.dataset.looking;
  form.querySelector(".sending").hidden = true;
  preview(form, []);
  say(form, sentence, isProblem);
}

let underWay = new AbortController();

/* Send pictures at once, or the address of one where there are none, and follow to their answer. */
async function send(form, files, isAdded) {
  const { mostPictures, has, mostBytes, adding } = form.dataset;
  const most = Number(mostPictures);
  const room = most - (isAdded ? Number(has) : 0);
  const { pictures, problem, note } = files
    ? sorted(files, { room, most, mostBytes: Number(mostBytes) }) : { pictures: [] };
  if (problem) {
    // What is being sent goes on.
    forgetFiles(form);
    return say(form, problem, true);
  }
  underWay.abort();
  const { signal } = (underWay = new AbortController());
  const bar = form.querySelector("progress");
  preview(form, pictures);
  form.setAttribute("aria-busy", "true");
  form.querySelector(".sending").hidden = false;
  delete form.dataset.looking;
  bar.value = 0;
  say(form, (files ? words.sending : words.looking)(pictures.length));
  const answer = await sent(form, isAdded ? adding : form.action, pictures, (share) => {
    bar.value = share;
    if (share < 1 || "looking" in form.dataset) return;
    form.dataset.looking = "";
    say(form, words.looking(pictures.length));
  }, signal);
  if (underWay.signal !== signal) return;
  if (answer.problem) {
    form.elements.address?.setAttribute("aria-invalid", !files && !signal.aborted);
    return calm(form, [answer.problem, note].filter(Boolean).join(" "), !signal.aborted);
  }
  signal.addEventListener("abort", () => {
    stop();
    forThisTab.forget(NOTE);
    calm(form, words.stopped);
  });
  if (note) forThisTab.set(NOTE, note);
  location.assign(answer.address);
}

/* Tell whether words are dragged, which belong to the field that they are dropped on, or to nobody. */
function isText({ dataTransfer: { types }, target }) {
  if (types.includes("Files")) return false;
  if (target.closest?.("input, textarea")) return true;
  return types.includes("text/plain") && !types.includes("text/uri-list");
}

function listenForDrops(form) {
  let isOurs = false;
  const settle = () => document.body.classList.remove("dropping");
  document.addEventListener("dragstart", () => { isOurs = true; });
  document.addEventListener("dragend", () => { isOurs = false; });
  document.addEventListener("dragover", (event) => {
    if (isOurs || isText(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) settle();
  });
  document.addEventListener("drop", (event) => {
    settle();
    if (isOurs || isText(event)) return;
    event.preventDefault();
    send(form, [...event.dataTransfer.files], event.target.closest?.("[data-add]"));
  });
}

export function listenForPictures(form) {
  let isAdded = false;
  const inputs = form.querySelectorAll("input[type=file]");
  const [chooser] = inputs;
  for (const input of inputs) {
    input.addEventListener("change", () => {
      if (input.files.length) send(form, [...input.files], isAdded);
      isAdded = false;
    });
    input.addEventListener("cancel", () => { isAdded = false; });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isAdding = event.submitter?.matches("[data-add]");
    if (form.elements.address?.value) return send(form, null, isAdding);
    isAdded = isAdding;
    chooser.click();
  });
  form.querySelector("[data-cancel]").addEventListener("click", () => underWay.abort());
  listenForDrops(form);
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) send(form, [...event.clipboardData.files], false);
  });
  // Coming back by the browser's history shows the form as it was first.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    underWay = new AbortController();
    calm(form);
  });
  const note = forThisTab.get(NOTE);
  forThisTab.forget(NOTE);
  if (note) say(form, note, true);
}
