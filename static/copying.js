/* Copies the address of the link that a button names; where that is forbidden, shows it. */

import { words } from "./words.js";

export async function copyLink({ currentTarget: button }) {
  const { href } = document.getElementById(button.dataset.copy);
  const status = button.nextElementSibling;
  status.textContent = "";
  // Pages that do not come by HTTPS have no clipboard.
  const isCopied = await navigator.clipboard?.writeText(href).then(() => true, () => false);
  status.textContent = isCopied || isCopiedByHand(href) ? words.copied : href;
}

function isCopiedByHand(text) {
  const give = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", give);
  try {
    return document.execCommand("copy");
  } finally {
    document.removeEventListener("copy", give);
  }
}
