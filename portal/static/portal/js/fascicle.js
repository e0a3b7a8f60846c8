/* Small comforts. Every page works without this file. */
const live = document.getElementById("fc-live");

/** Announce a sentence that the page carries, already translated, in a data attribute. */
function say(kind) {
  const note = document.createElement("p");
  note.className = "fc-note";
  note.textContent = live.dataset[kind];
  live.replaceChildren(note);
  setTimeout(() => live.replaceChildren(), 12000);
}

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  try {
    await navigator.clipboard.writeText(copy.dataset.copy || location.href);
    say("copied");
  } catch {
    copy.hidden = true; // the address bar still has it
  }
});

/* Menus made of <details> close on Escape and on a click elsewhere. */
const menus = () => document.querySelectorAll(".fc-account[open], .fc-menu[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

/* A form that came back with problems: start reading there. */
const focusProblems = (root) => root.querySelector?.("[data-focus]")?.focus();
focusProblems(document);
document.addEventListener("htmx:afterSettle", (event) => focusProblems(event.target));
document.addEventListener("htmx:responseError", () => say("failed"));
document.addEventListener("htmx:sendError", () => say("offline"));

/* The body figures repeat the checkbox list, which is the real control. */
for (const part of document.querySelectorAll("[data-region]")) {
  const box = document.querySelector(`input[type="checkbox"][value="${part.dataset.region}"]`);
  if (!box) continue;
  const paint = () => part.classList.toggle("fc-body__part--on", box.checked);
  part.addEventListener("click", () => box.click());
  box.addEventListener("change", paint);
  paint();
}

/* How many characters are left, politely: <p data-count-for="id" data-left="%s characters left">. */
for (const left of document.querySelectorAll("[data-count-for]")) {
  const field = document.getElementById(left.dataset.countFor);
  const show = () => (left.textContent = left.dataset.left.replace("%s", field.maxLength - field.value.length));
  field.addEventListener("input", show);
  show();
}
