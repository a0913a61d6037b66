/* Judging without leaving the page: by the controls of a hit, or by keys while it has the focus. */

import { claimKeys } from "./keys.js";
import { words } from "./words.js";

const bar = document.querySelector("[data-judging]");
const status = bar.querySelector("[role=status]");
const again = bar.querySelector("[data-again]");
const kept = new WeakMap();
const last = new WeakMap();
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

async function send(form, opinion) {
  const body = new URLSearchParams({
    csrf_token: form.elements.csrf_token.value, ticket: form.elements.ticket.value, ...opinion,
  });
  const headers = { Accept: "application/json" };
  const response = await fetch(form.action, { method: "POST", body, headers });
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer) throw new Error(answer?.error?.message || words.answered(response.status));
  kept.set(form, opinion);
  form.querySelector("[data-people]").textContent = answer.people ? words.people(answer.people) : "";
  again.hidden = !answer.again;
  again.href = answer.again ?? "";
  say(words.judged(form.dataset.judge, opinion));
}

/* Send what the controls say, one after another: the last that was said is kept. */
function keep(form) {
  const opinion = said(form);
  const isLast = () => last.get(form) === opinion;
  last.set(form, opinion);
  show(form, opinion);
  form.setAttribute("aria-busy", "true");
  queue = queue.then(() => send(form, opinion)).catch((error) => {
    // What was said since says all of it again.
    if (!isLast()) return;
    show(form, kept.get(form));
    say(words.notKept(error instanceof TypeError ? words.unanswered : error.message), true);
  }).finally(() => {
    if (isLast()) form.removeAttribute("aria-busy");
  });
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

claimKeys((key, target) => {
  const form = target.closest?.(".card-hit")?.querySelector("form[data-judge]");
  const opinion = form && meant(key);
  return opinion && (() => judge(form, opinion));
});
