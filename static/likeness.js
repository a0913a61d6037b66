/* What scripts add to pages that work without them. */

import { copyLink } from "./copying.js";
import { offerParts } from "./crop.js";
import { offerFaces } from "./faces.js";
import { listenForKeys } from "./keys.js";
import { listenForLifting } from "./lifting.js";
import { listenForSwitches, returnToSwitch } from "./switches.js";
import { listenForPictures } from "./upload.js";

const upload = document.querySelector("form[data-upload]");
const switches = document.querySelector("form[data-switches]");
const query = document.querySelector(".query");

if (upload) listenForPictures(upload);
if (switches) listenForSwitches(switches);
for (const figure of document.querySelectorAll(".query-picture")) {
  offerParts(figure, switches);
  offerFaces(figure);
}
if (query) listenForLifting(query);
document.querySelector("[data-copy]")?.addEventListener("click", copyLink);
listenForKeys();
returnToSwitch();
