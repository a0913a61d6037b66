/* Sends pictures, tells how far they are, and can be stopped. */

import { words } from "./words.js";

/*
 * Send a form's fields with some pictures. Calls `progress` with the share that was sent.
 * Resolves to the `address` of the answer, or to the `problem` in words; stopped by `signal`.
 */
export function sent(form, address, pictures, progress, signal) {
  const body = new FormData(form);
  body.delete("image");
  for (const picture of pictures) body.append("image", picture, picture.name);
  return new Promise((resolve) => {
    // Only this old way of asking tells how much has been sent.
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.upload.onload = () => progress(1);
    request.onload = () => resolve(answered(request));
    request.onerror = () => resolve({ problem: words.lost });
    request.onabort = () => resolve({ problem: words.cancelled });
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function answered(request) {
  const { response, status } = request;
  if (response?.address) return { address: response.address };
  return { problem: response?.error?.message || words.refused(status) };
}
