/* Every sentence that scripts say, in one place. */

const count = (number) => (number === 1 ? "1 picture" : `${number} pictures`);
const megabytes = (bytes) => (bytes / 2 ** 20).toLocaleString("en", { maximumFractionDigits: 1 });
const listed = (files) => files.map((file) => file.name).join(", ");
const percent = (value) => Math.round(value);

export const words = {
  nothing: "There is no picture in that. Save it as a file first, or copy the picture itself.",
  sending: (number) => `Sending ${count(number)}…`,
  looking: (number) => (number === 1 ? "Looking for its like…" : "Looking for their like…"),
  cancelled: "Cancelled. Nothing was searched.",
  lost: "The upload did not arrive. Check the connection, and try again.",
  refused: (status) => `The server refused that (${status}). Try again, or try another picture.`,
  tooLarge: (most, bytes) =>
    `A picture may have at most ${megabytes(most)} MB; this one has ${megabytes(bytes)}.`,
  tooLargeTogether: (most, bytes) =>
    `An upload may have at most ${megabytes(most)} MB; these pictures have ${megabytes(bytes)} ` +
    "together. Send fewer, or smaller ones.",
  full: (most) => `This search has ${most} pictures already, and takes no more.`,
  tooMany: (most, files) =>
    `A search takes ${count(most)} at most, so these were left out: ${listed(files)}.`,
  noPictures: (files) =>
    files.length === 1
      ? `${listed(files)} is no picture.`
      : `These are no pictures: ${listed(files)}.`,

  box: "Part of the picture to search with. Arrow keys move it, with Shift they change its size. " +
    "Enter searches, Escape takes the whole picture.",
  boxKind: "part of a picture",
  part: ([left, top, right, bottom]) =>
    `From ${percent(left)} to ${percent(right)} percent across, ` +
    `${percent(top)} to ${percent(bottom)} percent down`,
  wholePicture: "The whole picture",
  face: (at, of) => (of === 1 ? "The face" : `Face ${at + 1}`),
  faces: (number) => (number === 1 ? "A face was found." : `${number} faces were found.`),

  useKeys: "Use these keys",
};
