/* Keeps a reply while it is written, and counts an undo down. Without this file one presses "Save draft". */
const PAUSE = 2000;
const RETRY = 5000;

function keep(form) {
  const status = form.querySelector("[data-draft-status]");
  const text = () => new URLSearchParams(new FormData(form)).toString();
  let stored = text();
  let isSaving = false;
  let isOver = false;
  let timer = 0;

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };
  const stop = (words) => {
    isOver = true;
    status.textContent = words;
  };

  async function save() {
    clearTimeout(timer);
    const now = text();
    if (isOver || now === stored) return;
    if (isSaving) return later(PAUSE);
    isSaving = true;
    try {
      await took(await send(now), now);
    } catch {
      status.textContent = status.dataset.failed;
      later(RETRY);
    }
    isSaving = false;
  }

  const send = (now) =>
    fetch(form.dataset.draft, {
      method: "POST",
      body: new URLSearchParams(now),
      headers: { Accept: "application/json" },
      keepalive: now.length < 60000,
      redirect: "manual",
    });

  async function took(answer, now) {
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      return stop(status.dataset.out);
    }
    if (answer.status >= 500) throw new Error("the server is busy");
    const said = await answer.json();
    if (!answer.ok) {
      const why = said.detail ?? Object.values(said.errors ?? {}).flat().join(" ");
      const words = `${status.dataset.refused} ${why}`;
      // Overtaken: only a person can say which text stands. Else the next change may mend it.
      return answer.status === 409 ? stop(words) : (status.textContent = words);
    }
    form.elements.draft.value = said.version;
    // The version is part of the form: what is stored is the same words with the new one.
    stored = new URLSearchParams(now).toString();
    const fields = new URLSearchParams(stored);
    fields.set("draft", said.version);
    stored = fields.toString();
    status.textContent = said.said;
    if (text() !== stored) later(PAUSE);
  }

  form.addEventListener("input", () => later(PAUSE));
  form.addEventListener("change", () => later(PAUSE));
  form.addEventListener("submit", () => {
    isOver = true;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
  addEventListener("pagehide", save);
  // Back from the page that was sent to: writing goes on.
  addEventListener("pageshow", (event) => event.persisted && (isOver = false));
}

for (const form of document.querySelectorAll("form[data-draft]")) keep(form);

/* Enter in a field that has a button of its own presses that. */
document.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && document.getElementById(event.target.dataset?.enter ?? "");
  if (!button) return;
  event.preventDefault();
  button.click();
});

for (const note of document.querySelectorAll("[data-undo]")) {
  setTimeout(
    () => {
      note.querySelector("form").remove();
      note.querySelector("[data-waits]").remove();
      note.querySelector("[data-over]").hidden = false;
    },
    Number(note.dataset.undo) * 1000,
  );
}
