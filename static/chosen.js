/* Which of the files that people bring are sent, and why the others are not. */

import { words } from "./words.js";

const PICTURES = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif|hei[cf])$/i;

/* Tell whether a file may be a picture; what browsers do not know, the server may. */
function mayBePicture(file) {
  const unknown = !file.type || file.type === "application/octet-stream";
  return unknown || file.type.startsWith("image/") || PICTURES.test(file.name);
}

/*
 * Sort files out: `room` is for so many pictures of `most`, and all together may have `mostBytes`.
 * Returns the pictures to send, a `problem` where nothing can be, and a `note` on what is left out.
 */
export function sorted(files, { room, most, mostBytes }) {
  const pictures = files.filter(mayBePicture);
  const others = files.filter((file) => !mayBePicture(file));
  const notes = others.length ? [words.noPictures(others)] : [];
  if (!pictures.length) return { pictures, problem: notes[0] ?? words.nothing };
  if (room < 1) return { pictures: [], problem: words.full(most) };
  if (pictures.length > room) notes.push(words.tooMany(most, pictures.slice(room)));
  const taken = pictures.slice(0, room);
  const bytes = taken.reduce((sum, file) => sum + file.size, 0);
  if (bytes > mostBytes) {
    return { pictures: [], problem: [words.tooLarge(mostBytes, bytes, taken.length), ...notes].join(" ") };
  }
  return { pictures: taken, note: notes.join(" ") };
}
