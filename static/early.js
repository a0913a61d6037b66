/* Tells the styles, before anything is painted, that scripts run; and where they fail, that they do not. */

"use strict";

const ours = document.currentScript.src.replace(/[^/]*$/, "");

/* Take the word back where a script of ours did not come, or broke; others may be a browser's extensions'. */
function giveUp({ target, filename = target.src }) {
  if (filename?.startsWith(ours)) document.documentElement.classList.remove("js");
}

if ("noModule" in HTMLScriptElement.prototype) {
  document.documentElement.classList.add("js");
  // A page has loaded once its modules ran: what fails later leaves it as it is.
  addEventListener("error", giveUp, true);
  addEventListener("load", () => removeEventListener("error", giveUp, true));
}
