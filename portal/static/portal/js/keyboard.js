/* Single keys of the desk (WCAG 2.1.4: off by any [data-keys] switch, ignored while typing, never the only way).
   Rows: [data-row] with a link [data-open] and addresses in data-on-<key>. Other keys: any link or button with data-key="r". */
const STORE = "fascicle.keys";
const isOn = () => localStorage.getItem(STORE) !== "off";
const switches = () => document.querySelectorAll("[data-keys]");
const showSwitches = () => switches().forEach((box) => (box.checked = isOn()));
showSwitches();
document.addEventListener("htmx:afterSettle", showSwitches);
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys]")) return;
  localStorage.setItem(STORE, event.target.checked ? "on" : "off");
  showSwitches();
});

const isTyping = (element) =>
  element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
  (element.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(element.type));
const rows = () => [...document.querySelectorAll("[data-row]")];
const selected = () => document.querySelector("[data-row].is-selected");
let going = 0; // when G was pressed

/** Make this row the one that keys mean. */
function select(row) {
  for (const other of rows()) other.classList.toggle("is-selected", other === row);
  row.dispatchEvent(new CustomEvent("fascicle:selected", { bubbles: true }));
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const from = all.indexOf(selected());
  const row = all[Math.max(0, Math.min(all.length - 1, from + step))];
  select(row);
  (row.querySelector("[data-open]") ?? row.querySelector("a")).focus();
}

/* A row reached by Tab, or clicked, is the one that keys mean. */
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (row && row !== selected()) select(row);
});

function press(key) {
  const row = selected();
  const address = row?.getAttribute(`data-on-${key}`);
  if (address) return location.assign(address);
  const target = row?.querySelector(`[data-key="${key}"]`) ?? document.querySelector(`[data-key="${key}"]`);
  target?.click();
}

function act(key) {
  if (Date.now() - going < 1500) {
    going = 0;
    return document.querySelector(`[data-go="${key}"]`)?.click();
  }
  if (key === "g") going = Date.now();
  else if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "/") document.querySelector("[data-search]")?.focus();
  else if (key === "?") document.getElementById("fc-shortcuts")?.togglePopover?.();
  else if (/^[a-z[\]]$/.test(key)) press(key);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") {
    event.target.closest?.("form")?.requestSubmit();
    return;
  }
  if (!isOn() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  // What is pressed may move the focus into a field: the key itself is not typed there. Enter opens what has the focus.
  if (/^[a-z/?[\]]$/i.test(event.key)) event.preventDefault();
  act(event.key.toLowerCase());
});
