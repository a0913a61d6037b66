/* What the browser keeps for these pages; where people forbid that, nothing is kept. */

function tried(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

/* Return how to keep words under names, in one of the browser's stores. */
const keeper = (store) => ({
  get: (name) => tried(() => window[store].getItem(name)),
  set: (name, value) => tried(() => window[store].setItem(name, value)),
  forget: (name) => tried(() => window[store].removeItem(name)),
});

export const always = keeper("localStorage");
export const forThisTab = keeper("sessionStorage");
