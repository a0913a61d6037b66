/* Every sentence that scripts say: the page carries them, in its language, and here they are filled. */

const said = JSON.parse(document.getElementById("words").textContent);
const { lang } = document.documentElement;
const kinds = new Intl.PluralRules(lang);

/* Return a sentence with its values; of those about a number, the one for `count`. */
function say(name, values = {}) {
  const sentence = said[name];
  const form = typeof sentence === "string" ? sentence : sentence[kinds.select(values.count)] ?? sentence.other;
  return form.replace(/%\((\w+)\)s/g, (_, key) => values[key]);
}

const megabytes = (bytes) => (bytes / 2 ** 20).toLocaleString(lang, { maximumFractionDigits: 1 });
const listed = (files) => files.map((file) => file.name).join(", ");

export const words = {
  ...said,
  sending: (count) => say("sending", { count }),
  looking: (count) => (count ? say("looking", { count }) : said.fetching),
  refused: (status) => say("refused", { status }),
  tooLarge: (most, bytes, count) => say("tooLarge", { count, most: megabytes(most), size: megabytes(bytes) }),
  full: (count) => say("full", { count }),
  tooMany: (count, files) => say("tooMany", { count, names: listed(files) }),
  noPictures: (files) => say("noPictures", { count: files.length, names: listed(files) }),
  part: (box) => {
    const [left, top, right, bottom] = box.map(Math.round);
    return say("part", { left, top, right, bottom });
  },
  face: (at, of) => (of === 1 ? said.theFace : say("face", { number: at + 1 })),
  faces: (count) => say("faces", { count }),
  answered: (status) => say("answered", { status }),
  notKept: (why) => say("notKept", { why }),
  people: (count) => say("people", { count }),
  judged: (name, { score, relevant }) => say(`${score ? "score" : ""}${relevant}` || "back", { name, score }),
  tried: (status, time, kind) => say("tried", { status, time, kind }),
  untried: (why) => say("untried", { why }),
};
