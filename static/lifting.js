/* Adds a hit to the search where it is dragged onto the query. */

export function listenForLifting(query) {
  let plus = "";
  document.addEventListener("dragstart", (event) => {
    plus = event.target.closest?.(".card-hit")?.querySelector('[data-key="+"][title]')?.href || "";
    document.body.classList.toggle("lifting", Boolean(plus));
  });
  document.addEventListener("dragend", () => {
    plus = "";
    document.body.classList.remove("lifting");
  });
  query.addEventListener("dragover", (event) => {
    if (plus) event.preventDefault();
  });
  query.addEventListener("drop", (event) => {
    if (!plus) return;
    event.preventDefault();
    location.assign(plus);
  });
}
