/* What scripts add to pages that work without them: drop, paste, preview, and switches that apply at once. */

"use strict";

document.documentElement.classList.add("js");

/* Show a sentence under the form; screen readers hear it. */
function say(form, sentence, isProblem = false) {
  const status = form.querySelector("[role=status]");
  status.textContent = sentence;
  status.classList.toggle("problem", isProblem);
}

function megabytes(bytes) {
  return (bytes / 2 ** 20).toLocaleString("en", { maximumFractionDigits: 1 });
}

/* Send the chosen picture at once, and show that it is under way. */
function send(form) {
  const file = form.elements.image.files[0];
  if (!file) return;
  const most = Number(form.dataset.mostBytes);
  if (file.size > most) {
    say(form, `A picture may have at most ${megabytes(most)} MB; this one has ${megabytes(file.size)}.`, true);
    form.elements.image.value = "";
    return;
  }
  const preview = form.querySelector(".preview");
  // A format that the browser cannot show is still sent: the server may know it.
  preview.onload = () => { preview.hidden = false; };
  preview.src = URL.createObjectURL(file);
  form.setAttribute("aria-busy", "true");
  say(form, "Looking for its like…");
  form.requestSubmit();
}

/* Take the first picture out of what was dropped or pasted. */
function take(form, transfer) {
  const file = [...transfer.files].find((one) => one.type.startsWith("image/")) || transfer.files[0];
  if (!file) {
    say(form, "There is no picture in that. Save it as a file first, or copy the picture itself.", true);
    return;
  }
  const files = new DataTransfer();
  files.items.add(file);
  form.elements.image.files = files.files;
  send(form);
}

function listenForPictures(form) {
  let isOurs = false;
  form.elements.image.addEventListener("change", () => send(form));
  document.addEventListener("dragstart", () => { isOurs = true; });
  document.addEventListener("dragend", () => { isOurs = false; });
  document.addEventListener("dragover", (event) => {
    if (isOurs) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    if (isOurs) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    take(form, event.dataTransfer);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take(form, event.clipboardData);
  });
}

/* Apply a switch at once, and give it the focus back on the page that answers. */
function listenForSwitches(form) {
  form.addEventListener("change", (event) => {
    sessionStorage.setItem("switched", event.target.id);
    form.requestSubmit();
  });
  const switched = sessionStorage.getItem("switched");
  sessionStorage.removeItem("switched");
  if (switched) document.getElementById(switched)?.focus({ preventScroll: true });
}

document.addEventListener("DOMContentLoaded", () => {
  const upload = document.querySelector("form[data-upload]");
  const switches = document.querySelector("form[data-switches]");
  if (upload) listenForPictures(upload);
  if (switches) listenForSwitches(switches);
});

/* Coming back by the browser's history shows the form as it was first. */
window.addEventListener("pageshow", (event) => {
  const form = document.querySelector("form[data-upload]");
  if (!event.persisted || !form) return;
  form.reset();
  form.removeAttribute("aria-busy");
  form.querySelector(".preview").hidden = true;
  say(form, "");
});
