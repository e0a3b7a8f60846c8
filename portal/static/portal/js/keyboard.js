/* Single keys on staff lists. Rows: [data-row] with a link. Off switch: #fc-keys (WCAG 2.1.4).
   Other keys: any link or button with data-key="r" in the selected row, the peek pane or the page. */
const STORE = "fascicle.keys";
const toggle = document.getElementById("fc-keys");
if (toggle) {
  toggle.checked = localStorage.getItem(STORE) !== "off";
  toggle.addEventListener("change", () => localStorage.setItem(STORE, toggle.checked ? "on" : "off"));
}

const isOn = () => localStorage.getItem(STORE) !== "off";
const isTyping = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
const rows = () => [...document.querySelectorAll("[data-row]")];
const selected = () => document.querySelector("[data-row].is-selected");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const from = all.indexOf(selected());
  const row = all[Math.max(0, Math.min(all.length - 1, from + step))];
  for (const other of all) other.classList.toggle("is-selected", other === row);
  (row.querySelector("[data-open]") ?? row.querySelector("a")).focus();
}

function press(key) {
  const scope = selected()?.querySelector(`[data-key="${key}"]`);
  const target = scope ?? document.querySelector(`[data-key="${key}"]`);
  target?.click();
  return Boolean(target);
}

function act(key) {
  if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "/") document.querySelector("[data-search]")?.focus();
  else if (key === "?") document.getElementById("fc-shortcuts")?.showPopover?.();
  else return /^[a-z[\]]$/.test(key) && press(key);
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") {
    event.target.closest?.("form")?.requestSubmit();
    return;
  }
  if (!isOn() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  // What was pressed may have moved the focus into a field: the key itself is not typed there.
  if (act(event.key.toLowerCase())) event.preventDefault();
});
