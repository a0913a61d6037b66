/* Judging without leaving the page: by the controls of a hit, or by keys while it has the focus. */

import { keysAreOff } from "./keys.js";

const bar = document.querySelector("[data-judging]");
const status = bar.querySelector("[role=status]");
const again = bar.querySelector("[data-again]");
const kept = new WeakMap();
let queue = Promise.resolve();

function said(form) {
  return { score: form.elements.score.value, relevant: form.elements.relevant.value };
}

function show(form, { score, relevant }) {
  form.elements.score.value = score;
  form.elements.relevant.forEach((choice) => { choice.checked = choice.value === relevant; });
  form.elements.take_back.hidden = !score && !relevant;
}

function say(sentence, isProblem = false) {
  status.textContent = sentence;
  status.classList.toggle("problem", isProblem);
}

function sentence(form, { score, relevant }) {
  const words = [score && `${score} of 10`, { yes: "relevant", no: "not relevant" }[relevant]];
  return `${form.dataset.judge}: ${words.filter(Boolean).join(", ") || "taken back"}`;
}

async function send(form, opinion) {
  const body = new URLSearchParams({
    csrf_token: form.elements.csrf_token.value, ticket: form.elements.ticket.value, ...opinion,
  });
  const headers = { Accept: "application/json" };
  const response = await fetch(form.action, { method: "POST", body, headers });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  kept.set(form, opinion);
  form.querySelector("[data-people]").textContent = answer.people ? `judged by ${answer.people}` : "";
  again.hidden = !answer.again;
  again.href = answer.again ?? "";
  say(sentence(form, opinion));
}

/* Send what the controls say, one after another: the last that was said is kept. */
function keep(form) {
  const opinion = said(form);
  show(form, opinion);
  form.setAttribute("aria-busy", "true");
  queue = queue.then(() => send(form, opinion)).catch((error) => {
    show(form, kept.get(form));
    say(`This was not kept. ${error instanceof TypeError ? "The server does not answer." : error.message}`, true);
  }).finally(() => form.removeAttribute("aria-busy"));
}

function judge(form, opinion) {
  show(form, { ...said(form), ...opinion });
  keep(form);
}

function meant(key) {
  if (/^[0-9]$/.test(key)) return { score: key === "0" ? "10" : key };
  return { r: { relevant: "yes" }, x: { relevant: "no" }, Backspace: { score: "", relevant: "" } }[key];
}

document.querySelectorAll("form[data-judge]").forEach((form) => {
  kept.set(form, said(form));
  form.addEventListener("change", () => keep(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    judge(form, event.submitter?.name === "take_back" ? meant("Backspace") : {});
    form.elements.score.focus();
  });
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || keysAreOff()) return;
  const form = event.target.closest?.(".card-hit")?.querySelector("form[data-judge]");
  const opinion = form && meant(event.key);
  if (!opinion) return;
  event.preventDefault();
  judge(form, opinion);
});
