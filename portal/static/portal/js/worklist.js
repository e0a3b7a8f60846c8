/* The work list asks for itself anew while somebody looks at it, and keeps their place: the selected row, the focus,
   where the page stands. The pane beside it follows the selection once it is open. Without this file: “Refresh”. */
const EVERY = 20000;
const work = () => document.getElementById("work");
const pane = () => document.getElementById("peek");
const rowOf = (ref) => ref && document.querySelector(`[data-row="${CSS.escape(ref)}"]`);
const isBusy = () => {
  const at = document.activeElement;
  return at?.matches("#work :is(input, select)") || at?.closest("#rail") || !getSelection().isCollapsed;
};

setInterval(() => {
  if (!document.hidden && !isBusy()) htmx.trigger(work(), "fascicle:refresh");
}, EVERY);

let place = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== work()) return;
  const at = document.activeElement?.closest("[data-row]");
  place = { pane: pane(), selected: document.querySelector("[data-row].is-selected")?.dataset.row, focused: at?.dataset.row, y: scrollY };
});
document.addEventListener("htmx:afterSettle", () => {
  if (!place) return;
  pane()?.replaceWith(place.pane);
  rowOf(place.selected)?.classList.add("is-selected");
  rowOf(place.focused)?.querySelector("[data-open]")?.focus({ preventScroll: true });
  scrollTo({ top: place.y, behavior: "instant" });
  place = null;
});

/* The pane. On a narrow screen there is no room beside the list: the link leads to the page. */
const hasRoom = matchMedia("(min-width: 75em)");
document.addEventListener("htmx:confirm", (event) => {
  if (event.target.matches(".fc-peeks") && !hasRoom.matches) {
    event.preventDefault();
    location.assign(event.target.href);
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === pane()) pane().hidden = false;
});
let later;
document.addEventListener("fascicle:selected", (event) => {
  if (pane()?.hidden !== false) return;
  clearTimeout(later);
  later = setTimeout(() => event.target.querySelector(".fc-peeks")?.click(), 400);
});
