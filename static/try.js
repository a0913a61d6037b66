/* Sends the forms of the page for programs, and shows what comes back: status, time and content. */

import { words } from "./words.js";

/* Return the address that a form stands for. */
function addressOf(form) {
  let path = form.dataset.path;
  const asked = new URLSearchParams();
  for (const field of form.querySelectorAll("[data-place]")) {
    if (field.dataset.place === "path") {
      path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    } else {
      const values = field.matches("textarea") ? field.value.split("\n") : [field.value];
      values.filter(Boolean).forEach((value) => asked.append(field.name, value));
    }
  }
  const query = asked.toString();
  return query ? `${path}?${query}` : path;
}

/* Return what is sent: chosen files, or the JSON that was typed. */
function bodyOf(form, headers) {
  const files = form.querySelector("[data-files]")?.files ?? [];
  const typed = form.querySelector("[data-json]");
  if (files.length) {
    const body = new FormData();
    for (const file of files) body.append("image", file);
    return body;
  }
  if (!typed) return undefined;
  headers.set("Content-Type", "application/json");
  return typed.value;
}

async function show(answer, output, milliseconds) {
  const kind = answer.headers.get("Content-Type") ?? "";
  const line = document.createElement("p");
  line.textContent = words.tried(`${answer.status} ${answer.statusText}`, Math.round(milliseconds), kind);
  output.append(line);
  if (kind.startsWith("image/jpeg")) {
    const picture = document.createElement("img");
    picture.alt = words.triedPicture;
    picture.src = URL.createObjectURL(await answer.blob());
    output.append(picture);
    return;
  }
  const text = await answer.text();
  const content = document.createElement("pre");
  content.tabIndex = 0;
  content.textContent = kind.startsWith("application/json") ? JSON.stringify(JSON.parse(text), null, 2) : text;
  output.append(content);
}

async function send(form) {
  const headers = new Headers({ Accept: form.dataset.accept });
  const key = document.getElementById("key")?.value;
  if (key) headers.set("Authorization", `Bearer ${key}`);
  const output = form.querySelector("output");
  output.replaceChildren();
  form.setAttribute("aria-busy", "true");
  const start = performance.now();
  try {
    const body = bodyOf(form, headers);
    const answer = await fetch(addressOf(form), { method: form.dataset.method, headers, body });
    await show(answer, output, performance.now() - start);
  } catch (error) {
    output.textContent = words.untried(error.message);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

for (const form of document.querySelectorAll("form[data-try]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
