/* Tells people who hear a page what has changed on it. */

const STATUS = document.createElement("p");
STATUS.className = "visually-hidden";
STATUS.setAttribute("role", "status");

/* Let screen readers say a sentence; the last one said counts. */
export function announce(sentence) {
  // A region must be on the page before it changes, else nobody hears the change.
  if (!STATUS.isConnected) document.body.append(STATUS);
  STATUS.textContent = "";
  setTimeout(() => { STATUS.textContent = sentence; }, 100);
}
