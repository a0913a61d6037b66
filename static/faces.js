/* Asks for the faces in a picture where they were not known yet, and offers them as parts. */

import { drawn, placed } from "./overlay.js";
import { announce } from "./say.js";
import { words } from "./words.js";

export async function offerFaces(figure) {
  const address = figure.dataset.faces;
  if (!address) return;
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return;
  const { faces } = await answer.json();
  if (!faces.length) return;
  const links = figure.querySelector(".faces");
  const boxes = figure.querySelector(".face-boxes");
  faces.forEach((face, at) => {
    const name = words.face(at, faces.length);
    const href = searchWith(`box${figure.dataset.number}`, face);
    const link = document.createElement("a");
    link.href = href;
    link.textContent = name;
    links.append(link, " ");
    const box = face.split(",").map((share) => 100 * share);
    boxes.append(drawn("a", { href, tabindex: -1 }, drawn("title", {}, name), drawn("rect", placed(box))));
  });
  links.hidden = false;
  announce(words.faces(faces.length));
}

/* Return the address of this search with another part of a picture. */
function searchWith(name, box) {
  const address = new URL(location.href);
  address.searchParams.set(name, box);
  address.searchParams.delete("page");
  return address.href;
}
